"""Signals: read, and acknowledged with a note."""

from datetime import datetime
from uuid import UUID

from carepath.followups import signal_queries, standing_queries
from carepath.followups.planning import author
from carepath.followups.signal_queries import Signal
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _


async def acknowledge(actor: Actor, signal_id: UUID, note: str, now: datetime) -> Signal:
    """A provider has looked at a signal and says what they did. Invalid without a note."""
    if not note.strip():
        raise Invalid({"note": _("Write what you did.")})
    if len(note) > 2000:
        raise Invalid({"note": _("This can have at most {limit} characters.").format(limit=2000)})
    async with db.transaction():
        seen = await signal_queries.signal(actor.scope, signal_id)
        await standing_queries.hold(actor.scope, [seen.patient_id])
        found = await signal_queries.signal(actor.scope, signal_id, lock=True)
        if found.acknowledged_at is not None:
            raise Conflict(_("This signal was acknowledged already."), "acknowledged")
        await signal_queries.acknowledge(actor.scope, signal_id, note.strip(), author(actor), now)
        await standing_queries.refresh(actor.scope, [found.patient_id])
        return await signal_queries.signal(actor.scope, signal_id)


async def signal(scope: Scope, signal_id: UUID) -> Signal:
    """One signal within the scope."""
    return await signal_queries.signal(scope, signal_id)


async def signals_of(scope: Scope, patient_id: UUID) -> list[Signal]:
    """Every signal of a patient, newest first."""
    return await signal_queries.signals_of(scope, patient_id)
