"""When a provider is busy elsewhere: their own calendars, added by them or the office, read by the worker."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import NotFound
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import BusyFeed, Outside, Practitioner

_SUBJECT = "busy-feed"
_TOGETHER = 10


@dataclass(frozen=True, slots=True)
class Calendars:
    """A provider's calendars outside of ours."""

    practitioner: Practitioner
    feeds: list[BusyFeed]


async def calendars(actor: Actor, practitioner_id: UUID) -> Calendars:
    """The list with states; no address and no patient is in it."""
    feeds = await scheduling.busy_feeds(actor, practitioner_id)
    return Calendars(await scheduling.practitioner(actor.scope, practitioner_id), feeds)


async def add_address(
    actor: Actor, practitioner_id: UUID, name: str, url: str, outside: Outside, now: datetime
) -> None:
    """Have a calendar read from an address. Nothing is fetched here."""
    async with db.transaction():
        feed_id = await scheduling.add_feed_address(actor, practitioner_id, name, url, outside, now)
        await audit.record(actor, "add", _SUBJECT, feed_id, now)


async def add_file(actor: Actor, practitioner_id: UUID, name: str, text: str, outside: Outside, now: datetime) -> None:
    """Keep the busy times of a pasted calendar; visits that meet them are flagged."""
    async with db.transaction():
        flagged = await scheduling.add_feed_file(actor, practitioner_id, name, text, outside, now)
        await audit.record(actor, "paste", "practitioner", practitioner_id, now, flagged=len(flagged))


async def remove(actor: Actor, practitioner_id: UUID, feed_id: UUID, now: datetime) -> None:
    """Take a calendar away; its times are free again."""
    await _check_of(actor, practitioner_id, feed_id)
    async with db.transaction():
        await scheduling.remove_feed(actor, feed_id, now)
        await audit.record(actor, "remove", _SUBJECT, feed_id, now)


async def read_soon(actor: Actor, practitioner_id: UUID, feed_id: UUID, now: datetime) -> None:
    """Have a calendar read at the worker's next round."""
    await _check_of(actor, practitioner_id, feed_id)
    async with db.transaction():
        await scheduling.read_feed_soon(actor, feed_id, now)
        await audit.record(actor, "read-soon", _SUBJECT, feed_id, now)


async def _check_of(actor: Actor, practitioner_id: UUID, feed_id: UUID) -> None:
    if feed_id not in {feed.id for feed in await scheduling.busy_feeds(actor, practitioner_id)}:
        raise NotFound


async def tick(outside: Outside, now: datetime) -> int:
    """The worker's round: how many calendars were looked at.

    All that were claimed are fetched side by side, each for as long as one may take at most, so that a slow one
    delays nobody; the round ends before the next begins.
    """
    claims = await scheduling.claim_feeds(now, _TOGETHER)
    readings = await asyncio.gather(*(scheduling.read_feed(claim, outside, now) for claim in claims))
    for claim, reading in zip(claims, readings, strict=True):
        async with db.transaction():
            if await scheduling.store_reading(claim, reading, now):
                await audit.record(
                    SYSTEM, "import", _SUBJECT, claim.id, now, times=len(reading.times), failed=reading.problem is not None
                )  # fmt: skip
    return len(claims)
