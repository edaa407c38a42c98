"""The nights on which a zone's clocks are changed, so that people can be told what happens to hours in them."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from carepath.scheduling.rules import days

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class ClockChange:
    """On `on` the wall clock skips the minutes after midnight from `begins` to `ends` (`gap`), or shows them twice."""

    on: date
    kind: str
    begins: int
    ends: int


def clock_changes(zone: str, first_on: date, last_on: date) -> list[ClockChange]:
    """All of them between two dates, in order. Where wall clock and time part, a clock was changed."""
    found = []
    eve = first_on - timedelta(days=1)  # a date can begin with a skipped hour, which only the one before it shows
    nights = [eve + timedelta(days=n) for n in range((last_on - eve).days + 2)]
    pieces = [
        ((on - eve).days * _DAY + wall_from, (on - eve).days * _DAY + wall_to, instant)
        for on in nights
        for wall_from, wall_to, instant in days.segments(zone, on)
    ]
    for (begin, end, instant), (next_begin, _next_end, next_instant) in pairwise(pieces):
        passed = next_instant - instant - (end - begin)
        if next_begin > end:
            found.append(_change(eve, "gap", end, next_begin))
        elif passed:
            found.append(_change(eve, "fold", end - passed, end))
    return [one for one in found if first_on <= one.on <= last_on]


def _change(eve: date, kind: str, begins: int, ends: int) -> ClockChange:
    """Counted from the midnight of the date on which it begins."""
    day = begins // _DAY
    return ClockChange(eve + timedelta(days=day), kind, begins - day * _DAY, ends - day * _DAY)
