"""A provider is late for a visit, and says by how much."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.scheduling import queries
from carepath.scheduling.booking import SUBJECT, locked
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import machine
from carepath.scheduling.rules.machine import APPOINTMENT, LATE


@dataclass(frozen=True, slots=True)
class Late:
    """The visit, and whether this very act has changed when it is expected: said twice, it is no news."""

    appointment: Appointment
    is_news: bool


@retried
async def be_late(actor: Actor, appointment_id: UUID, version: int, minutes: int, now: datetime) -> Late:
    """The provider of this visit, as it stood at `version`, is late by so many minutes. Saying it again changes nothing.

    Invalid `minutes`; Conflict `too-early`, `over`, `changed` when it was moved meanwhile, `told-later` when the
    patient expects them later already, and by the visit's state.
    """
    if minutes not in LATE:
        raise Invalid({"minutes": _("Choose by how much you are late.")})
    async with db.transaction():
        before = await locked(actor, appointment_id)
        status = APPOINTMENT.apply(before.status, "late", actor.role)
        if before.version != version:
            raise Conflict(_("This visit was moved meanwhile. Please look again."), "changed")
        machine.check_time("late", actor.role, before.start_at, clinic().rules, now)
        if now >= before.end_at:
            raise Conflict(_("This visit is over."), "over")
        said = before.late_minutes or 0
        if minutes < said:
            raise Conflict(
                _("The patient expects you {minutes} minutes late already and may not be back sooner.").format(
                    minutes=said
                ),
                "told-later",
            )
        if minutes == said:
            return Late(before, False)
        await queries.set_late(actor.scope, before.id, minutes, now)
        await history.record(
            actor, SUBJECT, before.id, from_status=before.status, to_status=status, action="late", now=now
        )
        return Late(await queries.get(actor.scope, before.id), True)
