"""Hold, book and move: the verbs that take time from the calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.audit.history import Beginning
from carepath.kit import db
from carepath.kit.actor import STAFF, SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id, new_token
from carepath.kit.words import _
from carepath.scheduling import queries, taking_queries, turn_queries
from carepath.scheduling.asking import (
    Allowed,
    check_bookable,
    check_override,
    check_reason,
    check_wish,
    for_patient,
    judge,
    notice_minutes,
    own,
    unbookable,
)
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment, Wish
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import machine
from carepath.scheduling.rules.machine import APPOINTMENT
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.rules.refusals import refusal
from carepath.scheduling.taking_queries import Standing

SUBJECT = "appointment"


@dataclass(frozen=True, slots=True)
class _Taking:
    """How a wish is taken: `hold`, `book`, or the waiting list's `offer`. Holds end at `expires`; `override` is
    staff's reason to set rules aside."""

    action: str
    expires: datetime | None = None
    override: str | None = None
    request_id: UUID | None = None

    @property
    def status(self) -> str:
        return "booked" if self.action == "book" else "proposed"


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
    _may_make(actor, "hold", patient_id, practitioner_id)
    wish = check_wish(patient_id, practitioner_id, visit_type, start_at, jurisdiction, patient_zone)
    _may_take(actor, wish.visit)
    return await _take(actor, wish, _Taking("hold", now + timedelta(minutes=clinic().rules.hold_minutes)), now)


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
    override: str | None = None,
) -> Appointment:
    """Staff book at once, without a hold and without notice; a provider in their own calendar. Otherwise as `hold`.

    With a reason in `override`, rules that may be set aside are, for this visit; which, is kept with it.
    """
    _may_make(actor, "book", patient_id, practitioner_id)
    reason = check_override(actor, override)
    wish = check_wish(patient_id, practitioner_id, visit_type, start_at, jurisdiction, patient_zone)
    _may_take(actor, wish.visit)
    return await _take(actor, wish, _Taking("book", override=reason), now)


@retried
async def offer_hold(wish: Wish, request_id: UUID, expires_at: datetime, now: datetime) -> Appointment:
    """The waiting list keeps a time for somebody, by the rules that bind the patient. Unbookable; NotFound.

    Such a hold leaves the patient's own alone, and stays when they hold another time that does not overlap it.
    """
    taking = _Taking("offer", expires_at, request_id=request_id)
    return await _take(SYSTEM, wish, taking, now, notice_minutes(Role.PATIENT, wish.visit))


def _may_make(actor: Actor, action: str, patient_id: UUID, practitioner_id: UUID) -> None:
    if actor.role not in machine.MAKERS[action]:
        raise Refused(_("You may not book visits."))
    if actor.role is Role.PROVIDER and actor.practitioner_id != practitioner_id:
        raise NotFound(_("You book visits with yourself only. For others, ask a coordinator."))
    for_patient(actor, patient_id)


def _may_take(actor: Actor, visit: VisitType) -> None:
    """Refused for a role that does not book this kind of visit. Set-up and workers act for whoever may."""
    if actor.role not in {Role.SYSTEM, Role.ADMIN} and actor.role.value not in visit.booked_by:
        raise Refused(_("Visits of this kind are booked by the clinic. Please ask us for one."))


async def _take(actor: Actor, wish: Wish, taking: _Taking, now: datetime, notice: int | None = None) -> Appointment:
    async with db.transaction():
        whose = (wish.practitioner_id, wish.patient_id)
        if not await turn_queries.try_take(actor.scope, *whose):
            await _look_ahead(actor, wish, taking, now, notice)
            await turn_queries.take(actor.scope, *whose)
        seen = await taking_queries.look(actor.scope, wish, now)
        if seen.standing.same is not None and _is_done(seen.standing, taking):
            return await queries.get(actor.scope, seen.standing.same[0])
        allowed = await judge(actor, wish, seen.provider, now, notice=notice, override=taking.override)
        await _clear_the_way(actor, seen.standing, now, _kept(taking))
        return await _insert(actor, wish, taking, allowed, now)


async def _look_ahead(actor: Actor, wish: Wish, taking: _Taking, now: datetime, notice: int | None) -> None:
    """Others are at it: whoever has lost already learns it here, without queueing for the turn. One look sees the
    practitioner's time and the patient's own together, so a second click of theirs is not told that it lost."""
    seen = await taking_queries.look(actor.scope, wish, now)
    if not _is_done(seen.standing, taking):
        await judge(actor, wish, seen.provider, now, notice=notice, override=taking.override)


