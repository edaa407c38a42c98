"""Every reading of time. In development the clock can be moved, for web, worker and beat together.

The offset lives in a small file in the data directory, so that all processes see it at their next
reading; the file is looked at only where `follow` was called, which production never does.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from carepath.kit.errors import Refused


class _Travel:
    """The file that holds the offset, and what it said when last read."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.stamp: tuple[int, int] | None = None
        self.offset = timedelta()


_travel = _Travel()


def wall() -> datetime:
    """True time, aware, UTC. Only for leases, heartbeats and one-time codes, which devices share."""
    return datetime.now(UTC)


def now() -> datetime:
    """The product's time, aware, UTC: true time plus whatever development travelled."""
    return wall() + offset()


def follow(data_dir: Path) -> None:
    """Obey the travel file of `data_dir` from now on. Called in development only."""
    _travel.path, _travel.stamp, _travel.offset = data_dir / "clock.json", None, timedelta()


def offset() -> timedelta:
    """How far the clock has travelled."""
    if _travel.path is None:
        return timedelta()
    try:
        info = os.stat(_travel.path)
    except FileNotFoundError:
        _travel.stamp, _travel.offset = None, timedelta()
        return _travel.offset
    stamp = (info.st_mtime_ns, info.st_ino)
    if stamp != _travel.stamp:
        _travel.offset = timedelta(seconds=json.loads(_travel.path.read_text())["offset_seconds"])
        _travel.stamp = stamp
    return _travel.offset


def travel(by: timedelta) -> timedelta:
    """Move the clock by `by` and answer the whole offset. Refused where no travel file is followed."""
    return _write(offset() + by)


def reset() -> timedelta:
    """Return to true time."""
    return _write(timedelta())


def _write(total: timedelta) -> timedelta:
    if _travel.path is None:
        raise Refused("Time travel exists in development only.")
    if abs(total) > timedelta(days=3660):
        raise Refused("The clock travels at most ten years.")
    fresh = _travel.path.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_text(json.dumps({"offset_seconds": total.total_seconds()}))
    fresh.replace(_travel.path)
    return total
