"""The shared axis of time: where its ticks stand and what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from carepath.kit import when

# Steps a reader counts in, finest first: (days, months) between ticks.
_STEPS = (
    (1, 0),
    (2, 0),
    (7, 0),
    (14, 0),
    (0, 1),
    (0, 2),
    (0, 3),
    (0, 6),
    (0, 12),
    (0, 24),
    (0, 60),
    (0, 120),
    (0, 600),
)
_MONDAY = date(2024, 1, 1).toordinal()
LETTER = 0.6  # of the size of the type: what a letter takes up at most on average


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis with one or two lines of words; either may be empty."""

    at: datetime
    first: str
    second: str


def wide(text: str, size: float) -> float:
    """About how wide a text is, rather too wide than too narrow."""
    return len(text) * size * LETTER


def ticks(start: datetime, end: datetime, zone: str, most: int) -> list[Tick]:
    """At most `most` ticks from `start` to `end`, at midnight in the zone; the first one and the first of every year
    name the year."""
    found: list[datetime] = []
    for days, months in _STEPS:
        found = [at for at in _midnights(start, end, zone, days, months) if start <= at <= end]
        if len(found) <= most:
            break
    return list(_named(found, zone, days, months))


def _midnights(start: datetime, end: datetime, zone: str, days: int, months: int) -> Iterator[datetime]:
    place = when.zone(zone)
    first, last = start.astimezone(place).date(), end.astimezone(place).date()
    for on in _weeks(first, last, days) if days else _months(first, last, months):
        yield datetime.combine(on, time(), place).astimezone(UTC)


def _weeks(first: date, last: date, days: int) -> Iterator[date]:
    on = first - timedelta(days=(first.toordinal() - _MONDAY) % days)
    while on <= last:
        yield on
        on += timedelta(days=days)


def _months(first: date, last: date, months: int) -> Iterator[date]:
    number = (first.year * 12 + first.month - 1) // months * months
    while number <= last.year * 12 + last.month - 1:
        yield date(max(1, number // 12), number % 12 + 1, 1)
        number += months


def _named(found: Sequence[datetime], zone: str, days: int, months: int) -> Iterator[Tick]:
    year = 0
    for at in found:
        on = at.astimezone(when.zone(zone)).date()
        first = when.say_month_day(on) if days else when.say_month(on) if months < 12 else str(on.year)
        yield Tick(at, first, str(on.year) if on.year != year and months < 12 else "")
        year = on.year
