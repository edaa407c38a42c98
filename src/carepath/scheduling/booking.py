"""Hold, book and move: the verbs that take time from the calendar."""

from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Refused
from carepath.kit.ids import new_id, new_token
from carepath.kit.words import _
from carepath.scheduling import queries, taking_queries, turn_queries
from carepath.scheduling.asking import check_bookable, check_wish, for_patient, own, unbookable
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment, Wish
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import machine
from carepath.scheduling.rules.machine import APPOINTMENT
from carepath.scheduling.rules.model import Snapshot
from carepath.scheduling.rules.refusals import refusal
from carepath.scheduling.taking_queries import Standing

SUBJECT = "appointment"


@retried
async def hold(
    actor: Actor,
    patient_id: UUID,
    practitioner_id: UUID,
    visit_type: str,
    start_at: datetime,
    jurisdiction: str,
    patient_zone: str,
    now: datetime,
) -> Appointment:
    """Keep a time for a patient for a few minutes. Asking for the same again answers the same hold.

    The patient's earlier holds are given back. Unbookable (SlotTaken when lost to somebody) with
    alternatives; Invalid; Refused; NotFound for an unknown patient or practitioner.
    """
    _may_make(actor, "hold", patient_id)
    wish = check_wish(patient_id, practitioner_id, visit_type, start_at, jurisdiction, patient_zone)
    return await _take(actor, wish, "hold", now)


@retried
async def book_for(
    actor: Actor,
    patient_id: UUID,
    practitioner_id: UUID,
    visit_type: str,
    start_at: datetime,
    jurisdiction: str,
    patient_zone: str,
    now: datetime,
) -> Appointment:
    """Staff book at once, without a hold and without notice. Otherwise as `hold`."""
    _may_make(actor, "book", patient_id)
    wish = check_wish(patient_id, practitioner_id, visit_type, start_at, jurisdiction, patient_zone)
    return await _take(actor, wish, "book", now)


def _may_make(actor: Actor, action: str, patient_id: UUID) -> None:
    if actor.role not in machine.MAKERS[action]:
        raise Refused(_("You may not book visits."))
    for_patient(actor, patient_id)


async def _take(actor: Actor, wish: Wish, action: str, now: datetime) -> Appointment:
    async with db.transaction():
        whose = (wish.practitioner_id, wish.patient_id)
        if not await turn_queries.try_take(actor.scope, *whose):
            # Others are at it: whoever has lost already learns it here, without queueing for the turn.
            seen = await taking_queries.standing(actor.scope, wish, now)
            if not _is_done(seen, action):
                await check_bookable(actor, wish, now, mine=seen.busy)
            await turn_queries.take(actor.scope, *whose)
        standing = await taking_queries.standing(actor.scope, wish, now)
        if standing.same is not None and _is_done(standing, action):
            return await queries.get(actor.scope, standing.same[0])
        provider = await check_bookable(actor, wish, now, mine=standing.busy)
        keep = clinic().rules.max_open_holds - 1 if action == "hold" else 0
        await _clear_the_way(actor, standing, now, keep)
        return await _insert(actor, wish, action, provider, now)


def _is_done(standing: Standing, action: str) -> bool:
    """The patient has it already; a hold does not stand for a booking."""
    return standing.same is not None and (action == "hold" or standing.same[1] == "booked")


async def _clear_the_way(actor: Actor, standing: Standing, now: datetime, keep: int) -> None:
    """Give back the patient's older holds, and end others' that have run out."""
    given_back = standing.holds[keep:]
    await taking_queries.end_holds(actor.scope, (*standing.run_out, *given_back), now)
    for expired_id in standing.run_out:
        await _note(SYSTEM, expired_id, "proposed", "cancelled", "expire", now)
    for held_id in given_back:
        await _note(actor, held_id, "proposed", "cancelled", "release", now)


async def _insert(actor: Actor, wish: Wish, action: str, provider: Snapshot, now: datetime) -> Appointment:
    row_id = new_id()
    expires = now + timedelta(minutes=clinic().rules.hold_minutes) if action == "hold" else None
    status = "proposed" if action == "hold" else "booked"
    room = clinic().room_template.format(room=new_token()) if wish.visit.modality == "video" else ""
    if not await queries.insert(actor.scope, wish, row_id, status, expires, room, now):
        raise await unbookable(actor.scope, actor.role, wish, refusal("taken"), now)
    await _note(actor, row_id, None, status, action, now)
    return Appointment(
        row_id, wish.practitioner_id, provider.practitioner_name, wish.patient_id, wish.visit.code, status,
        wish.start_at, wish.end_at, 1, wish.jurisdiction, wish.patient_zone, expires, room, None, now, now,
    )  # fmt: skip


@retried
async def move(
    actor: Actor, appointment_id: UUID, practitioner_id: UUID, start_at: datetime, now: datetime
) -> Appointment:
    """Put a booked visit elsewhere: the same row, a new version; the old time is free in the same instant.

    Moving it to where it is changes nothing. Unbookable with alternatives; Conflict; NotFound; Invalid.
    """
    async with db.transaction():
        before = await locked(actor, appointment_id, practitioner_id)
        status = APPOINTMENT.apply(before.status, "move", actor.role)
        machine.check_time("move", actor.role, before.start_at, clinic().rules, now)
        wish = check_wish(
            before.patient_id, practitioner_id, before.visit_type, start_at, before.jurisdiction, before.patient_zone
        )
        if (before.practitioner_id, before.start_at) == (practitioner_id, start_at):
            return before
        await check_bookable(actor, wish, now, appointment_id)
        await _clear_the_way(actor, await taking_queries.standing(actor.scope, wish, now), now, 0)
        if not await queries.shift(actor.scope, appointment_id, wish, now):
            raise await unbookable(actor.scope, actor.role, wish, refusal("taken"), now, appointment_id)
        await _note(actor, appointment_id, before.status, status, "move", now)
        return await queries.get(actor.scope, appointment_id)


async def locked(actor: Actor, appointment_id: UUID, *also: UUID) -> Appointment:
    """The appointment as nobody can change it until the transaction ends: the turns of its patient and
    practitioner (and of `also`) and its row are taken. NotFound when absent or out of the actor's reach."""
    own(actor, appointment_id)
    seen = await queries.get(actor.scope, appointment_id)
    await turn_queries.take(actor.scope, *seen.turns, *also)
    found = await queries.get(actor.scope, appointment_id, lock_row=True)
    if found.practitioner_id != seen.practitioner_id and found.practitioner_id not in also:
        raise Conflict(_("This visit was changed at the same moment. Please look again."), "changed")
    return found


async def _note(actor: Actor, row_id: UUID, before: str | None, after: str, action: str, now: datetime) -> None:
    await history.record(actor, SUBJECT, row_id, from_status=before, to_status=after, action=action, now=now)
