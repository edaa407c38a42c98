"""What the days ahead look like, for whoever plans them: open hours, closed days, clock changes."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from carepath.kit import when
from carepath.scheduling.availability_queries import AvailabilityException, OpenHours, Practitioner
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.rules import opening
from carepath.scheduling.rules.clock_changes import ClockChange, clock_changes
from carepath.scheduling.rules.model import DayChange, Pattern, Weekly
from carepath.scheduling.rules.ranges import Range, merge


def open_on(
    zone: str, hours: Iterable[OpenHours], exceptions: Iterable[AvailabilityException], on: date
) -> list[Range]:
    """When somebody is open on a date, as the search sees it: breaks, exceptions and holidays taken into account.

    In minutes after midnight of their wall clock.
    """
    weekly = tuple(
        Weekly(h.weekday, _minute(h.opens), _minute(h.closes), h.valid_from, h.valid_until, h.is_break) for h in hours
    )
    changes = tuple(
        DayChange(e.kind, e.first_on, e.last_on, _minute(e.opens) if e.opens else None, _minute(e.closes) if e.closes else None)
        for e in exceptions
    )  # fmt: skip
    return merge(opening.walls(Pattern(zone, weekly, changes), on, on in clinic().closed_on))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def closed_days(first_on: date, last_on: date) -> list[tuple[date, str]]:
    """The clinic's holidays between two dates, with their names."""
    return sorted((on, name) for on, name in clinic().holidays.items() if first_on <= on <= last_on)


def clock_changes_of(person: Practitioner, now: datetime) -> list[ClockChange]:
    """The nights, as far as anything can be booked, on which the clocks of somebody's zone are changed."""
    today = now.astimezone(when.zone(person.zone)).date()
    return clock_changes(person.zone, today, today + timedelta(days=horizon_days()))


def horizon_days() -> int:
    """How far ahead anything at all can be booked."""
    here = clinic()
    return max(here.rules.horizon_days, *(visit.horizon_days or 0 for visit in here.visit_types.values()))
