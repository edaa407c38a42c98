"""When a repeating event begins, inside the window only.

The recurrence libraries walk from the first occurrence and, for a rule that never matches (30 February), on
to the year 9999. A stranger's file must not choose how long we work, so a day is asked whether it fits. The
cost is that of the window, whatever the year of the first occurrence; only COUNT has to be counted from there.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import product
from typing import Any

from icalendar.prop import vRecur

from carepath.scheduling.rules.feed_limits import Budget

_DAILY, _WEEKLY, _MONTHLY, _YEARLY = "DAILY", "WEEKLY", "MONTHLY", "YEARLY"
_MOST_TEXT, _MOST_A_DAY, _LAST_YEAR = 2_000, 24 * 60, 2500
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Name -> (smallest, largest, whether counting from the end is allowed).
_BOUNDS = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
}
_KNOWN = {*_BOUNDS, "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}


@dataclass(frozen=True, slots=True)
class Rule:
    """An RRULE. `weekdays` holds (nth, weekday), nth 0 for each of them; an empty set asks nothing."""

    freq: str
    interval: int
    count: int | None
    until: date | None
    week_start: int
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weeks: frozenset[int]
    weekdays: frozenset[tuple[int, int]]
    times: tuple[frozenset[int], frozenset[int], frozenset[int]]
    positions: frozenset[int]


def parse(text: str) -> Rule:
    """The rule, or ValueError for one that is broken or that repeats within the day."""
    if len(text) > _MOST_TEXT:
        raise ValueError("too long")
    found: dict[str, list[Any]] = {str(key).upper(): values for key, values in vRecur.from_ical(text).items()}
    freq = str(found["FREQ"][0]) if "FREQ" in found else ""
    interval, count = int(found.get("INTERVAL", [1])[0]), found.get("COUNT")
    if (
        found.keys() - _KNOWN
        or (count and int(count[0]) < 1)
        or freq not in {_DAILY, _WEEKLY, _MONTHLY, _YEARLY}
        or not 1 <= interval <= 10_000
    ):
        raise ValueError("not understood")
    until = found["UNTIL"][0] if "UNTIL" in found else None
    if until is not None and not isinstance(until, date):
        raise ValueError("not understood")
    by = {name: _numbers(name, found.get(name, [])) for name in _BOUNDS}
    hours, minutes, seconds = by["BYHOUR"], by["BYMINUTE"], by["BYSECOND"]
    if max(1, len(hours)) * max(1, len(minutes)) * max(1, len(seconds)) > _MOST_A_DAY:
        raise ValueError("too often")
    return Rule(
        freq, interval, int(count[0]) if count else None, until, _DAYS.index(str(found.get("WKST", ["MO"])[0])),
        by["BYMONTH"], by["BYMONTHDAY"], by["BYYEARDAY"], by["BYWEEKNO"], _weekdays(freq, found.get("BYDAY", [])),
        (hours, minutes, seconds), by["BYSETPOS"],
    )  # fmt: skip


def _numbers(name: str, values: Iterable[Any]) -> frozenset[int]:
    least, most, backwards = _BOUNDS[name]
    numbers = frozenset(int(value) for value in values)
    if any(not least <= (abs(number) if backwards else number) <= most for number in numbers):
        raise ValueError(f"{name} is out of bounds")
    return numbers


def _weekdays(freq: str, values: Iterable[Any]) -> frozenset[tuple[int, int]]:
    nth_counts = freq in {_MONTHLY, _YEARLY}
    return frozenset(
        (int(value.relative or 0) if nth_counts else 0, _DAYS.index(str(value.weekday))) for value in values
    )


def starts(
    rule: Rule, first: datetime, zone: tzinfo | None, span: tuple[date, date], budget: Budget
) -> Iterator[datetime]:
    """Wall times at which `rule` begins on the dates of `span`, both included, in order. `first` is naive."""
    rule, until, left, times = _completed(rule, first), _until(rule, zone), rule.count, _times(rule, first)
    budget.spend(len(times))
    lo = first.date() if left is not None else max(span[0], first.date())
    for days in _periods(rule, first.date(), lo, min(span[1], until.date())):
        budget.spend(len(days) + 1)
        for start in _in_period(rule, days, times, budget):
            if start < first:
                continue
            if start > until or left == 0:
                return
            left = None if left is None else left - 1
            if span[0] <= start.date() <= span[1]:
                yield start


def _completed(rule: Rule, first: datetime) -> Rule:
    """What a rule leaves open is as in its first occurrence."""
    if rule.weekdays or rule.month_days or rule.year_days or rule.weeks:
        return rule
    if rule.freq == _WEEKLY:
        return replace(rule, weekdays=frozenset({(0, first.weekday())}))
    if rule.freq == _MONTHLY:
        return replace(rule, month_days=frozenset({first.day}))
    if rule.freq == _YEARLY:
        return replace(rule, months=rule.months or frozenset({first.month}), month_days=frozenset({first.day}))
    return rule


def _until(rule: Rule, zone: tzinfo | None) -> datetime:
    """The last wall time that may begin an occurrence; a date means the whole of it."""
    until = rule.until
    if until is None or until.year > _LAST_YEAR:
        return datetime.combine(date.max, time.max)
    if not isinstance(until, datetime):
        return datetime.combine(until, time.max)
    if until.tzinfo is None or until.year < 1600:
        return until.replace(tzinfo=None)
    if zone is None:
        return datetime.combine(until, time.max)
    return until.astimezone(zone).replace(tzinfo=None)


def _times(rule: Rule, first: datetime) -> list[time]:
    hours, minutes, seconds = rule.times
    chosen = product(hours or {first.hour}, minutes or {first.minute}, seconds or {first.second})
    return [time(*each) for each in sorted(chosen)]


def _periods(rule: Rule, first: date, lo: date, hi: date) -> Iterator[range]:
    """The days, as ordinals, of each period that may hold an occurrence between `lo` and `hi`."""
    if rule.freq in {_DAILY, _WEEKLY}:
        length = 1 if rule.freq == _DAILY else 7
        begin = first.toordinal() - (first.weekday() - rule.week_start) % length
        for day in _from(begin, lo.toordinal(), hi.toordinal(), length * rule.interval):
            yield range(day, day + length)
        return
    length = 1 if rule.freq == _MONTHLY else 12
    begin, wanted, last = ((each.year * 12 + each.month - 1) // length * length for each in (first, lo, hi))
    for month in _from(begin, wanted, last, length * rule.interval):
        year, index = divmod(month + length - 1, 12)
        opens = date(month // 12, month % 12 + 1, 1).toordinal()
        yield range(opens, date(year, index + 1, monthrange(year, index + 1)[1]).toordinal() + 1)


def _from(begin: int, wanted: int, last: int, step: int) -> range:
    """`begin`, `begin + step` and so on, from the last one that is not after `wanted`."""
    return range(begin + max(0, (wanted - begin) // step) * step, last + 1, step)


def _in_period(rule: Rule, days: range, times: list[time], budget: Budget) -> list[datetime]:
    fitting = [day for day in map(date.fromordinal, days) if _fits(rule, day)]
    budget.spend(len(fitting) * len(times))
    found = [datetime.combine(day, at) for day in fitting for at in times]
    if not rule.positions:
        return found
    places = {place - 1 if place > 0 else len(found) + place for place in rule.positions}
    return [found[place] for place in sorted(places) if 0 <= place < len(found)]


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.weekdays and not _weekday_fits(rule, day):
        return False
    if rule.month_days and not rule.month_days & _both(day.day, monthrange(day.year, day.month)[1]):
        return False
    if rule.year_days and not rule.year_days & _both(day.timetuple().tm_yday, 365 + isleap(day.year)):
        return False
    return not rule.weeks or bool(rule.weeks & _week(day, rule.week_start))


def _both(number: int, of: int) -> set[int]:
    """A place counted from the front and from the end."""
    return {number, number - of - 1}


def _weekday_fits(rule: Rule, day: date) -> bool:
    """The nth weekday is one of the month, or of the year where the rule names no month."""
    if (0, day.weekday()) in rule.weekdays:
        return True
    in_year = rule.freq == _YEARLY and not rule.months
    number = day.timetuple().tm_yday if in_year else day.day
    length = 365 + isleap(day.year) if in_year else monthrange(day.year, day.month)[1]
    nths = ((number - 1) // 7 + 1, -((length - number) // 7 + 1))
    return any((nth, day.weekday()) in rule.weekdays for nth in nths)


def _week(day: date, week_start: int) -> set[int]:
    """The week's number in the year that holds most of its days."""
    opens = day - timedelta(days=(day.weekday() - week_start) % 7)
    year = (opens + timedelta(days=3)).year

    def first_week(of: int) -> date:
        fourth = date(of, 1, 4)
        return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)

    number = (opens - first_week(year)).days // 7 + 1
    return _both(number, (first_week(year + 1) - first_week(year)).days // 7)
