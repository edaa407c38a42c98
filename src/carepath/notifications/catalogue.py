"""config/messages.toml: read, checked, and kept for the process."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

from carepath.kit import config
from carepath.kit.errors import ConfigProblem
from carepath.notifications.rules.timing import QuietHours

FILE = "messages.toml"
_MOST_HOURS, _MOST_AHEAD = 60 * 24, 72
_SEVEN = time(7)


@dataclass(frozen=True, slots=True)
class Times:
    """What a clinic sets about the times of messages. `nudges` are so long after the last answer of an application
    that is not sent; what to have ready for a visit by video is said `checklist` before it, None is never. At
    `digest_at` of their own clock staff are told what waits for them."""

    quiet: QuietHours
    nudges: tuple[timedelta, ...] = ()
    checklist: timedelta | None = None
    digest_at: time = _SEVEN


@dataclass(frozen=True, slots=True)
class _File:
    quiet_from: time
    quiet_until: time
    nudge_after_hours: list[int] = field(default_factory=lambda: [24, 96])
    checklist_before_hours: int = 3
    digest_at: time = _SEVEN


class _Kept:
    times: Times | None = None


def load(config_dir: Path) -> Times:
    """Read and check. ConfigProblem names file, key and reason."""
    found = config.load(config_dir / FILE, _File)
    clocks = {"quiet_from": found.quiet_from, "quiet_until": found.quiet_until, "digest_at": found.digest_at}
    for key, at in clocks.items():
        if at.tzinfo is not None:
            raise ConfigProblem(FILE, key, "a time of the recipient's clock has no zone")
    hours = found.nudge_after_hours
    if hours != sorted(set(hours)) or not all(0 < one <= _MOST_HOURS for one in hours):
        raise ConfigProblem(FILE, "nudge_after_hours", f"numbers of hours that rise, from 1 to {_MOST_HOURS}")
    if not 0 <= found.checklist_before_hours <= _MOST_AHEAD:
        raise ConfigProblem(FILE, "checklist_before_hours", f"a number of hours from 0 to {_MOST_AHEAD}")
    return Times(
        QuietHours(found.quiet_from, found.quiet_until), tuple(timedelta(hours=one) for one in hours),
        timedelta(hours=found.checklist_before_hours) or None, found.digest_at,
    )  # fmt: skip


def configure(times: Times) -> None:
    """Make these the times of this process. Called once at start, and by tests."""
    _Kept.times = times


def times() -> Times:
    """Those of this process."""
    if _Kept.times is None:
        raise RuntimeError("notifications.catalogue.configure was not called")
    return _Kept.times