def _kept(taking: _Taking) -> int | None:
    """How many of the patient's own holds stay beside this; None for all of them."""
    return {"hold": clinic().rules.max_open_holds - 1, "book": 0}.get(taking.action)


def _is_done(standing: Standing, taking: _Taking) -> bool:
    """The patient has it already; a hold does not stand for a booking."""
    return standing.same is not None and (taking.action != "book" or standing.same[1] == "booked")


async def _clear_the_way(actor: Actor, standing: Standing, now: datetime, keep: int | None) -> None:
    """Give back the patient's older holds and what is kept for them in the way, and end others' holds that have run out."""
    given_back = () if keep is None else (*standing.holds[keep:], *standing.in_the_way)
    ended = await taking_queries.end_holds(actor.scope, (*standing.run_out, *given_back), now)
    for row_id in (*standing.run_out, *given_back):
        if row_id in ended:
            author, action = (SYSTEM, "expire") if row_id in standing.run_out else (actor, "release")
            await _note(author, row_id, "proposed", "cancelled", action, now)


async def _insert(actor: Actor, wish: Wish, taking: _Taking, allowed: Allowed, now: datetime) -> Appointment:
    row_id, status, expires = new_id(), taking.status, taking.expires
    room = clinic().room_template.format(room=new_token()) if wish.visit.modality == "video" else ""
    overridden, request_id = allowed.overridden, taking.request_id
    step = Beginning(actor, SUBJECT, status, taking.action, now, taking.override)
    if not await queries.insert(actor.scope, step, wish, row_id, expires, room, overridden, request_id):
        raise await unbookable(actor.scope, actor.role, wish, refusal("taken"), now)
    return Appointment(
        row_id, wish.practitioner_id, allowed.provider.practitioner_name, wish.patient_id, wish.visit.code, status,
        wish.start_at, wish.end_at, 1, wish.jurisdiction, wish.patient_zone, expires, room, None, now, now, overridden,
        request_id=request_id,
    )  # fmt: skip


@retried
async def move(
    actor: Actor, appointment_id: UUID, practitioner_id: UUID, start_at: datetime, now: datetime,
    override: str | None = None, reason: str = "",
) -> Appointment:  # fmt: skip
    """Put a booked visit elsewhere: the same row, a new version; the old time is free in the same instant.

    Moving it to where it is changes nothing. Staff give a `reason` where the patient's own rules would refuse, and
    an `override` to set rules of the calendar aside. Unbookable with alternatives; Conflict; NotFound; Invalid.
    """
    why, aside = check_reason(reason), check_override(actor, override)
    async with db.transaction():
        before = await locked(actor, appointment_id, practitioner_id)
        status = APPOINTMENT.apply(before.status, "move", actor.role)
        wish = check_wish(
            before.patient_id, practitioner_id, before.visit_type, start_at, before.jurisdiction, before.patient_zone
        )
        if (before.practitioner_id, before.start_at) == (practitioner_id, start_at):
            return before
        check_change(actor, "move", before, why or aside, now)
        allowed = await check_bookable(actor, wish, now, appointment_id, override=aside)
        seen = await taking_queries.look(actor.scope, wish, now)
        await _clear_the_way(actor, seen.standing, now, 0)
        await taking_queries.note_free(actor.scope, [appointment_id], now)
        by_patient = actor.role is Role.PATIENT
        if not await queries.shift(actor.scope, appointment_id, wish, now, allowed.overridden, by_patient):
            raise await unbookable(actor.scope, actor.role, wish, refusal("taken"), now, appointment_id)
        await _note(actor, appointment_id, before.status, status, "move", now, aside or why)
        return await queries.get(actor.scope, appointment_id)


def check_change(actor: Actor, action: str, before: Appointment, reason: str | None, now: datetime) -> None:
    """Whether this may still be moved or cancelled. Conflict for a patient whom the clinic's policy or the clock
    forbids it; Invalid `reason` for staff who do what the patient could not and do not say why."""
    machine.check_time(action, actor.role, before.start_at, clinic().rules, now)
    if before.status != "booked" or now >= before.start_at:
        return
    try:
        machine.check_policy(action, before.moves, before.start_at, clinic().rules, now)
    except Conflict:
        if actor.role is Role.PATIENT:
            raise
        if actor.role in STAFF and reason is None:
            raise Invalid({"reason": _("The patient could not do this any more. Please give a reason.")}) from None


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


async def _note(
    actor: Actor, row_id: UUID, before: str | None, after: str, action: str, now: datetime, reason: str | None = None
) -> None:
    await history.record(
        actor, SUBJECT, row_id, from_status=before, to_status=after, action=action, now=now, reason=reason
    )
