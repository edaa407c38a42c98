"""A provider's absence: one plan for all visits that cannot stay, as a proposal."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import Actor, Role, Scope
from carepath.kit.errors import Conflict, Refused
from carepath.kit.ids import new_id
from carepath.kit.words import _
from carepath.scheduling import availability_queries, replan_queries, snapshot_queries
from carepath.scheduling.asking import ask_for, check_dates
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.replan_queries import Affected, Replan
from carepath.scheduling.rules import days, replan_places
from carepath.scheduling.rules.machine import REPLAN
from carepath.scheduling.rules.model import Snapshot
from carepath.scheduling.rules.ranges import Range, instant_of, minute_of
from carepath.scheduling.rules.replan import Problem, Visit
from carepath.scheduling.rules.replan_places import Booked
from carepath.scheduling.snapshot_queries import Sight

if TYPE_CHECKING:
    from carepath.scheduling.rules.replan_solver import Best

SUBJECT = "replan"
MOST_VISITS = 200
Busy = Mapping[UUID, Mapping[UUID, Range]]


async def propose(actor: Actor, practitioner_id: UUID, first_on: date, last_on: date, now: datetime) -> Replan | None:
    """A plan for the visits to come that start on those dates of the practitioner's zone, inclusive; None without any.

    Older open proposals for any of those dates are dismissed. Invalid names the dates; NotFound; Refused; Conflict
    `too-many`. No verb's transaction may be open: a plan can take seconds.
    """
    _may(actor)
    check_dates(first_on, last_on)
    person = await availability_queries.practitioner(actor.scope, practitioner_id)
    first, past = days.day_range(person.zone, first_on, last_on)
    between = (instant_of(first), instant_of(past))
    found = await replan_queries.affected(actor.scope, practitioner_id, now, between)
    return await _proposed(actor, found, (practitioner_id, first_on, last_on), now)


async def propose_flagged(actor: Actor, practitioner_id: UUID, now: datetime) -> Replan | None:
    """The same for every visit of a practitioner that does not stand any more, whenever it is."""
    _may(actor)
    person = await availability_queries.practitioner(actor.scope, practitioner_id)
    found = await replan_queries.affected(actor.scope, practitioner_id, now, None)
    if not found:
        return None
    dates = [days.first_of(person.zone, one.booked.start, 1) for one in found]
    return await _proposed(actor, found, (practitioner_id, min(dates), max(dates)), now)


async def propose_again(actor: Actor, replan_id: UUID, now: datetime) -> Replan | None:
    """A new plan for those visits of an earlier one that still stand where they stood; the earlier one is dismissed if
    nobody has decided on it. None when no visit is left."""
    _may(actor)
    before = await replan_queries.get(actor.scope, replan_id)
    found = await replan_queries.left_over(actor.scope, replan_id, now)
    made = await _proposed(actor, found, (before.practitioner_id, before.first_on, before.last_on), now)
    if made is None and before.status == "proposed":
        await dismiss(actor, replan_id, now)
    return made


def _may(actor: Actor) -> None:
    if actor.role not in {Role.COORDINATOR, Role.SYSTEM}:
        raise Refused(_("Only a coordinator plans somebody's absence."))


async def _proposed(
    actor: Actor, found: Sequence[Affected], about: tuple[UUID, date, date], now: datetime
) -> Replan | None:
    if not db.can_repeat():
        # Whoever opened one holds turns that others wait for. A request under a key has one around it and cannot help it.
        raise RuntimeError("a re-plan is worked out outside of any verb's transaction")
    if len(found) > MOST_VISITS:
        raise Conflict(_("At most {n} visits at a time: choose fewer days.").format(n=MOST_VISITS), "too-many")
    if not found:
        return None
    answer = await _answer(actor.scope, [one.booked for one in found], now)
    async with db.transaction():
        for older in await replan_queries.open_ones(actor.scope, about[0]):
            if older.first_on <= about[2] and about[1] <= older.last_on:
                await _dismiss(actor, older, now)
        replan_id = new_id()
        items = [(one, answer.plan[one.booked.id]) for one in found]
        costs = (answer.cost, answer.greedy_cost, answer.bound)
        await replan_queries.insert(actor.scope, (replan_id, *about), costs, items, actor.author_id or about[0], now)
        await history.record(
            actor, SUBJECT, replan_id, from_status=None, to_status="proposed", action="propose", now=now
        )
        return await replan_queries.get(actor.scope, replan_id)


async def _answer(scope: Scope, visits: list[Booked], now: datetime) -> "Best":
    """Everything is read first, a statement for each place; then a thread works, and the others are served."""
    kinds = [k for one in visits if (k := clinic().visit_types.get(one.visit_type))]
    horizon = max([clinic().rules.horizon_days, *(kind.horizon_days or 0 for kind in kinds)]) * 24 * 60
    window = replan_places.window_of(visits, minute_of(now), horizon)
    places = sorted({one.jurisdiction for one in visits})
    seen = {place: tuple(await snapshot_queries.snapshots(scope, Sight(place, window, now))) for place in places}
    busy = await replan_queries.others_of(scope, [one.patient_id for one in visits], now - timedelta(days=1))
    return await asyncio.to_thread(_work, visits, seen, busy, window, now)


def _work(
    visits: Sequence[Booked], seen: Mapping[str, tuple[Snapshot, ...]], busy: Busy, window: Range, now: datetime
) -> "Best":
    # The solver takes as long to import as half the product, and only an absence needs it.
    from carepath.scheduling.rules import replan_solver

    moving = {one.id for one in visits}
    made: list[Visit] = []
    for one in visits:
        others = {key: taken for key, taken in busy.get(one.patient_id, {}).items() if key != one.id}
        fixed = [taken for key, taken in others.items() if key not in moving]
        made.append(_visit(one, seen[one.jurisdiction], tuple(others.values()), fixed, window, now))
    return replan_solver.best(Problem(tuple(made), replan_places.limits_of(next(iter(seen.values())))))


def _visit(
    one: Booked, snapshots: Sequence[Snapshot], others: Sequence[Range], fixed: Sequence[Range], window: Range,
    now: datetime,
) -> Visit:  # fmt: skip
    kind = clinic().visit_types.get(one.visit_type)
    if kind is None or one.jurisdiction not in clinic().jurisdictions:
        return replan_places.nowhere(one)
    # A patient has to learn of it in time: the notice that they keep is the notice that they get.
    ask = ask_for(kind, one.jurisdiction, Role.PATIENT, now)
    return replan_places.visit_of(one, ask, snapshots, window, others, fixed)


async def replan(scope: Scope, replan_id: UUID) -> Replan:
    """One proposal with its items. NotFound."""
    return await replan_queries.get(scope, replan_id)


async def open_replans(scope: Scope) -> list[Replan]:
    """Proposals that wait for a decision, newest first, without their items."""
    return await replan_queries.open_ones(scope)


async def dismiss(actor: Actor, replan_id: UUID, now: datetime) -> Replan:
    """Nothing of it is done. Dismissing twice changes nothing; Conflict when it was carried out."""
    async with db.transaction():
        before = await replan_queries.get(actor.scope, replan_id, lock_row=True)
        if before.status != "dismissed":
            await _dismiss(actor, before, now)
        return await replan_queries.get(actor.scope, replan_id)


async def _dismiss(actor: Actor, before: Replan, now: datetime) -> None:
    status = REPLAN.apply(before.status, "dismiss", actor.role)
    await replan_queries.decide(actor.scope, before.id, status, (), now)
    await history.record(
        actor, SUBJECT, before.id, from_status=before.status, to_status=status, action="dismiss", now=now
    )
