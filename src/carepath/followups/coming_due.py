"""The worker's round over what falls due by the calendar."""

from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.followups import due_queries, signal_queries, standing_queries
from carepath.followups.catalogue import followups
from carepath.followups.due_queries import Found
from carepath.followups.rules.signals import Raised, due
from carepath.followups.signal_queries import Signal
from carepath.kit.actor import SYSTEM

_BATCH = 200


async def raise_due(now: datetime) -> list[Signal]:
    """In the caller's transaction: signals of dates that have come and check-ins that are late, each once; and what
    stands no longer (the date was moved, the plan ended, the check-in was answered) lapses.

    Whom it concerns is looked up twice: once to hold their plans, as every verb about a patient does before it writes,
    and once when nobody else can change them any more.
    """
    steps = _steps()
    concerned = await due_queries.stale(SYSTEM.scope, steps, _BATCH)
    concerned |= {one.whose.patient_id for one in await _due(steps, now.date())}
    if not concerned:
        return []
    await standing_queries.hold(SYSTEM.scope, [*concerned])
    await due_queries.lapse(SYSTEM.scope, steps, [*concerned], now)
    found = [one for one in await _due(steps, now.date()) if one.whose.patient_id in concerned]
    raised = [(one.whose, signal) for one in found if (signal := _signal(one.what, now.date())) is not None]
    again_at = followups().red_again.first(now)
    kept = await signal_queries.insert(SYSTEM.scope, raised, again_at, now) if raised else []
    await standing_queries.refresh(SYSTEM.scope, [*concerned])
    return kept


async def lapse(patient_id: UUID, now: datetime) -> None:
    """In the caller's transaction, which holds the patient's plans: what stands no longer does so at once."""
    await due_queries.lapse(SYSTEM.scope, _steps(), [patient_id], now)


def _steps() -> list[str]:
    """The rules of the ladder's steps, "" for a step that the clinic has none for."""
    rules = followups().signals
    return [rule.id if (rule := due.rule_of_step(rules, step)) else "" for step in range(1, due.STEPS + 1)]


async def _due(steps: list[str], today: date) -> list[Found]:
    found = await due_queries.dates(SYSTEM.scope, {what: _by(what, today) for what in due.PLAN_DATES}, _BATCH)
    return found + await due_queries.late_check_ins(SYSTEM.scope, steps, _BATCH)


def _by(what: str, today: date) -> date | None:
    rule = due.rule_of(followups().signals, what)
    return today + timedelta(days=int(rule.number("ahead_days"))) if rule else None


def _signal(what: due.DueDate | due.LateCheckIn, today: date) -> Raised | None:
    rules = followups().signals
    return due.by_date(rules, what, today) if isinstance(what, due.DueDate) else due.by_step(rules, what)
