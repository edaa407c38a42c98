"""A provider is away: days off, one plan for all their visits, and one message a patient when it is carried out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.journey import follow
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, ExceptionDraft, Practitioner, Replan
from carepath.worklists import attention

_SUBJECT = "replan"


@dataclass(frozen=True, slots=True)
class Absences:
    """Who can be away, how many of whose visits do not stand, and proposals that wait for a decision."""

    practitioners: list[Practitioner]
    flagged: dict[UUID, int]
    open: list[Replan]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A re-plan, and the patients whose visits it is about."""

    replan: Replan
    patients: dict[UUID, Patient]


def _coordinator(actor: Actor) -> None:
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))


async def absences(actor: Actor, now: datetime) -> Absences:
    """What one needs to enter an absence."""
    _coordinator(actor)
    people = await scheduling.practitioners(actor.scope)
    flagged = Counter(one.practitioner_id for one in await attention.flagged(actor.scope, now) if one.start_at > now)
    return Absences(people, dict(flagged), await scheduling.open_replans(actor.scope))


async def plan(actor: Actor, practitioner_id: UUID, first_on: date, last_on: date, now: datetime) -> Replan | None:
    """Enter the days off, then plan the visits on them; None when there are none. Invalid names the dates.

    The days off stand before the plan is made, so that nobody books into them meanwhile. Entered before, they are
    not entered again: the same form sent twice is a new plan and nothing else.
    """
    _coordinator(actor)
    scheduling.check_dates(first_on, last_on)
    async with db.transaction():
        held = await scheduling.exceptions_of(actor.scope, practitioner_id, first_on)
        if not any(
            e.kind == "off" and e.opens is None and e.first_on <= first_on and last_on <= e.last_on for e in held
        ):
            draft = ExceptionDraft("off", first_on, last_on)
            flagged = await scheduling.add_exception(actor, practitioner_id, draft, now)
            await audit.record(actor, "add-off", "practitioner", practitioner_id, now, flagged=len(flagged))
    return await _noted(actor, await scheduling.propose(actor, practitioner_id, first_on, last_on, now), now)


async def plan_flagged(actor: Actor, practitioner_id: UUID, now: datetime) -> Replan | None:
    """Plan every visit of a provider that does not stand any more, for whatever reason; None when there are none."""
    _coordinator(actor)
    return await _noted(actor, await scheduling.propose_flagged(actor, practitioner_id, now), now)


async def plan_again(actor: Actor, replan_id: UUID, now: datetime) -> Replan | None:
    """A new plan, on today's calendar, for the visits that still wait where they were; None when there are none."""
    _coordinator(actor)
    return await _noted(actor, await scheduling.propose_again(actor, replan_id, now), now)


async def _noted(actor: Actor, found: Replan | None, now: datetime) -> Replan | None:
    if found is not None:
        await audit.record(actor, "propose", _SUBJECT, found.id, now, visits=len(found.items))
    return found


async def proposal(actor: Actor, replan_id: UUID, now: datetime) -> Proposal:
    """One re-plan with the patients it is about. NotFound."""
    _coordinator(actor)
    async with db.transaction():
        found = await scheduling.replan(actor.scope, replan_id)
        ids = {item.patient_id for item in found.items}
        await audit.record(actor, "read", _SUBJECT, found.id, now, rows=len(ids))
        return Proposal(found, {one: await accounts.patient(actor, one) for one in ids})


async def carry_out(actor: Actor, replan_id: UUID, chosen: Sequence[UUID], now: datetime) -> Replan:
    """Move the chosen visits and tell their patients, all of it or nothing; again is harmless.

    NotCarriedOut says which cannot be had any more; Invalid `visits`; Conflict; NotFound.
    """
    _coordinator(actor)

    async def whole() -> Replan:
        async with db.transaction():
            done = await scheduling.carry_out(actor, replan_id, chosen, now)
            if done.moved:
                await _tell(actor, done.replan, done.moved, now)
                await audit.record(actor, "carry-out", _SUBJECT, replan_id, now, visits=len(done.moved))
            return done.replan

    return await scheduling.settled(whole)


async def _tell(actor: Actor, found: Replan, moved: Sequence[Appointment], now: datetime) -> None:
    """One message a patient: that of any move for one visit, one that lists them all for several."""
    count = Counter(visit.patient_id for visit in moved)
    for visit in moved:
        await follow.hand_over(actor, visit, now)
        await follow.announce(visit, "consult-moved" if count[visit.patient_id] == 1 else None, now)
        await audit.record(actor, "move", "appointment", visit.id, now, patient_id=visit.patient_id)
    for patient_id in (one for one, many in count.items() if many > 1):
        last = max(visit.start_at for visit in moved if visit.patient_id == patient_id)
        await notifications.enqueue(
            "consults-moved", "patient", patient_id, _SUBJECT, found.id, 1, now, now, last
        )  # fmt: skip


async def dismiss(actor: Actor, replan_id: UUID, now: datetime) -> Replan:
    """Leave everything as it is. Again is harmless."""
    _coordinator(actor)
    async with db.transaction():
        found = await scheduling.dismiss(actor, replan_id, now)
        await audit.record(actor, "dismiss", _SUBJECT, replan_id, now)
        return found
