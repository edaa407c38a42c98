"""Calendars outside of ours that say when practitioners are busy: kept, read again, and never shown in full.

An address is only written down here; a worker reads it, with no transaction open. What it finds replaces the old
times in one, under the practitioner's turn, so that nobody books between the reading and the look at the visits.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from carepath.kit import addresses, crypto, db, faults, fetching
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.ids import new_id
from carepath.kit.words import _
from carepath.scheduling import availability_queries, feed_queries
from carepath.scheduling.availability import may_plan, take_turn
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.feed_queries import BusyFeed, Claim, Span
from carepath.scheduling.queries import Appointment
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import busy_feed, feed_times
from carepath.scheduling.rules.busy_feed import BadFeed, Feed
from carepath.scheduling.rules.ranges import instant_of
from carepath.scheduling.standing import revisit

_log = logging.getLogger("carepath.scheduling")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Outside:
    """How the world is met: the host in our visits' UIDs, whether private addresses may be read (development only),
    and how long one feed may take."""

    host: str
    allow_private: bool
    seconds: float = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a claimed feed: its times and notes, or the problem."""

    times: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str | None = None


async def busy_feeds(actor: Actor, practitioner_id: UUID) -> list[BusyFeed]:
    """The calendars of one practitioner, for themselves and the office."""
    may_plan(actor, practitioner_id)
    return await feed_queries.of(actor.scope, practitioner_id)


@retried
async def add_feed_address(
    actor: Actor, practitioner_id: UUID, name: str, url: str, outside: Outside, now: datetime
) -> UUID:
    """A calendar to be read from an address, soon and then every quarter of an hour; its id. Invalid `name`, `url`."""
    may_plan(actor, practitioner_id)
    try:
        found = addresses.target(url, outside.allow_private, outside.allow_private)
    except addresses.FetchProblem as problem:
        raise Invalid({"url": problem.reason}) from None
    if found.host == outside.host and not outside.allow_private:
        raise Invalid({"url": _("This is an address of ours. Visits with us count as busy already.")})
    feed_id, named = new_id(), _name(name) or found.host[:_LONGEST_NAME]
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await _room_for_one_more(actor.scope, practitioner_id, "url")
        sealed = await feed_queries.addresses_of(actor.scope, practitioner_id)
        if url.strip() in {crypto.unseal(one, feed_queries.place(known)) for known, one in sealed}:
            raise Invalid({"url": _("This address is in the list already.")})
        await feed_queries.insert(actor.scope, feed_id, practitioner_id, named, url.strip(), now)
    return feed_id


@retried
async def add_feed_file(
    actor: Actor, practitioner_id: UUID, name: str, text: str, outside: Outside, now: datetime
) -> list[Appointment]:
    """A calendar that was pasted, read once; answers the visits flagged now. Invalid `file_name`, `file`."""
    may_plan(actor, practitioner_id)
    named = _name(name, "file_name") or _("Pasted calendar")
    try:
        found = await _parsed(actor.scope, practitioner_id, text.encode("utf-8", "replace"), True, outside, now)
    except BadFeed as problem:
        raise Invalid({"file": problem.reason}) from None
    feed_id = new_id()
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await _room_for_one_more(actor.scope, practitioner_id, "file")
        await feed_queries.insert(actor.scope, feed_id, practitioner_id, named, None, now)
        await feed_queries.replace_times(actor.scope, feed_id, practitioner_id, _spans(found))
        await feed_queries.note_success(actor.scope, feed_id, found.notes, now, None)
        return await revisit(actor, practitioner_id, now)


@retried
async def remove_feed(actor: Actor, feed_id: UUID, now: datetime) -> list[Appointment]:
    """Its times are free again; answers the visits that stay flagged."""
    feed = await _own(actor, feed_id)
    async with db.transaction():
        await take_turn(actor, feed.practitioner_id)
        await feed_queries.delete(actor.scope, feed_id)
        return await revisit(actor, feed.practitioner_id, now)


async def read_feed_soon(actor: Actor, feed_id: UUID, now: datetime) -> None:
    """Have it read at the worker's next round. Conflict for one without an address."""
    feed = await _own(actor, feed_id)
    if feed.is_pasted:
        raise Conflict(_("A pasted calendar cannot be read again. Paste it anew."), "pasted")
    await feed_queries.set_due(actor.scope, feed_id, now)


