"""When labs, register and prescription were seen to, and when they are due again."""

from datetime import date, timedelta

from carepath.followups.rules.plan_checks import YEAR
from carepath.kit.errors import Invalid
from carepath.kit.words import _

_FIELDS = {"labs": ("labs_seen_on", "labs_next_on"), "pdmp": ("pdmp_checked_on", "pdmp_next_on")}


def next_due(record: str, seen_on: date, due_on: date | None, after_days: int, today: date) -> date:
    """The day on which it is due again: the given one, or so many days after it was seen to. Invalid names the field."""
    seen_field, due_field = _FIELDS[record]
    if not today - YEAR <= seen_on <= today:
        raise Invalid({seen_field: _("Choose a day of the last year, at the latest today.")})
    due = due_on or seen_on + timedelta(days=after_days)
    if not seen_on < due <= today + YEAR:
        raise Invalid({due_field: _("Choose a day after that one, within the next year.")})
    return due


def check_until(until: date, today: date) -> None:
    """Invalid unless it lasts from today on, and no longer than a year."""
    if not today <= until <= today + YEAR:
        raise Invalid({"renewed_until": _("Choose a day from today on, within the next year.")})


def check_after_start(until: date, starts_on: date) -> None:
    """Invalid for what ends before the plan has begun."""
    if until < starts_on:
        raise Invalid({"renewed_until": _("This is before the plan starts.")})
