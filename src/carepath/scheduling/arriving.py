"""Just before a visit: the patient says where they are, and the room opens if the visit may be held there.

Fails closed: without an answer there is no room, and an answer counts only as long as the rules agree with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import Actor, Role, Scope
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.scheduling import queries, standing
from carepath.scheduling.booking import SUBJECT, locked
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import machine
from carepath.scheduling.rules.machine import APPOINTMENT
from carepath.scheduling.rules.model import Refusal


@dataclass(frozen=True, slots=True)
class Arrival:
    """The visit after somebody said where its patient is; `refused` says why it cannot be held with them there."""

    appointment: Appointment
    refused: Refusal | None


@dataclass(frozen=True, slots=True)
class Entrance:
    """Whether the video room can be entered. `state`: `none` (no room, or the visit is over), `early` (until
    `opens_at`), `ask` (nobody said where the patient is), `refused` (not from where they are), `open`."""

    state: str
    opens_at: datetime
    refused: Refusal | None = None


async def entrance(scope: Scope, visit: Appointment, now: datetime) -> Entrance:
    """What stands between the patient and the room at this moment. Licences are read anew every time."""
    opens_at = visit.start_at - timedelta(minutes=clinic().rules.check_in_opens_minutes)
    if not standing.is_video(visit) or visit.status not in {"booked", "checked-in"} or now >= visit.end_at:
        return Entrance("none", opens_at)
    if now < opens_at:
        return Entrance("early", opens_at)
    if visit.located_in is None:
        return Entrance("ask", opens_at)
    refused = await standing.refused_in(scope, visit, visit.located_in, now)
    if refused is not None:
        return Entrance("refused", opens_at, refused)
    return Entrance("open" if visit.status == "checked-in" else "ask", opens_at)


@retried
async def check_in(actor: Actor, appointment_id: UUID, located_in: str | None, now: datetime) -> Arrival:
    """The patient is here, in the state `located_in` (video visits only). Saying it again corrects it.

    Where the provider may not see them the visit is turned away: it stays booked, with what was said, and is flagged.
    That is answered rather than raised, so that it is kept. Invalid `located_in`; Conflict `too-early`, `over`.
    """
    async with db.transaction():
        before = await locked(actor, appointment_id)
        arrived = APPOINTMENT.apply(before.status, "check-in", actor.role)
        machine.check_time("check-in", actor.role, before.start_at, clinic().rules, now)
        if actor.role is Role.PATIENT and now >= before.end_at:
            raise Conflict(_("This visit is over. Please call the clinic."), "over")
        if not standing.is_video(before):
            return Arrival(await _become(actor, before, arrived, "check-in", None, now), None)
        if located_in is None or located_in not in clinic().jurisdictions:
            raise Invalid({"located_in": _("Choose the state where the patient is now.")})
        refused = await standing.refused_in(actor.scope, before, located_in, now)
        action = "turn-away" if refused else "check-in"
        status = APPOINTMENT.apply(before.status, action, actor.role)
        return Arrival(await _become(actor, before, status, action, located_in, now), refused)


async def _become(
    actor: Actor, before: Appointment, status: str, action: str, located_in: str | None, now: datetime
) -> Appointment:
    if (before.status, before.located_in) == (status, located_in):
        return before
    if located_in is not None:
        await queries.set_location(actor.scope, before.id, located_in, now)
    await queries.set_status(actor.scope, before.id, status, now)
    await history.record(
        actor, SUBJECT, before.id, from_status=before.status, to_status=status, action=action, now=now
    )  # fmt: skip
    await standing.review(actor.scope, await queries.get(actor.scope, before.id), now)
    return await queries.get(actor.scope, before.id)
