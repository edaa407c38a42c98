"""Visits for calendar programs, at a secret address that its owner makes, replaces and revokes."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import NOBODY, Actor, Role
from carepath.kit.errors import NotFound, Refused
from carepath.kit.ids import new_id, new_token, token_hash
from carepath.kit.words import _
from carepath.scheduling import published_queries, queries, turn_queries
from carepath.scheduling.published_queries import CalendarAddress
from carepath.scheduling.queries import Appointment
from carepath.scheduling.retry import retried

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_BEFORE = timedelta(days=30)
_NOTED_EVERY = timedelta(hours=1)


async def calendar_address(actor: Actor) -> CalendarAddress | None:
    """One's own address, if there is one. Refused for whoever has no visits."""
    _owner(actor)
    return await published_queries.mine(actor.scope)


@retried
async def make_calendar_address(actor: Actor, now: datetime) -> tuple[UUID, str]:
    """(id, token) of a new address; the old one ends in the same instant. The token is told now and never again."""
    owner, token, address_id = _owner(actor), new_token(), new_id()
    async with db.transaction():
        await turn_queries.take(actor.scope, owner)
        await published_queries.revoke(actor.scope, now)
        await published_queries.insert(actor.scope, address_id, token_hash(token), now)
    return address_id, token


async def revoke_calendar_address(actor: Actor, now: datetime) -> UUID | None:
    """Whoever has the address reads nothing more; its id. Revoking twice changes nothing."""
    _owner(actor)
    return await published_queries.revoke(actor.scope, now)


def _owner(actor: Actor) -> UUID:
    """The practitioner or patient; a session that came by a link to one thing has no calendar."""
    if actor.limited_to is None:
        if actor.role is Role.PROVIDER and actor.practitioner_id is not None:
            return actor.practitioner_id
        if actor.role is Role.PATIENT and actor.patient_id is not None:
            return actor.patient_id
    raise Refused(_("Only providers and patients have a calendar of their own."))


async def address_of_token(token: str) -> CalendarAddress:
    """Whose address it is. NotFound for what is malformed, unknown or revoked, without a difference."""
    found = await published_queries.by_hash(NOBODY.scope, token_hash(token)) if _TOKEN.fullmatch(token) else None
    if found is None:
        raise NotFound
    return found


async def published(address: CalendarAddress, now: datetime) -> list[Appointment]:
    """What the address shows: visits of the last thirty days and all to come; cancelled ones stay, as cancelled."""
    await published_queries.note_read(address.scope, address.id, now, _NOTED_EVERY)
    return await queries.to_publish(address.scope, now - _BEFORE)
