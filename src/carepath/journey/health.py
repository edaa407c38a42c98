"""Can the product do its work? Answered from the database, where workers leave their heartbeats."""

from dataclasses import asdict, dataclass
from datetime import datetime

from carepath.worklists import health as queries

_STALE_AFTER = 60


@dataclass(frozen=True, slots=True)
class Readiness:
    """Ages are in seconds, None when never seen. A silent worker makes the product unready: reminders wait."""

    database: bool
    migrations_missing: int
    beat_age_seconds: float | None
    drain_age_seconds: float | None

    @property
    def is_ready(self) -> bool:
        """True when the database answers and is migrated. Workers are reported, and alarmed on, separately."""
        return self.database and self.migrations_missing == 0

    @property
    def is_draining(self) -> bool:
        """True when messages leave: the last drain is recent."""
        return self.drain_age_seconds is not None and self.drain_age_seconds < _STALE_AFTER

    def as_dict(self) -> dict[str, object]:
        """For /readyz."""
        return {"ready": self.is_ready, "draining": self.is_draining, **asdict(self)}
