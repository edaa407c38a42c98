"""The follow-ups island's verbs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from carepath.audit import history
from carepath.followups import plan_queries, queries, rules
from carepath.followups.catalogue import Reads, ReviewRule, followups
from carepath.followups.plan_queries import Plan, PlanVersion
from carepath.followups.queries import CheckIn, Signal
from carepath.followups.rules import Course, PlanDraft, Raised, Reading, SignalRule
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.words import _

__all__ = [
    "CheckIn", "Course", "Plan", "PlanDraft", "PlanVersion", "Raised", "Reading", "Reads", "Signal", "SignalRule", "acknowledge", "after_session_wait", "change_plan",
    "check_ins", "check_ins_of", "complete", "end_plan", "get_check_in", "mark_overdue", "open_after", "open_due", "pause_plan", "plan_of", "reads",
    "resume_plan", "signal", "signals_of", "versions_of", "write_plan",
]  # fmt: skip

_PLAN, _CHECK_IN = "treatment-plan", "check-in"
_BATCH = 100


def _author(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise Refused(_("Only a provider writes a plan."))
    return actor.account_id


async def write_plan(actor: Actor, patient_id: UUID, draft: PlanDraft, now: datetime) -> Plan:
    """A new plan. Invalid names the fields; Conflict when the patient has a running one."""
    rules.check_plan(draft, now.date())
    async with db.transaction():
        first_at = rules.first_check_in(now, draft.starts_on, draft.check_in_every_days)
        plan_id = await plan_queries.insert(actor.scope, patient_id, draft, first_at, now)
        if plan_id is None:
            raise Conflict(_("This patient has a running plan. Change that one."), "plan-exists")
        await plan_queries.insert_version(actor.scope, plan_id, 1, draft, _author(actor), now)
        await history.record(actor, _PLAN, plan_id, from_status=None, to_status="active", action="write", now=now)
        return await plan_queries.get(actor.scope, plan_id)


async def change_plan(actor: Actor, plan_id: UUID, draft: PlanDraft, version: int, now: datetime) -> Plan:
    """The next version of a running plan. Conflict when somebody has changed it since `version`."""
    rules.check_plan(draft, now.date())
    async with db.transaction():
        plan = await plan_queries.get(actor.scope, plan_id, lock=True)
        status = rules.PLAN.apply(plan.status, "change", actor.role)
        if plan.version != version:
            raise Conflict(_("This plan has changed since you opened it. Look at it again."), "changed")
        next_at = rules.first_check_in(now, draft.starts_on, draft.check_in_every_days)
        await plan_queries.rewrite(actor.scope, plan, draft, next_at, now)
        await plan_queries.insert_version(actor.scope, plan_id, plan.version + 1, draft, _author(actor), now)
        await history.record(actor, _PLAN, plan_id, from_status=plan.status, to_status=status, action="change", now=now)
        return await plan_queries.get(actor.scope, plan_id)


async def pause_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime) -> Plan:
    """No further check-ins until it is resumed. A reason is needed."""
    return await _turn(actor, plan_id, "pause", reason, now)


async def resume_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime) -> Plan:
    """Check-ins fall due again, counted from now."""
    return await _turn(actor, plan_id, "resume", reason, now)


async def end_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime) -> Plan:
    """The treatment is over; open check-ins are closed."""
    return await _turn(actor, plan_id, "end", reason, now)


async def _turn(actor: Actor, plan_id: UUID, action: str, reason: str, now: datetime) -> Plan:
    if not reason.strip():
        raise Invalid({"reason": _("Write why.")})
    async with db.transaction():
        plan = await plan_queries.get(actor.scope, plan_id, lock=True)
        status = rules.PLAN.apply(plan.status, action, actor.role)
        next_at = rules.next_check_in(now, plan.check_in_every_days) if status == "active" else None
        await plan_queries.set_status(actor.scope, plan_id, status, next_at, now)
        await history.record(
            actor, _PLAN, plan_id, from_status=plan.status, to_status=status, action=action, now=now, reason=reason
        )
        if status != "active":
            await _close_open(actor, plan_id, status, now)
        return await plan_queries.get(actor.scope, plan_id)


async def _close_open(actor: Actor, plan_id: UUID, status: str, now: datetime) -> None:
    """A pause closes what the cadence asks. How somebody has been since a visit is asked until the treatment ends."""
    for open_one in await queries.open_of_plan(actor.scope, plan_id):
        if open_one.visit_id is None or status == "completed":
            await _move(actor, open_one, "close", now)


async def _move(actor: Actor, found: CheckIn, action: str, now: datetime) -> None:
    status = rules.CHECK_IN.apply(found.status, action, actor.role)
    await queries.set_status(actor.scope, found.id, status)
    await history.record(actor, _CHECK_IN, found.id, from_status=found.status, to_status=status, action=action, now=now)


async def open_due(now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: open the check-ins that have come due.

    While an earlier one is still open no second one is put on top; the plan goes on counting.
    """
    opened = []
    for plan in await plan_queries.due(SYSTEM.scope, now, _BATCH):
        due_at = plan.next_check_in_at or now
        # Opened late after an outage, it gives the patient the same time to answer: never due and overdue in one tick.
        overdue_at = max(due_at, now) + followups().cadence.overdue_after
        found = await queries.insert_check_in(SYSTEM.scope, plan, due_at, overdue_at, now)
        next_at = rules.next_check_in(due_at, plan.check_in_every_days)
        # After an outage the missed ones are not opened one by one: a patient answers about today.
        while next_at <= now:
            next_at = rules.next_check_in(next_at, plan.check_in_every_days)
        await plan_queries.set_next(SYSTEM.scope, plan.id, next_at)
        if found is not None:
            await history.record(SYSTEM, _CHECK_IN, found.id, from_status=None, to_status="due", action="open", now=now)
            opened.append(found)
    return opened


