"""One provider's weeks, exceptions and limits, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from carepath.journey.hours import Calendar
from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.service import AvailabilityException, ClockChange, DatedWeek, HoursDraft, Practitioner
from carepath.web.coordinator.calendar_views import place, span, wall
from carepath.web.coordinator.views import FlagView, flags

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
STRETCHES, BREAKS = 2, 1  # what a form has room for on each weekday; more where there are more
_KINDS = {"off": _("Off"), "extra": _("Extra hours"), "shortened": _("Shortened to")}


@dataclass(frozen=True, slots=True)
class WeekForm:
    """A week to edit. `rows` are (weekday, its stretches, its breaks), each a pair of field names with words."""

    first_on: str
    last_on: str
    period: str
    rows: tuple[tuple[str, tuple["Pair", ...], tuple["Pair", ...]], ...]
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two time fields: `opens` and `closes`, under a label."""

    label: str
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class WeekCard:
    """A dated week that comes later."""

    first_on: str
    period: str
    days: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HoursView:
    """One provider's week now, dated weeks to come, exceptions, limits, what to know, and visits to look at."""

    id: UUID
    name: str
    place: str
    week: WeekForm
    later: tuple[WeekCard, ...]
    exceptions: tuple[tuple[UUID, str], ...]
    closed: tuple[str, ...]
    clock_changes: tuple[str, ...]
    limits: dict[str, str]
    flagged: tuple[FlagView, ...]


def hours(found: Calendar, zone: str) -> HoursView:
    """All of it. `zone` is the reader's."""
    person = found.practitioner
    return HoursView(
        person.id, person_words(person), place(person.zone), week_form(found.weeks[0], is_now=True),
        tuple(_card(week) for week in found.weeks[1:]), tuple((e.id, _exception(e)) for e in found.exceptions),
        tuple(f"{when.say_date(on)}: {name}" for on, name in found.closed),
        tuple(clock_change(one, place(person.zone)) for one in found.clock_changes), _limits(person),
        flags(found.flagged, found.names, zone),
    )  # fmt: skip


def person_words(person: Practitioner) -> str:
    """ "Dr. Rosa Delgado, MD"."""
    return f"{person.name}, {person.credential}"


def week_form(week: DatedWeek, is_now: bool = False) -> WeekForm:
    """A form filled with a week, with room for at least two stretches and a break on each day."""
    values: dict[str, str] = {}
    rows = []
    for day, name in enumerate(WEEKDAYS):
        lines = sorted((one for one in week.lines if one.weekday == day), key=lambda one: one.opens)
        stretches = _pairs(values, ("opens", "closes"), day, [one for one in lines if not one.is_break], STRETCHES)
        breaks = _pairs(values, ("break_from", "break_to"), day, [one for one in lines if one.is_break], BREAKS)
        rows.append((name, _labelled(stretches, name, _("open")), _labelled(breaks, name, _("break"))))
    last_on = week.last_on.isoformat() if week.last_on else ""
    return WeekForm(week.first_on.isoformat(), last_on, period(week, is_now), tuple(rows), values)


def _pairs(
    values: dict[str, str], names: tuple[str, str], day: int, lines: list[HoursDraft], least: int
) -> list[tuple[str, str]]:
    pairs = [(f"{names[0]}_{day}_{k}", f"{names[1]}_{day}_{k}") for k in range(max(least, len(lines)))]
    for (opens, closes), line in zip(pairs, lines, strict=False):
        values[opens], values[closes] = f"{line.opens:%H:%M}", f"{line.closes:%H:%M}"
    return pairs


def _labelled(pairs: list[tuple[str, str]], day: str, what: str) -> tuple[Pair, ...]:
    return tuple(Pair(f"{day}, {what}" if k == 0 else f"{day}, {what} {k + 1}", *pair) for k, pair in enumerate(pairs))


def period(week: DatedWeek, is_now: bool = False) -> str:
    """From when to when a week holds."""
    first, last = when.say_date(week.first_on), when.say_date(week.last_on) if week.last_on else ""
    if is_now:
        return _("Now, until {last}").format(last=last) if last else _("Now, and for good")
    return (
        _("From {first} to {last}").format(first=first, last=last) if last else _("From {first} on").format(first=first)
    )


def _card(week: DatedWeek) -> WeekCard:
    days = ((name, _day(one for one in week.lines if one.weekday == day)) for day, name in enumerate(WEEKDAYS))
    return WeekCard(week.first_on.isoformat(), period(week), tuple((name, words) for name, words in days if words))


def _day(lines: Iterable[HoursDraft]) -> str:
    ordered = sorted(lines, key=lambda one: (one.is_break, one.opens))
    return ", ".join((f"{_('break')} " if one.is_break else "") + _times(one.opens, one.closes) for one in ordered)


def _times(opens: time | None, closes: time | None) -> str:
    return span(_minute(opens), _minute(closes)) if opens and closes else ""


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _exception(e: AvailabilityException) -> str:
    days = when.say_date(e.first_on) + ("" if e.last_on == e.first_on else f" – {when.say_date(e.last_on)}")
    times = _times(e.opens, e.closes)
    if e.kind == "shortened":
        return f"{_KINDS[e.kind]} {times}: {days}"
    return f"{_KINDS[e.kind]}: {days}{f', {times}' if times else ''}"


def clock_change(change: ClockChange, where: str) -> str:
    """What the night does to hours that are written for it."""
    day, begins, ends = when.say_date(change.on), wall(change.begins), wall(change.ends)
    if change.kind == "gap":
        words = _("{day}: the clocks in {place} jump from {begins} to {ends}. That time does not exist, so nothing is "
                  "open in it.")  # fmt: skip
    else:
        words = _("{day}: the clocks in {place} go back from {ends} to {begins}, so that time comes twice. It is open the "
                  "first time only.")  # fmt: skip
    return words.format(day=day, place=where, begins=begins, ends=ends)


def _limits(person: Practitioner) -> dict[str, str]:
    numbers = {"max_per_day": person.max_per_day, "max_per_week": person.max_per_week, "weight": person.weight}
    return {name: "" if number is None else str(number) for name, number in numbers.items()}
