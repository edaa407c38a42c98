"""Coordinators call those who do not answer. Nothing clinical passes through here."""

from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Refused
from carepath.kit.words import _
from carepath.worklists import calls as worklist
from carepath.worklists.calls import CallRow


def _coordinator(actor: Actor) -> None:
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))


async def to_make(actor: Actor, now: datetime) -> list[CallRow]:
    """Everybody who is to be called. The look leaves an audit row: it shows names and numbers."""
    _coordinator(actor)
    async with db.transaction():
        await audit.record(actor, "read", "call-list", None, now)
        return await worklist.calls(actor.scope)


async def waiting(actor: Actor, now: datetime) -> int:
    """How many calls are due: a number, and nothing of whom."""
    _coordinator(actor)
    return await worklist.due(actor.scope, now)


async def record(actor: Actor, call_id: UUID, was_reached: bool, note: str, now: datetime) -> None:
    """Called, with a note; or nobody was reached. Conflict when somebody else has, or it is not needed any more."""
    _coordinator(actor)
    async with db.transaction():
        done = await followups.record_call(actor, call_id, was_reached, note, now)
        action = "complete" if was_reached else "try-again"
        await audit.record(actor, action, "patient-call", done.id, now, patient_id=done.patient_id)
