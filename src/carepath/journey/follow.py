"""What follows when a visit was booked, moved or cancelled: the reviewer, the waiting list, messages, the audit row."""

from datetime import datetime, timedelta

from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.journey.choose import FIRST_VISIT
from carepath.kit.actor import SYSTEM, Actor
from carepath.notifications import service as notifications
from carepath.notifications.rules.timing import reminders_for
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

_SUBJECT = "appointment"
_LEAST = timedelta(days=1)


async def note_booked(actor: Actor, booked: Appointment, now: datetime) -> None:
    """What follows a booking: the reviewer, the waiting list, the message, the audit row."""
    await scheduling.met_otherwise(booked.patient_id, booked.visit_type, now)
    await hand_over(actor, booked, now)
    await announce(booked, "consult-booked", now)
    await audit.record(actor, "book", _SUBJECT, booked.id, now, patient_id=booked.patient_id)


async def note_moved(actor: Actor, moved: Appointment, now: datetime) -> None:
    """What follows a move."""
    await hand_over(actor, moved, now)
    await announce(moved, "consult-moved", now)
    await audit.record(actor, "move", _SUBJECT, moved.id, now, patient_id=moved.patient_id)


async def hand_over(actor: Actor, booked: Appointment, now: datetime) -> None:
    """The provider of the first visit reviews the intake."""
    if booked.visit_type == FIRST_VISIT:
        await evaluations.assign_for_visit(SYSTEM, booked.patient_id, booked.practitioner_id, now)


async def announce(appointment: Appointment, kind: str | None, now: datetime) -> None:
    """Write the message about a change, and the reminders that follow from it, beside the change itself.

    None: the change is told in a message about several.
    """

    async def row(what: str, due_at: datetime, useful_until: datetime) -> None:
        await notifications.enqueue(
            what, "patient", appointment.patient_id, _SUBJECT, appointment.id, appointment.version, due_at, now,
            useful_until,
        )  # fmt: skip

    await notifications.supersede(_SUBJECT, appointment.id, appointment.version, now)
    if kind is not None:
        # That a visit is off is worth knowing also just after it would have begun.
        until = max(appointment.start_at, now + _LEAST) if kind == "consult-cancelled" else appointment.start_at
        await row(kind, now, until)
    if appointment.status == "booked":
        checklist = notifications.times().checklist if appointment.room else None
        for reminder, due_at in reminders_for(appointment.start_at, now, checklist):
            await row(reminder, due_at, appointment.start_at)
