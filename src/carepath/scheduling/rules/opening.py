"""From a written week to the minutes in which somebody is open."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from carepath.scheduling.rules import days
from carepath.scheduling.rules.frames import Frame
from carepath.scheduling.rules.model import DayChange, Pattern
from carepath.scheduling.rules.ranges import Range, merge, subtract

_DAY = 24 * 60
NOBODY_OFF: frozenset[date] = frozenset()


def closed(pattern: Pattern, minutes: Range, holidays: frozenset[date] | None = None) -> bool:
    """Whether a change of these dates, or with `holidays` one of them, closes any of the minutes: whatever the week
    says, and whether the clock shows a minute for the first time or again. Extra hours win here, too."""
    zone = ZoneInfo(pattern.zone)
    for minute in range(*minutes):
        at = datetime.fromtimestamp(minute * 60, zone)
        on, wall = at.date(), at.hour * 60 + at.minute
        changes = [c for c in pattern.changes if c.first_on <= on <= c.last_on]
        if any(c.kind == "extra" and (c.opens or 0) <= wall < (c.closes or _DAY) for c in changes):
            continue
        holes = (hole for change in changes for hole in _holes(change))
        if on in holidays if holidays is not None else any(begin <= wall < end for begin, end in holes):
            return True
    return False


def ranges(
    pattern: Pattern, window: Range, holidays: frozenset[date] = NOBODY_OFF, obey_days_off: bool = True
) -> list[Range]:
    """The minutes in which the practitioner is open, for every local date that the window touches.

    On a holiday only extra hours count. Without `obey_days_off` the week and its breaks are all there is, with
    extra hours.
    """
    found: list[Range] = []
    for on in days.dates(pattern.zone, *window):
        found.extend(days.instants(pattern.zone, on, walls(pattern, on, on in holidays, obey_days_off)))
    return merge(found)


def walls(pattern: Pattern, on: date, is_holiday: bool, obey_days_off: bool = True) -> list[Range]:
    """When the practitioner is open on a date, in minutes after local midnight as the wall clock counts them."""
    here = [
        h
        for h in pattern.hours
        if h.weekday == on.weekday() and h.valid_from <= on and (h.valid_until is None or on <= h.valid_until)
    ]
    changes = [c for c in pattern.changes if c.first_on <= on <= c.last_on]
    weekly = [] if is_holiday else [(h.opens, h.closes) for h in here if not h.is_break]
    holes = [(h.opens, h.closes) for h in here if h.is_break]
    if obey_days_off:
        holes.extend(hole for change in changes for hole in _holes(change))
    extra = [(c.opens or 0, c.closes or _DAY) for c in changes if c.kind == "extra"]
    # Extra hours win over everything: whoever wrote them for these dates knew the rest.
    return merge([*subtract(weekly, holes), *extra]) if holes or extra else weekly


def _holes(change: DayChange) -> Iterator[Range]:
    if change.kind == "off":
        yield (change.opens or 0, change.closes or _DAY)
    elif change.kind == "shortened":
        yield (0, change.opens or 0)
        yield (change.closes or _DAY, _DAY)


def mask(frame: Frame, pattern: Pattern, minutes: int, holidays: frozenset[date], obey_days_off: bool = True) -> int:
    """The starts from which a visit of that length lies wholly in open time.

    Kept for whole windows: a week is asked for a thousand times before it changes. For a single minute, what is kept
    are the days around it: every booking asks for them, by several rules.
    """
    if frame.count > 1:
        return _kept(frame, pattern, minutes, holidays, obey_days_off)
    last = (frame.first + minutes) // _DAY
    return frame.fits(_days(pattern, frame.first // _DAY, last, holidays, obey_days_off), minutes)


@lru_cache(maxsize=32768)
def _days(pattern: Pattern, first: int, last: int, holidays: frozenset[date], obey_days_off: bool) -> tuple[Range, ...]:
    """The open minutes of the days `first` to `last` (of UTC, counted since 1970)."""
    return tuple(ranges(pattern, (first * _DAY, (last + 1) * _DAY), holidays, obey_days_off))


def _found(frame: Frame, pattern: Pattern, minutes: int, holidays: frozenset[date], obey_days_off: bool) -> int:
    window = (frame.first, frame.past + minutes)
    return frame.fits(ranges(pattern, window, holidays, obey_days_off), minutes)


_kept = lru_cache(maxsize=16384)(_found)
