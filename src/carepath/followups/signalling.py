"""Signals: read, acknowledged with a note, and told again while they are not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.followups import signal_queries, standing_queries
from carepath.followups.catalogue import followups
from carepath.followups.planning import author
from carepath.followups.signal_queries import Signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.words import _


async def acknowledge(
    actor: Actor, patient_id: UUID, ids: Sequence[UUID], note: str, now: datetime
) -> list[Signal]:  # fmt: skip
    """A provider has looked at signals of one patient and says what they did: all of them, or none.

    Invalid without a note or a signal; NotFound when one is absent, out of reach or another patient's.
    """
    _check(ids, note)
    async with db.transaction():
        await standing_queries.hold(actor.scope, [patient_id])
        found = await signal_queries.signals(actor.scope, ids, lock=True)
        if len(found) < len(set(ids)) or any(one.patient_id != patient_id for one in found):
            raise NotFound
        if any(one.acknowledged_at is not None for one in found):
            raise Conflict(_("This signal was acknowledged already."), "acknowledged")
        await signal_queries.acknowledge(actor.scope, [one.id for one in found], note.strip(), author(actor), now)
        await standing_queries.refresh(actor.scope, [patient_id])
        return await signal_queries.signals(actor.scope, ids)


async def tell_red_again(now: datetime, limit: int) -> list[UUID]:
    """Red signals that nobody has acknowledged in time and of which somebody is to be told now: whose each is."""
    return await signal_queries.tell_again(SYSTEM.scope, followups().red_again.next(now), now, limit)


async def told_again_by_owner() -> list[tuple[UUID | None, int, int]]:
    """(whose, how often told again, how many) of the red signals that still wait after somebody was told again."""
    return await signal_queries.told_again_by_owner(SYSTEM.scope)


def _check(ids: Sequence[UUID], note: str) -> None:
    problems = {}
    if not ids:
        problems["signals"] = _("Choose at least one signal.")
    if not note.strip():
        problems["note"] = _("Write what you did.")
    if len(note) > 2000:
        problems["note"] = _("This can have at most {limit} characters.").format(limit=2000)
    if problems:
        raise Invalid(problems)


async def signal(scope: Scope, signal_id: UUID) -> Signal:
    """One signal within the scope."""
    return await signal_queries.signal(scope, signal_id)


async def signals_of(scope: Scope, patient_id: UUID) -> list[Signal]:
    """Every signal of a patient, newest first."""
    return await signal_queries.signals_of(scope, patient_id)