async def _own(actor: Actor, feed_id: UUID) -> BusyFeed:
    feed = await feed_queries.get(actor.scope, feed_id)
    may_plan(actor, feed.practitioner_id)
    return feed


def _name(name: str, field: str = "name") -> str:
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid({field: _("Enter one short line of text.")})
    return name.strip()


async def _room_for_one_more(scope: Scope, practitioner_id: UUID, field: str) -> None:
    if len(await feed_queries.of(scope, practitioner_id)) >= feed_times.MOST_FEEDS:
        most = _("There are {n} calendars already, and that is the most. Remove one first.")
        raise Invalid({field: most.format(n=feed_times.MOST_FEEDS)})


async def claim_feeds(now: datetime, limit: int) -> list[Claim]:
    """Feeds that are due, for this process to read. Open no transaction around it: the claim must be seen at once."""
    return await feed_queries.claim_due(SYSTEM.scope, now, feed_times.LEASE, limit)


async def read_feed(claim: Claim, outside: Outside, now: datetime) -> Reading:
    """Fetch and read one feed, in bounded time and with no transaction open. A feed that fails says why."""
    try:
        url = crypto.unseal(claim.url_enc, feed_queries.place(claim.id))
        fetched = await fetching.fetch(url, allow_private=outside.allow_private, seconds=outside.seconds)
        found = await _parsed(SYSTEM.scope, claim.practitioner_id, fetched.body, False, outside, now)
    except (addresses.FetchProblem, BadFeed) as problem:
        return Reading(problem=problem.reason)
    except crypto.WrongKey:
        return Reading(problem=_("The address cannot be opened any more. Remove this calendar and add it again."))
    except db.UNREACHABLE:
        raise
    except Exception as problem:  # what nobody thought of is one feed's trouble, not that of all others
        _log.error("a busy feed failed: %s", faults.describe(problem))
        return Reading(problem=_("Something in this calendar could not be handled. Please tell the clinic's office."))
    return Reading(_spans(found), found.notes)


async def _parsed(
    scope: Scope, practitioner_id: UUID, body: bytes, is_pasted: bool, outside: Outside, now: datetime
) -> Feed:
    """Read beside the event loop: a file at its limits takes a second or two."""
    person = await availability_queries.practitioner(scope, practitioner_id)
    mine = await feed_queries.visit_ids(scope, practitioner_id, feed_times.visits_since(now))
    ours = frozenset(f"{one}@{outside.host}" for one in mine)
    window = feed_times.window(clinic(), is_pasted, now)
    return await asyncio.to_thread(busy_feed.read, body, person.zone, window, ours)


def _spans(found: Feed) -> tuple[Span, ...]:
    return tuple((instant_of(first), instant_of(past)) for first, past in found.busy)


@retried
async def store_reading(claim: Claim, reading: Reading, now: datetime) -> bool:
    """Write down what a claim led to; True if times or trouble changed. A failure keeps the old times.

    A feed that was removed, or claimed by somebody else meanwhile, is left alone.
    """
    scope = SYSTEM.scope
    async with db.transaction():
        await take_turn(SYSTEM, claim.practitioner_id)
        if not await feed_queries.hold_claim(scope, claim):
            return False
        if reading.problem is not None:
            failures = min(claim.failures + 1, 1000)
            due_at = feed_times.next_try(failures, now)
            await feed_queries.note_failure(scope, claim.id, reading.problem, failures, due_at)
            return claim.failures == 0
        same = await feed_queries.times_of(scope, claim.id) == list(reading.times)
        if not same:
            await feed_queries.replace_times(scope, claim.id, claim.practitioner_id, reading.times)
            await revisit(SYSTEM, claim.practitioner_id, now)
        await feed_queries.note_success(scope, claim.id, reading.notes, now, now + feed_times.EVERY)
        return not same or claim.failures > 0


def outside_of(base_url: str, is_production: bool) -> Outside:
    """The world as a deployment meets it."""
    return Outside(urlsplit(base_url).hostname or "localhost", not is_production)
