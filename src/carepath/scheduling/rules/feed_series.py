"""Events of one UID together: repeats, left-out dates, moved and cancelled occurrences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import icalendar
import recurring_ical_events
from icalendar.prop import vDDDLists, vDDDTypes

from carepath.scheduling.rules import feed_rules
from carepath.scheduling.rules.feed_events import DATE_STEPS, Event, as_time, listed, moment
from carepath.scheduling.rules.feed_lines import Line
from carepath.scheduling.rules.feed_zones import Zones

Span = tuple[datetime, datetime]

_MOST_SPLITS = 20
_RULE_STEPS, _OCCURRENCE_STEPS = 30, 20
_FREE = "X-FREE"
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class _Dates:
    """Where occurrences may begin that matter, and the beginnings found there."""

    lo: date
    hi: date
    starts: list[date]
    left_out: list[date]
    periods: list[Span]


def spans(events: list[Event], zones: Zones) -> Iterator[Span]:
    """The busy times of events that share a UID, around the window.

    Of several versions the latest is meant. Two events that wrongly share a UID are both kept.
    """
    cores = [each for each in events if each.instead_of is None]
    changes = [each for each in events if each.instead_of is not None]
    latest = max((each.sequence for each in cores), default=0)
    cores = [each for each in cores if each.sequence == latest]
    for place, core in enumerate(cores):
        mine = [] if place else changes
        if mine or core.repeats:
            yield from _series(core, mine, zones)
        else:
            yield from _alone([core], zones)
    if not cores:
        yield from _alone(changes, zones)


def _alone(events: Iterable[Event], zones: Zones) -> Iterator[Span]:
    return ((as_time(each.first, zones), as_time(each.past, zones)) for each in events if not each.free)


def _series(core: Event, changes: list[Event], zones: Zones) -> Iterator[Span]:
    dates = _dates(core, changes, zones)
    if not core.free:
        yield from dates.periods
    if not (changes or dates.starts or dates.left_out):
        yield from _alone([core], zones)
        return
    zones.budget.spend(_OCCURRENCE_STEPS * (1 + len(changes) + len(dates.starts)))
    lo, hi = (datetime.combine(day, time(), zones.own) for day in zones.span)
    try:
        calendar = _calendar(core, changes, dates)
        found = recurring_ical_events.of(calendar).between(lo, hi)
    except Exception:  # a library that meets what its author did not think of: the file's fault, and it is said
        zones.notes.ignore("series")
        yield from _alone([core, *changes], zones)
        return
    for each in found:
        if _FREE not in each:
            yield as_time(each["DTSTART"].dt, zones), as_time(each["DTEND"].dt, zones)


def _calendar(core: Event, changes: list[Event], dates: _Dates) -> icalendar.Calendar:
    """The series without its rules, which are worked out already: the library sees single dates only."""
    calendar = icalendar.Calendar()
    component = _component(core)
    component["RDATE"] = vDDDLists(dates.starts)
    component["EXDATE"] = vDDDLists(dates.left_out)
    calendar.add_component(component)
    splits = 0
    for change in changes:
        component = _component(change)
        replaced = component["RECURRENCE-ID"] = vDDDTypes(change.instead_of or change.first)
        splits += change.and_after
        if change.and_after and splits <= _MOST_SPLITS:
            replaced.params["RANGE"] = "THISANDFUTURE"
        calendar.add_component(component)
    return calendar


def _component(event: Event) -> icalendar.Event:
    component = icalendar.Event()
    component["UID"], component["SEQUENCE"] = "one", event.sequence
    component["DTSTART"], component["DTEND"] = vDDDTypes(event.first), vDDDTypes(event.past)
    if event.free:
        component[_FREE] = "1"
    return component


def _dates(core: Event, changes: list[Event], zones: Zones) -> _Dates:
    """An occurrence that began before the window may last into it, and a split may move one there."""
    splits = [each for each in changes if each.and_after]
    lasting = max(_between(each.first, each.past, zones) for each in (core, *splits))
    moved = max((abs(_between(each.instead_of or each.first, each.first, zones)) for each in splits), default=_NONE)
    dates = _Dates(zones.span[0] - lasting - moved, zones.span[1] + moved, [], [], [])
    for line in _lines(core, "RRULE", zones):
        dates.starts.extend(_repeated(core, line.value, dates, zones))
    for line in _lines(core, "RDATE", zones):
        _added(line, dates, zones)
    for line in _lines(core, "EXDATE", zones):
        dates.left_out.extend(_listed(line, dates, zones))
    return dates


def _between(first: date, past: date, zones: Zones) -> timedelta:
    return as_time(past, zones) - as_time(first, zones)


def _lines(core: Event, name: str, zones: Zones) -> list[Line]:
    try:
        return core.part.all(name)
    except ValueError:
        zones.notes.note("extra")
        return []


def _repeated(core: Event, text: str, dates: _Dates, zones: Zones) -> Iterator[date]:
    """What one RRULE adds; nothing, with a note, for one that is not understood."""
    zones.budget.spend(_RULE_STEPS)
    try:
        rule = feed_rules.parse(text.strip())
    except ValueError:
        zones.notes.ignore("rule")
        return
    first = core.first
    zone = first.tzinfo if isinstance(first, datetime) else None
    naive = first.replace(tzinfo=None) if isinstance(first, datetime) else datetime.combine(first, time())
    for start in feed_rules.starts(rule, naive, zone, (dates.lo, dates.hi), zones.budget):
        zones.budget.spend(_OCCURRENCE_STEPS)
        yield start.replace(tzinfo=zone) if isinstance(first, datetime) else start.date()


def _added(line: Line, dates: _Dates, zones: Zones) -> None:
    if "/" in line.value:
        dates.periods.extend(listed(line, zones, "extra"))
    else:
        dates.starts.extend(_listed(line, dates, zones))


def _listed(line: Line, dates: _Dates, zones: Zones) -> Iterator[date]:
    """The dates of the line that may matter."""
    for text in line.value.split(","):
        zones.budget.spend(DATE_STEPS)
        try:
            found = moment(line, text, zones)
        except ValueError:
            zones.notes.note("extra")
            continue
        if dates.lo <= date(found.year, found.month, found.day) <= dates.hi:
            yield found
