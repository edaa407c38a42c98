"""What happened at a consult, said by whoever was there."""

from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, Arrival, Entrance

_SUBJECT, LATE = "appointment", "late-visit"


async def _noted(actor: Actor, action: str, appointment: Appointment, now: datetime) -> Appointment:
    await audit.record(actor, action, _SUBJECT, appointment.id, now, patient_id=appointment.patient_id)
    return appointment


async def entrance(actor: Actor, appointment: Appointment, now: datetime) -> Entrance:
    """Whether the room of a visit that was read already can be entered now."""
    return await scheduling.entrance(actor.scope, appointment, now)


async def check_in(actor: Actor, appointment_id: UUID, located_in: str | None, now: datetime) -> Arrival:
    """The patient is here, and says in which state. Where the provider may not see them, they are turned away."""
    async with db.transaction():
        arrival = await scheduling.check_in(actor, appointment_id, located_in, now)
        await _noted(actor, "turn-away" if arrival.refused else "check-in", arrival.appointment, now)
        return arrival


async def fulfil(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The consult took place."""
    async with db.transaction():
        return await _noted(actor, "fulfil", await scheduling.fulfil(actor, appointment_id, now), now)


async def no_show(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient did not come."""
    async with db.transaction():
        return await _noted(actor, "no-show", await scheduling.no_show(actor, appointment_id, now), now)


async def reverse_no_show(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """They did come after all."""
    async with db.transaction():
        appointment = await scheduling.reverse_no_show(actor, appointment_id, now)
        return await _noted(actor, "reverse-no-show", appointment, now)


async def late(actor: Actor, appointment_id: UUID, version: int, minutes: int, now: datetime) -> Appointment:
    """The provider is late for a visit of theirs, and its patient is told when to expect them. Again is harmless; a
    longer time is told anew, and whatever told a shorter one and has not left is dead."""
    async with db.transaction():
        said = await scheduling.be_late(actor, appointment_id, version, minutes, now)
        found = said.appointment
        if said.is_news:
            of_which = late_version(found)
            await notifications.supersede(LATE, found.id, of_which, now)
            await notifications.enqueue(
                "consult-late", "patient", found.patient_id, LATE, found.id, of_which, now, now, found.end_at
            )
            await _noted(actor, "late", found, now)
        return found


def late_version(appointment: Appointment) -> int:
    """The version of what is said about being late: of the visit, then of the minutes."""
    return appointment.version * 1000 + (appointment.late_minutes or 0)
