"""Check-ins: opened by the worker, answered by the patient."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.followups import calling, check_in_queries, plan_queries, standing_queries
from carepath.followups.catalogue import ReviewRule, followups
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.plan_queries import Plan
from carepath.followups.rules.check_ins import CHECK_IN, STEPS, Window
from carepath.followups.windowing import look_again, window_after, window_of
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope

_CHECK_IN = "check-in"
_BATCH = 100


async def move(actor: Actor, found: CheckIn, action: str, now: datetime, reason: str | None = None) -> None:
    """Into the state that `action` leads to; the row is locked by the caller."""
    status = CHECK_IN.apply(found.status, action, actor.role)
    await check_in_queries.set_status(actor.scope, found.id, status)
    await history.record(
        actor, _CHECK_IN, found.id, from_status=found.status, to_status=status, action=action, now=now, reason=reason
    )
    if status == "cancelled":
        await calling.cancel([found.id], now)


async def open_due(now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: open the check-ins whose window has begun.

    While an earlier one is still open no second one is put on top; after an outage the missed ones are not opened one by
    one: a patient answers about today.
    """
    plans = await plan_queries.due(SYSTEM.scope, now, _BATCH)
    facts = await check_in_queries.facts(SYSTEM.scope, [plan.id for plan in plans])
    opened = []
    for plan in plans:
        known = facts[plan.id]
        window = window_of(known)
        if window.not_before_at > now:  # what it was worked out from has changed since
            await plan_queries.set_next(SYSTEM.scope, plan.id, window.not_before_at)
            continue
        found = await _open(plan, window, now)
        following = window_after(known, max(window.target_at, now))
        await plan_queries.set_next(SYSTEM.scope, plan.id, following.not_before_at)
        if found is not None:
            opened.append(found)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in opened])
    return opened


async def _open(plan: Plan, window: Window, now: datetime) -> CheckIn | None:
    # Opened late after an outage, it gives the patient the same time to answer: never due and overdue in one tick.
    overdue_at = max(window.target_at, now) + followups().cadence.overdue_after
    found = await check_in_queries.insert_check_in(SYSTEM.scope, plan, window, overdue_at, now)
    if found is not None:
        await history.record(SYSTEM, _CHECK_IN, found.id, from_status=None, to_status="due", action="open", now=now)
    return found


async def open_after(visits: Sequence[tuple[UUID, UUID]], now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: a check-in about each visit, (visit, running plan)."""
    await plan_queries.lock(SYSTEM.scope, [plan_id for _visit, plan_id in visits])
    overdue_at = now + followups().cadence.overdue_after
    latest_at = now + timedelta(days=followups().after_session.close_after_days)
    opened = await check_in_queries.insert_after_visits(SYSTEM.scope, visits, overdue_at, latest_at, now)
    for found in opened:
        await history.record(SYSTEM, _CHECK_IN, found.id, from_status=None, to_status="due", action="open", now=now)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in opened])
    return opened


async def climb(step: int, now: datetime) -> list[CheckIn]:
    """The worker's round, in the caller's transaction: late check-ins take this step of the ladder, once.

    The next step waits as long as the clinic says from when this one was taken, so that an outage does not hurry them.
    """
    late, action = await check_in_queries.late(SYSTEM.scope, step - 1, now, _BATCH), STEPS[step - 1]
    status = [CHECK_IN.apply(one.status, action, SYSTEM.role) for one in late]
    next_at = [_next(one, step, now) for one in late]
    await check_in_queries.climb(SYSTEM.scope, [one.id for one in late], step, status, next_at)
    steps = {one.id: (one.status, after) for one, after in zip(late, status, strict=True)}
    await history.record_each(SYSTEM, _CHECK_IN, steps, action, now)
    if action == "ask-for-call":
        for one in late:
            await calling.ask(one, now)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in late])
    return late


def _next(found: CheckIn, step: int, now: datetime) -> datetime | None:
    """When the step after this one is taken; what was asked after a visit closes by itself instead."""
    if found.visit_id is not None:
        days = followups().after_session.close_after_days
        return max(found.latest_at, found.opens_at + timedelta(days=days), now)
    wait = followups().cadence.until_next(step)
    return now + wait if wait is not None else None


async def mark_overdue(now: datetime) -> list[CheckIn]:
    """The first step: the patient is reminded."""
    return await climb(1, now)


async def close_abandoned(now: datetime) -> int:
    """The worker's round, in the caller's transaction: how many that were asked after a visit nobody will answer now."""
    left = await check_in_queries.abandoned(SYSTEM.scope, now, _BATCH)
    for found in left:
        await move(SYSTEM, found, "close", now)
    await standing_queries.refresh(SYSTEM.scope, [one.patient_id for one in left])
    return len(left)


async def held_check_in(scope: Scope, check_in_id: UUID) -> CheckIn:
    """One that nobody else answers or closes until the caller's transaction ends.

    The plan is held first, as whoever pauses it does: two who meet here wait for each other in one order.
    """
    about = await check_in_queries.check_in(scope, check_in_id)
    await standing_queries.hold(SYSTEM.scope, [about.patient_id])
    return await check_in_queries.check_in(scope, check_in_id, lock=True)


async def complete(actor: Actor, check_in_id: UUID, response_id: UUID, now: datetime) -> CheckIn:
    """The patient has answered. Conflict when it was answered or closed."""
    async with db.transaction():
        found = await held_check_in(actor.scope, check_in_id)
        status = CHECK_IN.apply(found.status, "complete", actor.role)
        await check_in_queries.complete(actor.scope, check_in_id, response_id, now)
        await history.record(
            actor, _CHECK_IN, check_in_id, from_status=found.status, to_status=status, action="complete", now=now
        )
        await calling.cancel([check_in_id], now)
        await look_again(found.plan_id, now)
        await standing_queries.refresh(SYSTEM.scope, [found.patient_id])
        return found


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
