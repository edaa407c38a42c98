"""From an accepted intake to a consult in both calendars."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.intake import service as intakes
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.kit.words import _
from carepath.notifications import rules as notification_rules
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, Offer
from carepath.screening import service as screening

FIRST_VISIT = "evaluation"
_SUBJECT = "appointment"
_SEARCH_DAYS = 14
Result = TypeVar("Result")


async def _settled(work: Callable[[], Awaitable[Result]]) -> Result:
    """`work` in one transaction, tried again when the database breaks a tie between two of them."""

    async def whole() -> Result:
        async with db.transaction():
            return await work()

    return await scheduling.settled(whole)


async def _may_book(actor: Actor, patient_id: UUID) -> None:
    """A patient books once their intake is in and nothing in it stops them. Conflict says what is missing."""
    if actor.role is not Role.PATIENT:
        return
    intake = await intakes.newest(actor, patient_id)
    if intake is None or intake.status != "completed":
        raise Conflict(_("Please finish and send your answers first; then you can choose a time."), "intake-open")
    if await screening.outcome_of(actor.scope, intake.id) == "stop":
        raise Conflict(_("Your answers show that a visit with us is not the safe next step now."), "stopped")
    live = [
        a for a in await scheduling.appointments_of(actor.scope, patient_id) if a.status in {"booked", "checked-in"}
    ]
    if live:
        raise Conflict(_("You already have a visit booked. You can move it or cancel it."), "already-booked")


async def offers(actor: Actor, first_on: date, now: datetime, moving: UUID | None = None) -> Sequence[Offer]:
    """Free starts in two weeks from `first_on`, in days of the patient's zone, by providers licensed where they are."""
    patient = await accounts.patient(actor, _own(actor))
    if moving is None:
        await _may_book(actor, patient.id)
    last_on = first_on + timedelta(days=_SEARCH_DAYS - 1)
    visit = FIRST_VISIT
    if moving is not None:
        visit = (await scheduling.get(actor.scope, moving)).visit_type
    return await scheduling.search(
        actor, visit, patient.jurisdiction, now, first_on, last_on, patient.zone, moving=moving
    )


async def hold(actor: Actor, practitioner_id: UUID, start_at: datetime, now: datetime) -> Appointment:
    """Keep a start for ten minutes. Conflict with alternatives when somebody was faster."""

    async def work() -> Appointment:
        patient = await accounts.patient(actor, _own(actor))
        await _may_book(actor, patient.id)
        held = await scheduling.hold(
            actor, patient.id, practitioner_id, FIRST_VISIT, start_at, patient.jurisdiction, patient.zone, now
        )
        await audit.record(actor, "hold", _SUBJECT, held.id, now, patient_id=patient.id)
        return held

    return await _settled(work)


async def confirm(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """Turn a live hold into a booked consult; again is harmless. The provider gets the evaluation."""

    async def work() -> Appointment:
        before = await scheduling.locked(actor, appointment_id)
        booked = await scheduling.confirm(actor, appointment_id, now)
        if before.status != booked.status:
            await _booked(actor, booked, now)
        return booked

    return await _settled(work)


async def book_for(
    actor: Actor, patient_id: UUID, practitioner_id: UUID, visit_type: str, start_at: datetime, now: datetime
) -> Appointment:
    """A coordinator books for a patient, where the patient is licensed to be seen and in the patient's zone."""
    if actor.role not in {Role.COORDINATOR, Role.SYSTEM}:
        raise Refused(_("Only a coordinator books for somebody else."))

    async def work() -> Appointment:
        patient = await accounts.patient(actor, patient_id)
        await _answers_are_in(actor, patient_id, visit_type)
        booked = await scheduling.book_for(
            actor, patient_id, practitioner_id, visit_type, start_at, patient.jurisdiction, patient.zone, now
        )
        await _booked(actor, booked, now)
        return booked

    return await _settled(work)


async def _answers_are_in(actor: Actor, patient_id: UUID, visit_type: str) -> None:
    """A first visit needs something to review. Set-up builds calendars without lives, so it is not asked."""
    if actor.role is Role.COORDINATOR and visit_type == FIRST_VISIT:
        intake = await intakes.newest(SYSTEM, patient_id)
        if intake is None or intake.status != "completed":
            raise Conflict(_("This patient has not sent the answers yet; a first visit follows them."), "intake-open")


async def _booked(actor: Actor, booked: Appointment, now: datetime) -> None:
    await _hand_over(actor, booked, now)
    await announce(booked, "consult-booked", now)
    await audit.record(actor, "book", _SUBJECT, booked.id, now, patient_id=booked.patient_id)


async def _hand_over(actor: Actor, booked: Appointment, now: datetime) -> None:
    """The provider of the first visit reviews the intake."""
    if booked.visit_type == FIRST_VISIT:
        await evaluations.assign_for_visit(SYSTEM, booked.patient_id, booked.practitioner_id, now)


async def release(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """Give a hold back, so that somebody else can have the time."""

    async def work() -> Appointment:
        released = await scheduling.release(actor, appointment_id, now)
        await audit.record(actor, "release", _SUBJECT, released.id, now, patient_id=released.patient_id)
        return released

    return await _settled(work)


async def move(
    actor: Actor, appointment_id: UUID, practitioner_id: UUID, start_at: datetime, now: datetime
) -> Appointment:
    """Move a booked consult: same id, next version, old reminders dead."""

    async def work() -> Appointment:
        before = await scheduling.locked(actor, appointment_id, practitioner_id)
        moved = await scheduling.move(actor, appointment_id, practitioner_id, start_at, now)
        if moved.version != before.version:
            await _hand_over(actor, moved, now)
            await announce(moved, "consult-moved", now)
            await audit.record(actor, "move", _SUBJECT, moved.id, now, patient_id=moved.patient_id)
        return moved

    return await _settled(work)


async def cancel(actor: Actor, appointment_id: UUID, reason: str, now: datetime) -> Appointment:
    """Cancel with a reason; again is harmless. Reminders die with the old version."""

    async def work() -> Appointment:
        before = await scheduling.locked(actor, appointment_id)
        cancelled = await scheduling.cancel(actor, appointment_id, reason, now)
        if before.status != cancelled.status:
            await announce(cancelled, "consult-cancelled", now)
            await audit.record(actor, "cancel", _SUBJECT, cancelled.id, now, patient_id=cancelled.patient_id)
        return cancelled

    return await _settled(work)


async def announce(appointment: Appointment, kind: str, now: datetime) -> None:
    """Write the message about a change, and the reminders that follow from it, beside the change itself."""

    async def row(what: str, due_at: datetime, useful_until: datetime | None) -> None:
        await notifications.enqueue(
            what, "patient", appointment.patient_id, _SUBJECT, appointment.id, appointment.version, due_at, now,
            useful_until,
        )  # fmt: skip

    await notifications.supersede(_SUBJECT, appointment.id, appointment.version, now)
    await row(kind, now, None if kind == "consult-cancelled" else appointment.start_at)
    if appointment.status == "booked":
        for reminder, due_at in notification_rules.reminders_for(appointment.start_at, now):
            await row(reminder, due_at, appointment.start_at)


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

    return expired, await _settled(work)


def _own(actor: Actor) -> UUID:
    if actor.role is not Role.PATIENT or actor.patient_id is None:
        raise Refused(_("This is for patients."))
    return actor.patient_id
