"""What falls due by the calendar: labs, the PDMP, the end of the prescription, check-ins that are not answered.

These are about a date and not about a reading. One stands as long as its date does; when the date moves on it has lapsed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from carepath.followups.rules.signals.model import Raised, SignalRule, behind

PLAN_DATES = ("labs", "pdmp", "runway")
# A day has no hour, and a moment has: at noon UTC it falls on that very day from UTC-11 to UTC+11, at midnight UTC it
# was the day before for everybody west of Greenwich.
_NOON = time(12)
OVERDUE, STEPS = "overdue", 3
KINDS = {**{what: frozenset({"ahead_days"}) for what in PLAN_DATES}, OVERDUE: frozenset({"step"})}


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date of a plan: `what` is one of PLAN_DATES."""

    plan_id: UUID
    what: str
    day: date


@dataclass(frozen=True, slots=True)
class LateCheckIn:
    """A check-in that waits; `step` counts up the ladder of a late one, reached at `since`."""

    check_in_id: UUID
    step: int
    since: datetime


def by_date(rules: Sequence[SignalRule], found: DueDate, today: date) -> Raised | None:
    """The signal of a date that is `ahead_days` away or nearer."""
    rule = rule_of(rules, found.what)
    if rule is None or (found.day - today).days > rule.number("ahead_days"):
        return None
    anchor = f"plan:{found.plan_id}:{found.what}:{found.day.isoformat()}"
    return Raised(rule, anchor, datetime.combine(found.day, _NOON, UTC), behind(day=found.day))


def by_step(rules: Sequence[SignalRule], found: LateCheckIn) -> Raised | None:
    """The signal of the highest step that is reached and has one."""
    rule = rule_of_step(rules, found.step)
    anchor = f"check-in:{found.check_in_id}:late"
    return Raised(rule, anchor, found.since, behind(step=found.step)) if rule else None


def rule_of(rules: Sequence[SignalRule], kind: str) -> SignalRule | None:
    """The rule of a date, if the clinic has one."""
    return next((rule for rule in rules if rule.kind == kind), None)


def rule_of_step(rules: Sequence[SignalRule], step: int) -> SignalRule | None:
    """The rule of the highest step up to this one."""
    reached = [rule for rule in rules if rule.kind == OVERDUE and rule.number("step") <= step]
    return max(reached, key=lambda rule: rule.number("step"), default=None)