async def open_after(visits: Sequence[tuple[UUID, UUID]], now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: a check-in about each visit, (visit, running plan)."""
    await plan_queries.lock(SYSTEM.scope, [plan_id for _visit, plan_id in visits])
    overdue_at = now + followups().cadence.overdue_after
    opened = await queries.insert_after_visits(SYSTEM.scope, visits, now, overdue_at, now)
    for found in opened:
        await history.record(SYSTEM, _CHECK_IN, found.id, from_status=None, to_status="due", action="open", now=now)
    return opened


async def mark_overdue(now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: check-ins that have waited too long."""
    late = await queries.late(SYSTEM.scope, now, _BATCH)
    for found in late:
        await _move(SYSTEM, found, "mark-overdue", now)
    return late


async def complete(
    actor: Actor, check_in_id: UUID, response_id: UUID, reading: Reading, baseline: Decimal | None,
    earlier: Sequence[Decimal], now: datetime, also: Sequence[Raised] = (),
) -> list[Signal]:  # fmt: skip
    """The patient has answered: keep it and raise what it calls for, and `also` what other rules found.

    Conflict when it was answered or closed.
    """
    async with db.transaction():
        found = await queries.check_in(actor.scope, check_in_id, lock=True)
        status = rules.CHECK_IN.apply(found.status, "complete", actor.role)
        await queries.complete(actor.scope, check_in_id, response_id, now)
        await history.record(
            actor, _CHECK_IN, check_in_id, from_status=found.status, to_status=status, action="complete", now=now
        )
        for raised in (*rules.signals(followups().signals, baseline, earlier, reading), *also):
            await queries.insert_signal(SYSTEM.scope, found, raised, now)
        signals = await queries.signals_of(SYSTEM.scope, found.patient_id)
        return [one for one in signals if one.check_in_id == check_in_id]


async def acknowledge(actor: Actor, signal_id: UUID, note: str, now: datetime) -> Signal:
    """A provider has looked at a signal and says what they did. Invalid without a note."""
    if not note.strip():
        raise Invalid({"note": _("Write what you did.")})
    if len(note) > 2000:
        raise Invalid({"note": _("This can have at most {limit} characters.").format(limit=2000)})
    async with db.transaction():
        found = await queries.signal(actor.scope, signal_id, lock=True)
        if found.acknowledged_at is not None:
            raise Conflict(_("This signal was acknowledged already."), "acknowledged")
        await queries.acknowledge(actor.scope, signal_id, note.strip(), _author(actor), now)
        return await queries.signal(actor.scope, signal_id)


async def signal(scope: Scope, signal_id: UUID) -> Signal:
    """One signal within the scope."""
    return await queries.signal(scope, signal_id)


def reads() -> Reads:
    """Which answers the signals read."""
    return followups().reads


async def check_ins(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, CheckIn]:
    """Several, by their ids."""
    return await queries.check_ins(scope, ids)


async def get_check_in(scope: Scope, check_in_id: UUID) -> CheckIn:
    """One check-in within the scope."""
    return await queries.check_in(scope, check_in_id)


async def check_ins_of(scope: Scope, patient_id: UUID) -> list[CheckIn]:
    """Every check-in of a patient, newest first."""
    return await queries.check_ins_of(scope, patient_id)


async def signals_of(scope: Scope, patient_id: UUID) -> list[Signal]:
    """Every signal of a patient, newest first."""
    return await queries.signals_of(scope, patient_id)


async def plan_of(scope: Scope, patient_id: UUID) -> Plan | None:
    """The patient's running plan, or their last."""
    return await plan_queries.of_patient(scope, patient_id)


async def versions_of(scope: Scope, plan_id: UUID) -> list[PlanVersion]:
    """Every version of a plan."""
    return await plan_queries.versions(scope, plan_id)


def after_session_wait() -> timedelta:
    """How long after the end of a visit its patient is asked how they have been."""
    return timedelta(hours=followups().after_session.due_after_hours)


def review_rule() -> ReviewRule:
    """When a running plan asks for a visit with its provider."""
    return followups().review
