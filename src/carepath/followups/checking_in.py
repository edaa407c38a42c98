"""Check-ins: opened by the worker, answered by the patient."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from carepath.audit import history
from carepath.followups import check_in_queries, plan_queries, signal_queries, standing_queries
from carepath.followups.catalogue import Reads, ReviewRule, followups
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.rules.check_ins import CHECK_IN, next_check_in
from carepath.followups.rules.signals import Raised, Reading, signals
from carepath.followups.signal_queries import Signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope

_CHECK_IN = "check-in"
_BATCH = 100


async def move(actor: Actor, found: CheckIn, action: str, now: datetime) -> None:
    status = CHECK_IN.apply(found.status, action, actor.role)
    await check_in_queries.set_status(actor.scope, found.id, status)
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
        found = await check_in_queries.insert_check_in(SYSTEM.scope, plan, due_at, overdue_at, now)
        next_at = next_check_in(due_at, plan.check_in_every_days)
        # After an outage the missed ones are not opened one by one: a patient answers about today.
        while next_at <= now:
            next_at = next_check_in(next_at, plan.check_in_every_days)
        await plan_queries.set_next(SYSTEM.scope, plan.id, next_at)
        if found is not None:
            await history.record(SYSTEM, _CHECK_IN, found.id, from_status=None, to_status="due", action="open", now=now)
            opened.append(found)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in opened])
    return opened


async def open_after(visits: Sequence[tuple[UUID, UUID]], now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: a check-in about each visit, (visit, running plan)."""
    await plan_queries.lock(SYSTEM.scope, [plan_id for _visit, plan_id in visits])
    overdue_at = now + followups().cadence.overdue_after
    opened = await check_in_queries.insert_after_visits(SYSTEM.scope, visits, now, overdue_at, now)
    for found in opened:
        await history.record(SYSTEM, _CHECK_IN, found.id, from_status=None, to_status="due", action="open", now=now)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in opened])
    return opened


async def mark_overdue(now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: check-ins that have waited too long."""
    late = await check_in_queries.late(SYSTEM.scope, now, _BATCH)
    for found in late:
        await move(SYSTEM, found, "mark-overdue", now)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in late])
    return late


async def complete(
    actor: Actor, check_in_id: UUID, response_id: UUID, reading: Reading, baseline: Decimal | None,
    earlier: Sequence[Decimal], now: datetime, also: Sequence[Raised] = (),
) -> list[Signal]:  # fmt: skip
    """The patient has answered: keep it and raise what it calls for, and `also` what other rules found.

    Conflict when it was answered or closed.
    """
    async with db.transaction():
        seen = await check_in_queries.check_in(actor.scope, check_in_id)
        await standing_queries.hold(SYSTEM.scope, [seen.patient_id])
        found = await check_in_queries.check_in(actor.scope, check_in_id, lock=True)
        status = CHECK_IN.apply(found.status, "complete", actor.role)
        await check_in_queries.complete(actor.scope, check_in_id, response_id, now)
        await history.record(
            actor, _CHECK_IN, check_in_id, from_status=found.status, to_status=status, action="complete", now=now
        )
        for raised in (*signals(followups().signals, baseline, earlier, reading), *also):
            await signal_queries.insert_signal(SYSTEM.scope, found, raised, now)
        await standing_queries.refresh(SYSTEM.scope, [found.patient_id])
        kept = await signal_queries.signals_of(SYSTEM.scope, found.patient_id)
        return [one for one in kept if one.check_in_id == check_in_id]


async def check_ins(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, CheckIn]:
    """Several, by their ids."""
    return await check_in_queries.check_ins(scope, ids)


async def get_check_in(scope: Scope, check_in_id: UUID) -> CheckIn:
    """One check-in within the scope."""
    return await check_in_queries.check_in(scope, check_in_id)


async def check_ins_of(scope: Scope, patient_id: UUID) -> list[CheckIn]:
    """Every check-in of a patient, newest first."""
    return await check_in_queries.check_ins_of(scope, patient_id)


def after_session_wait() -> timedelta:
    """How long after the end of a visit its patient is asked how they have been."""
    return timedelta(hours=followups().after_session.due_after_hours)


def review_rule() -> ReviewRule:
    """When a running plan asks for a visit with its provider."""
    return followups().review


def reads() -> Reads:
    """Which answers the signals read."""
    return followups().reads
