"""Local dates to instants, by the zone's own rules for that date. Nobody adds an offset.

One law covers both clock changes: a minute belongs to a date's wall clock if the clock shows it, the
first time it shows it. A skipped hour is never open, and a repeated hour is open once, so that no
wall time can be promised twice.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from carepath.scheduling.rules.ranges import Range, minute_of

_DAY = 24 * 60
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=8192)
def segments(zone_name: str, on: date) -> tuple[tuple[int, int, int], ...]:
    """Pieces of the date in which wall clock and time run together: (wall from, wall to, instant of from).

    An ordinary day has one piece, a day with a clock change two, a date that a zone skipped none.
    """
    zone = ZoneInfo(zone_name)
    midnight = datetime.combine(on, time(), UTC)
    early = (midnight - timedelta(hours=15)).astimezone(zone).utcoffset() or timedelta()
    late = (midnight + timedelta(hours=37)).astimezone(zone).utcoffset() or timedelta()
    if early == late:
        return ((0, _DAY, minute_of(midnight - early)),)
    first = minute_of(midnight - max(early, late))
    past = minute_of(midnight - min(early, late)) + _DAY
    return tuple(_pieces(zone, on, range(first, past)))


def _pieces(zone: ZoneInfo, on: date, minutes: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    piece: tuple[int, int, int] | None = None
    for minute in minutes:
        local = datetime.fromtimestamp(minute * 60, zone)
        if local.date() != on or local.fold:
            continue
        wall = local.hour * 60 + local.minute
        if piece is not None and wall == piece[1] and minute == piece[2] + wall - piece[0]:
            piece = (piece[0], wall + 1, piece[2])
            continue
        if piece is not None:
            yield piece
        piece = (wall, wall + 1, minute)
    if piece is not None:
        yield piece


def dates(zone_name: str, first: int, past: int) -> Iterator[date]:
    """The local dates that the minutes `first` to `past` touch."""
    zone = ZoneInfo(zone_name)
    on = datetime.fromtimestamp(first * 60, zone).date()
    last = datetime.fromtimestamp((max(past, first + 1) - 1) * 60, zone).date()
    while on <= last:
        yield on
        on += timedelta(days=1)


def may_touch(dates: frozenset[date], first: int, past: int) -> bool:
    """False if the minutes `first` to `past` lie in none of the dates, whatever the zone: local dates differ from
    UTC's by one at most. Cheap, and right whenever it says no."""
    return _around(dates, first // _DAY, past // _DAY)


@lru_cache(maxsize=8192)
def _around(dates: frozenset[date], first: int, last: int) -> bool:
    return any(date.fromordinal(_EPOCH + day) in dates for day in range(first - 1, last + 2))


def first_of(zone_name: str, minute: int, days: int) -> date:
    """The local date of that minute, or (for 7 days) the Monday of its week."""
    on = datetime.fromtimestamp(minute * 60, ZoneInfo(zone_name)).date()
    return on if days == 1 else on - timedelta(days=on.weekday())


def instants(zone_name: str, on: date, walls: Iterable[Range]) -> Iterator[Range]:
    """The minutes since 1970 in which the date's wall clock is within `walls`."""
    pieces = segments(zone_name, on)
    for opens, closes in walls:
        for wall_from, wall_to, instant in pieces:
            first, past = max(opens, wall_from), min(closes, wall_to)
            if first < past:
                yield (instant + first - wall_from, instant + past - wall_from)


def day_range(zone_name: str, first_on: date, last_on: date) -> Range:
    """All the minutes from the beginning of one date to the end of another."""
    zone = ZoneInfo(zone_name)
    begin = datetime.combine(first_on, time(), zone).astimezone(UTC)
    end = datetime.combine(last_on + timedelta(days=1), time(), zone).astimezone(UTC)
    return minute_of(begin), minute_of(end)


def is_on_grid(zone_name: str, minute: int, step: int) -> bool:
    """Whether the wall clock shows a multiple of `step` at that minute, for the first time: `wall_grid` for one."""
    ahead = _ahead(zone_name, minute // _DAY)
    if ahead is not None:
        return (minute + ahead) % _DAY % step == 0
    on = datetime.fromtimestamp(minute * 60, ZoneInfo(zone_name)).date()
    for wall_from, wall_to, instant in segments(zone_name, on):
        if instant <= minute < instant + wall_to - wall_from:
            return (wall_from + minute - instant) % step == 0
    return False


@lru_cache(maxsize=8192)
def _ahead(zone_name: str, day: int) -> int | None:
    """By how many minutes the wall clock is ahead of UTC all through that day (counted in UTC since 1970) and the days
    around it; None where it changes."""
    zone = ZoneInfo(zone_name)
    around = (datetime.fromtimestamp((day + n) * _DAY * 60, zone).utcoffset() or timedelta() for n in (-1, 2))
    before, after = (offset // timedelta(minutes=1) for offset in around)
    return before if before == after else None


def wall_grid(zone_name: str, on: date, step: int) -> Iterator[tuple[int, int]]:
    """Where the wall clock shows a multiple of `step` minutes: (first instant, how many) of each piece."""
    for wall_from, wall_to, instant in segments(zone_name, on):
        first = -(-wall_from // step) * step
        if first < wall_to:
            yield instant + first - wall_from, -(-(wall_to - first) // step)
