"""Can the product do its work? Answered from the database, where workers leave their heartbeats."""

from dataclasses import asdict, dataclass
from datetime import datetime

from carepath.accounts import answers
from carepath.accounts import service as accounts
from carepath.kit import db
from carepath.migrations import run as migrations
from carepath.worklists import heartbeats

_STALE_AFTER = 60
_INDEXED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Readiness:
    """Ages are in seconds of true time, None when never seen."""

    database: bool
    migrations_missing: int
    beat_age_seconds: float | None
    drain_age_seconds: float | None

    @property
    def is_ready(self) -> bool:
        """True when the database answers and is migrated: pages and bookings work."""
        return self.database and self.migrations_missing == 0

    @property
    def is_draining(self) -> bool:
        """True when messages leave: the last drain is recent."""
        return self.drain_age_seconds is not None and self.drain_age_seconds < _STALE_AFTER

    def as_dict(self) -> dict[str, object]:
        """For /readyz."""
        return {"ready": self.is_ready, "draining": self.is_draining, **asdict(self)}


async def readiness(wall: datetime) -> Readiness:
    """Look at the database; one that is away is an answer, not an error."""
    try:
        missing = len(await migrations.missing())
        ages = await heartbeats.ages(wall) if missing == 0 else {}
    except db.UNREACHABLE:
        return Readiness(False, 0, None, None)
    return Readiness(True, missing, ages.get("beat"), ages.get("drain"))


async def heartbeat(name: str, wall: datetime) -> None:
    """A worker was here."""
    await heartbeats.beat(name, wall)


async def forget(now: datetime) -> None:
    """What has been kept long enough."""
    await answers.forget(now)


async def index_people() -> int:
    """Patients from before there was an index of persons get theirs; how many in this round."""
    return await accounts.index_people(_INDEXED_AT_ONCE)
