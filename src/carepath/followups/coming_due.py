"""The worker's round over what falls due by the calendar."""

from datetime import date, datetime, timedelta

from carepath.followups import due_queries, signal_queries
from carepath.followups.catalogue import followups
from carepath.followups.rules.signals import Raised, due
from carepath.followups.signal_queries import Signal
from carepath.kit.actor import SYSTEM

_BATCH = 200


async def raise_due(now: datetime) -> list[Signal]:
    """In the caller's transaction: signals of dates that have come and check-ins that are late, each once; and what
    stands no longer (the date was moved, the plan ended, the check-in was answered) lapses."""
    rules, today = followups().signals, now.date()
    steps = [rule.id if (rule := due.rule_of_step(rules, step)) else "" for step in range(1, due.STEPS + 1)]
    await due_queries.lapse(SYSTEM.scope, steps, now, _BATCH)
    found = await due_queries.dates(SYSTEM.scope, {what: _by(what, today) for what in due.PLAN_DATES}, _BATCH)
    found += await due_queries.late_check_ins(SYSTEM.scope, steps, _BATCH)
    raised = [(one.whose, signal) for one in found if (signal := _signal(one.what, today)) is not None]
    return await signal_queries.insert(SYSTEM.scope, raised, now) if raised else []


def _by(what: str, today: date) -> date | None:
    rule = due.rule_of(followups().signals, what)
    return today + timedelta(days=int(rule.number("ahead_days"))) if rule else None


def _signal(what: due.DueDate | due.LateCheckIn, today: date) -> Raised | None:
    rules = followups().signals
    return due.by_date(rules, what, today) if isinstance(what, due.DueDate) else due.by_step(rules, what)
