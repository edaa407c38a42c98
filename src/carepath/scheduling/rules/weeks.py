"""Weeks that hold from a date on. A week is edited as a block of dates, and no block touches the dates of another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from carepath.scheduling.rules.drafts import FIRST_DATE, HoursDraft

_DAY = timedelta(days=1)
_Line = tuple[int, object, object, bool]


@dataclass(frozen=True, slots=True)
class DatedWeek:
    """The same week on all dates from `first_on` to `last_on` (for good without one). Without `lines` it is closed."""

    first_on: date
    last_on: date | None
    lines: tuple[HoursDraft, ...]

    def holds_on(self, on: date) -> bool:
        """Whether this is the week of that date."""
        return self.first_on <= on and (self.last_on is None or on <= self.last_on)


def timeline(hours: Sequence[HoursDraft]) -> tuple[DatedWeek, ...]:
    """Every date has exactly one week: those weeks, in order, from `FIRST_DATE` for good."""
    starts = {FIRST_DATE}
    for one in hours:
        starts.add(max(one.valid_from, FIRST_DATE))
        if one.valid_until is not None and one.valid_until >= FIRST_DATE:
            starts.add(one.valid_until + _DAY)
    ordered = sorted(starts)
    ends = [*(later - _DAY for later in ordered[1:]), None]
    return tuple(
        DatedWeek(first, last, tuple(one for one in hours if _holds(one, first)))
        for first, last in zip(ordered, ends, strict=True)
    )


def _holds(line: HoursDraft, on: date) -> bool:
    return line.valid_from <= on and (line.valid_until is None or on <= line.valid_until)


def week_on(hours: Sequence[HoursDraft], on: date) -> DatedWeek:
    """The week of a date."""
    return next(week for week in reversed(timeline(hours)) if week.first_on <= on)


def before(hours: Sequence[HoursDraft], week: DatedWeek) -> DatedWeek | None:
    """The week that ends where `week` begins."""
    return next((one for one in timeline(hours) if one.last_on == week.first_on - _DAY), None)


def overlay(
    hours: Sequence[HoursDraft], first_on: date, last_on: date | None, lines: Iterable[HoursDraft]
) -> list[HoursDraft]:
    """`lines` on the dates from `first_on` to `last_on`, and on all other dates what was there."""
    kept = [piece for one in hours for piece in _outside(one, first_on, last_on)]
    return _joined([*kept, *(replace(one, valid_from=first_on, valid_until=last_on) for one in lines)])


def _outside(line: HoursDraft, first_on: date, last_on: date | None) -> list[HoursDraft]:
    """What is left of a line without those dates: up to two pieces."""
    pieces = []
    until = first_on - _DAY
    if line.valid_from <= until:
        pieces.append(replace(line, valid_until=until if line.valid_until is None else min(until, line.valid_until)))
    if last_on is not None and (line.valid_until is None or line.valid_until > last_on):
        pieces.append(replace(line, valid_from=max(line.valid_from, last_on + _DAY)))
    return pieces


def _joined(hours: Sequence[HoursDraft]) -> list[HoursDraft]:
    """The same lines on the same dates, in as few pieces as can be: what was cut apart and is alike again is one."""
    joined: dict[_Line, list[HoursDraft]] = {}
    for one in sorted(hours, key=lambda line: line.valid_from):
        pieces = joined.setdefault((one.weekday, one.opens, one.closes, one.is_break), [])
        if pieces and (pieces[-1].valid_until is None or one.valid_from <= pieces[-1].valid_until + _DAY):
            pieces[-1] = replace(pieces[-1], valid_until=_later(pieces[-1].valid_until, one.valid_until))
        else:
            pieces.append(one)
    return [piece for pieces in joined.values() for piece in pieces]


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)
