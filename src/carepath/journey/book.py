"""From an accepted intake to a consult in both calendars."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.intake import service as intakes
from carepath.journey.choose import FIRST_VISIT, Wanted, kinds, look, may_book, offers, own, providers
from carepath.journey.follow import announce, note_booked, note_moved
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

__all__ = [
    "FIRST_VISIT", "Wanted", "accept_offer", "answers_are_in", "book_for", "cancel", "confirm", "hold", "kinds", "look", "move", "offers",
    "providers",
    "release", "tick", "visit_of",
]  # fmt: skip

OFFER = "consult-offer"
_SUBJECT = "appointment"
_TRIES = 5
Result = TypeVar("Result")


async def settled(work: Callable[[], Awaitable[Result]]) -> Result:
    """`work` in one transaction, tried again when the database breaks a tie between two of them."""

    async def whole() -> Result:
        async with db.transaction():
            return await work()

    return await scheduling.settled(whole)


async def hold(
    actor: Actor, practitioner_id: UUID | None, start_at: datetime, now: datetime, visit_type: str = FIRST_VISIT
) -> Appointment:
    """Keep a start for ten minutes, with one provider or with whoever is free. Conflict with alternatives when
    somebody was faster."""
    patient = await accounts.patient(actor, own(actor))
    await may_book(actor, patient.id, scheduling.kind(visit_type))

    async def with_one(who: UUID) -> Appointment:
        held = await scheduling.hold(
            actor, patient.id, who, visit_type, start_at, patient.jurisdiction, patient.zone, now
        )
        await audit.record(actor, "hold", _SUBJECT, held.id, now, patient_id=patient.id)
        return held

    if practitioner_id is not None:
        return await settled(partial(with_one, practitioner_id))
    return await _with_whoever_is_free(actor, patient, visit_type, start_at, now, with_one, holds=True)


async def _with_whoever_is_free(
    actor: Actor, patient: Patient, visit_type: str, start_at: datetime, now: datetime,
    take: Callable[[UUID], Awaitable[Appointment]], *, holds: bool,
) -> Appointment:  # fmt: skip
    """Ask providers in the fair order until one can be had; each try sees the calendar as it is by then."""

    async def first(ranking: scheduling.Ranking) -> Appointment:
        taken = await take(ranking.candidates[0].practitioner_id)
        await scheduling.note_assignment(actor.scope, taken, ranking, now)
        return taken

    for left in reversed(range(_TRIES)):
        had = await scheduling.has_already(actor.scope, patient.id, visit_type, start_at, now, holds)
        if had is not None:
            return had
        where, zone = patient.jurisdiction, patient.zone
        ranking = await scheduling.rank(actor, patient.id, visit_type, start_at, where, zone, now)
        try:
            return await settled(partial(first, ranking))
        except scheduling.SlotTaken:
            if not left:
                raise
    raise AssertionError("the last try answers or raises")


async def confirm(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """Turn a live hold into a booked consult; again is harmless. The provider gets the evaluation.

    Unbookable when the rules forbid it by now: then it is kept no longer."""

    async def work() -> Appointment:
        before = await scheduling.locked(actor, appointment_id)
        if before.request_id is not None:
            return await _accepted(actor, appointment_id, now)
        booked = await scheduling.confirm(actor, appointment_id, now)
        if before.status != booked.status:
            await _only_one(actor, booked)
            await note_booked(actor, booked, now)
        return booked

    return await _or_given_back(actor, appointment_id, work, now)


async def _or_given_back(
    actor: Actor, appointment_id: UUID, work: Callable[[], Awaitable[Appointment]], now: datetime
) -> Appointment:
    """`work`, which makes a visit of what is kept. What the calendar's rules do not allow any more is kept no longer:
    somebody else may have the time, and whoever was offered it is looked for again."""
    try:
        return await settled(work)
    except scheduling.Unbookable as refused:
        await settled(partial(_void, actor, appointment_id, refused, now))
        raise


async def _void(actor: Actor, appointment_id: UUID, refused: scheduling.Unbookable, now: datetime) -> None:
    if await scheduling.void(actor, appointment_id, refused.reason, now):
        await notifications.supersede(OFFER, appointment_id, 2, now)
        await audit.record(actor, "void", _SUBJECT, appointment_id, now, code=refused.code)


async def book_for(
    actor: Actor, patient_id: UUID, practitioner_id: UUID | None, visit_type: str, start_at: datetime, now: datetime,
    override: str | None = None,
) -> Appointment:  # fmt: skip
    """Staff book for a patient, where the patient is and in the patient's zone: a coordinator with anybody or with
    whoever is free, a provider with themselves for one of their own. `override`: why rules are set aside."""
    if actor.role not in {Role.COORDINATOR, Role.PROVIDER, Role.SYSTEM}:
        raise Refused(_("Only a coordinator books for somebody else."))
    patient = await accounts.patient(actor, patient_id)
    await answers_are_in(actor, patient_id, visit_type)

    async def with_one(who: UUID) -> Appointment:
        before = await scheduling.has_already(actor.scope, patient_id, visit_type, start_at, now, holds=False)
        booked = await scheduling.book_for(
            actor, patient_id, who, visit_type, start_at, patient.jurisdiction, patient.zone, now, override
        )
        if before is None or before.id != booked.id:
            await note_booked(actor, booked, now)
        return booked

    if practitioner_id is not None:
        return await settled(partial(with_one, practitioner_id))
    return await _with_whoever_is_free(actor, patient, visit_type, start_at, now, with_one, holds=False)


async def answers_are_in(actor: Actor, patient_id: UUID, visit_type: str) -> None:
    """A first visit needs something to review. Set-up builds calendars without lives, so it is not asked."""
    if actor.role is Role.COORDINATOR and visit_type == FIRST_VISIT:
        intake = await intakes.newest(SYSTEM, patient_id)
        if intake is None or intake.status != "completed":
            raise Conflict(_("This patient has not sent the answers yet; a first visit follows them."), "intake-open")


async def _only_one(actor: Actor, booked: Appointment) -> None:
    """Conflict, which undoes the booking, when the patient has another visit of that kind. A hold and an offer may
    stand beside each other, and what may be booked was asked before either became a visit. The patient's turn is held.
    """
    if actor.role is not Role.PATIENT:
        return
    visits = await scheduling.appointments_of(SYSTEM.scope, booked.patient_id)
    if any(
        v.id != booked.id and v.visit_type == booked.visit_type and v.status in {"booked", "checked-in"} for v in visits
    ):
        raise Conflict(_("You already have a visit booked. You can move it or cancel it."), "already-booked")


async def release(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """Give a hold back, so that somebody else can have the time."""

    async def work() -> Appointment:
        released = await scheduling.release(actor, appointment_id, now)
        await audit.record(actor, "release", _SUBJECT, released.id, now, patient_id=released.patient_id)
        return released

    return await settled(work)


async def move(
    actor: Actor, appointment_id: UUID, practitioner_id: UUID, start_at: datetime, now: datetime,
    override: str | None = None, reason: str = "",
) -> Appointment:  # fmt: skip
    """Move a booked consult: same id, next version, old reminders dead. Staff give reasons where rules need them."""

    async def work() -> Appointment:
        before = await scheduling.locked(actor, appointment_id, practitioner_id)
        moved = await scheduling.move(actor, appointment_id, practitioner_id, start_at, now, override, reason)
        if moved.version != before.version:
            await note_moved(actor, moved, now)
        return moved

    return await settled(work)


async def accept_offer(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """What the waiting list keeps for a patient becomes their visit, or their visit moves there; twice is harmless."""
    return await _or_given_back(actor, appointment_id, partial(_accepted, actor, appointment_id, now), now)


async def _accepted(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    taken = await scheduling.accept(actor, appointment_id, now)
    if not taken.is_repeat:
        await _only_one(actor, taken.visit)
        await audit.record(actor, "accept", OFFER, appointment_id, now, patient_id=taken.visit.patient_id)
        await (note_moved if taken.is_move else note_booked)(actor, taken.visit, now)
    return taken.visit


async def cancel(actor: Actor, appointment_id: UUID, reason: str, now: datetime) -> Appointment:
    """Cancel with a reason; again is harmless. Reminders die with the old version. Of a hold nobody was told, so its
    end is told to nobody either."""

    async def work() -> Appointment:
        before = await scheduling.locked(actor, appointment_id)
        cancelled = await scheduling.cancel(actor, appointment_id, reason, now)
        if before.status != cancelled.status:
            if not before.is_hold:
                await announce(cancelled, "consult-cancelled", now)
            await audit.record(actor, "cancel", _SUBJECT, cancelled.id, now, patient_id=cancelled.patient_id)
        return cancelled

    return await settled(work)


async def visit_of(actor: Actor, appointment_id: UUID) -> Appointment:
    """One consult within the actor's scope, and for a session that a link opened, that link's only."""
    if actor.limited_to is not None and actor.limited_to != ("appointment", appointment_id):
        raise NotFound
    return await scheduling.get(actor.scope, appointment_id)


async def tick(now: datetime) -> tuple[int, int]:
    """The worker's round: (expired holds, no-shows)."""
    expired = await scheduling.expire_holds(now)

    async def work() -> int:
        missed = await scheduling.mark_no_shows(now)
        for appointment in missed:
            await audit.record(SYSTEM, "no-show", _SUBJECT, appointment.id, now, patient_id=appointment.patient_id)
        return len(missed)

    return expired, await settled(work)
