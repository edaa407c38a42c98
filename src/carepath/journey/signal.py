"""Signals: looked at, and what was done about them."""

from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.followups.service import Signal
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor


async def acknowledge(actor: Actor, signal_id: UUID, note: str, now: datetime) -> Signal:
    """A signal was looked at; the note says what was done."""
    must_be_provider(actor)
    async with db.transaction():
        found = await followups.acknowledge(actor, signal_id, note, now)
        await audit.record(actor, "acknowledge", "signal", found.id, now, patient_id=found.patient_id)
        return found


async def patient_of_signal(actor: Actor, signal_id: UUID) -> UUID:
    """Whose signal this is, to lead back to their page."""
    return (await followups.signal(actor.scope, signal_id)).patient_id
