"""Clinical notes on an evaluation: saved as a draft, signed, added to."""

from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.evaluations import noting
from carepath.evaluations import service as evaluations
from carepath.evaluations.noting import StaleDraft
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import NotFound, Refused
from carepath.kit.words import _

__all__ = ["StaleDraft", "discard", "write"]


def _provider(actor: Actor) -> None:
    if actor.role is not Role.PROVIDER or actor.practitioner_id is None:
        raise Refused(_("This is for providers."))


async def write(
    actor: Actor, evaluation_id: UUID, addends: UUID | None, text: str, version: int, is_final: bool, now: datetime
) -> None:  # fmt: skip
    """Save one's draft over `version`, and sign it when `is_final`. `addends`: the signed note that it adds to.

    Invalid for an empty or too long text; StaleDraft, with the other text, when another window was faster.
    """
    _provider(actor)
    async with db.transaction():
        evaluation = await evaluations.get(actor.scope, evaluation_id)
        if evaluation.practitioner_id != actor.practitioner_id:
            raise NotFound
        note = await noting.save(actor, evaluation_id, addends, text, version, now)
        if is_final:
            await noting.sign(actor, note, now)
        await audit.record(
            actor, "sign" if is_final else "write", noting.SUBJECT, note.id, now, patient_id=evaluation.patient_id
        )


async def discard(actor: Actor, evaluation_id: UUID, addends: UUID | None, version: int, now: datetime) -> None:
    """Throw one's draft away. StaleDraft when another window saved, signed or discarded it meanwhile."""
    _provider(actor)
    async with db.transaction():
        evaluation = await evaluations.get(actor.scope, evaluation_id)
        note = await noting.discard(actor, evaluation_id, addends, version, now)
        await audit.record(actor, "discard", noting.SUBJECT, note.id, now, patient_id=evaluation.patient_id)
