"""The provider's desk: whom to look at first. Every look at it leaves an audit row."""

from dataclasses import dataclass
from datetime import datetime

from carepath.audit import service as audit
from carepath.journey import digest
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.worklists import follow_ups, provider
from carepath.worklists.follow_ups import Counts, Page
from carepath.worklists.pending import Wanted
from carepath.worklists.provider import Dashboard


@dataclass(frozen=True, slots=True)
class FollowUps:
    """One page of one list, and how many are in each."""

    page: Page
    counts: Counts


async def dashboard(actor: Actor, zone: str, now: datetime) -> Dashboard:
    """Urgent tasks, pending evaluations, maintenance follow-ups: in the order in which to look. `zone` is
    the provider's, in which today is read."""
    must_be_provider(actor)
    today = digest.today(zone, now)
    since, past = digest.day_of(zone, today)
    async with db.transaction():
        found = await provider.dashboard(actor.scope, Wanted("all", today, since, past, size=provider.SHOWN), now)
        await audit.record(actor, "read", "dashboard", None, now, rows=len(found.pending) + len(found.follow_ups))
        return found


async def list_follow_ups(actor: Actor, wanted: str, after: str | None, now: datetime) -> FollowUps:
    """A page of those who need a look. Invalid `show`, `after`. Nothing else is written: the audit row alone needs no
    transaction around it, and without it there is no page."""
    must_be_provider(actor)
    async with db.one_connection():
        found = await follow_ups.page(actor.scope, wanted, after, now)
        await audit.record(actor, "read", "follow-up-list", None, now, rows=len(found.rows), list=wanted)
        return FollowUps(found, await follow_ups.counts(actor.scope, now))
