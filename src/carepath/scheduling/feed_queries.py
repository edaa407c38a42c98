"""All SQL over the calendars that say when practitioners are busy elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class BusyFeed:
    """A calendar outside of ours, without its address.

    `problem` says why the last try failed, `notes` what was odd in the last one that went well (`read_at`);
    `due_at` is the next try, None for a calendar that was pasted. `times` counts what is kept, until `until`.
    """

    id: UUID
    practitioner_id: UUID
    name: str
    is_pasted: bool
    due_at: datetime | None
    failures: int
    problem: str | None
    notes: list[str]
    tried_at: datetime | None
    read_at: datetime | None
    times: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A feed that this process reads now: `tried_at` tells its try from every other. The address is still sealed."""

    id: UUID
    practitioner_id: UUID
    url_enc: bytes
    tried_at: datetime
    failures: int


def place(feed_id: UUID) -> str:
    """Where an address is sealed for."""
    return f"busy_feed.url_enc:{feed_id}"


_COLUMNS = """f.id, f.practitioner_id, f.name, f.url_enc IS NULL AS is_pasted, f.due_at, f.failures, f.problem, f.notes,
    f.tried_at, f.read_at, (SELECT count(*) FROM busy_time b WHERE b.feed_id = f.id)::int AS times,
    (SELECT max(b.ends_at) FROM busy_time b WHERE b.feed_id = f.id) AS until"""


def _feed(r: dict[str, Any]) -> BusyFeed:
    return BusyFeed(**r)


async def of(scope: Scope, practitioner_id: UUID) -> list[BusyFeed]:
    """A practitioner's feeds, the oldest first."""
    found = await db.rows(
        f"SELECT {_COLUMNS} FROM busy_feed f WHERE f.practitioner_id = {{}} ORDER BY f.created_at, f.id",
        practitioner_id,
    )
    return [_feed(r) for r in found]


async def get(scope: Scope, feed_id: UUID) -> BusyFeed:
    """One feed. NotFound when absent."""
    found = await db.row(f"SELECT {_COLUMNS} FROM busy_feed f WHERE f.id = {{}}", feed_id)
    if found is None:
        raise NotFound
    return _feed(found)


async def addresses_of(scope: Scope, practitioner_id: UUID) -> list[tuple[UUID, bytes]]:
    """(id, sealed address) of the feeds that have one."""
    found = await db.rows(
        "SELECT id, url_enc FROM busy_feed WHERE practitioner_id = {} AND url_enc IS NOT NULL", practitioner_id
    )
    return [(r["id"], r["url_enc"]) for r in found]


async def insert(scope: Scope, feed_id: UUID, practitioner_id: UUID, name: str, url: str | None, now: datetime) -> None:
    """A new feed; one with an address is due at once."""
    await db.execute(
        """INSERT INTO busy_feed (id, practitioner_id, name, url_enc, due_at, created_at)
           VALUES ({}, {}, {}, {}, {}, {})""",
        feed_id, practitioner_id, name, crypto.seal_optional(url, place(feed_id)), now if url else None, now,
    )  # fmt: skip


async def delete(scope: Scope, feed_id: UUID) -> None:
    """The feed and its times."""
    await db.execute("DELETE FROM busy_feed WHERE id = {}", feed_id)


async def set_due(scope: Scope, feed_id: UUID, now: datetime) -> None:
    """Read it at the next round."""
    await db.execute("UPDATE busy_feed SET due_at = {} WHERE id = {} AND url_enc IS NOT NULL", now, feed_id)


async def claim_due(scope: Scope, now: datetime, lease: timedelta, limit: int) -> list[Claim]:
    """Feeds that are due, moved ahead by `lease`, so that nobody else reads them meanwhile."""
    found = await db.rows(
        """UPDATE busy_feed SET due_at = {}, tried_at = {} WHERE id IN (
             SELECT f.id FROM busy_feed f JOIN practitioner p ON p.id = f.practitioner_id
             WHERE f.due_at <= {} AND p.is_active ORDER BY f.due_at LIMIT {} FOR UPDATE OF f SKIP LOCKED)
           RETURNING id, practitioner_id, url_enc, tried_at, failures""",
        now + lease, now, now, limit,
    )  # fmt: skip
    return [Claim(**r) for r in found]


async def hold_claim(scope: Scope, claim: Claim) -> bool:
    """Lock the feed if it is there and nobody has tried it since. Under the practitioner's turn."""
    found = await db.row("SELECT 1 FROM busy_feed WHERE id = {} AND tried_at = {} FOR UPDATE", claim.id, claim.tried_at)
    return found is not None


async def note_success(
    scope: Scope, feed_id: UUID, notes: Sequence[str], now: datetime, due_at: datetime | None
) -> None:
    """It was read, with these oddities."""
    await db.execute(
        """UPDATE busy_feed SET read_at = {}, tried_at = {}, due_at = {}, failures = 0, problem = NULL, notes = {}
           WHERE id = {}""",
        now, now, due_at, list(notes), feed_id,
    )  # fmt: skip


async def note_failure(scope: Scope, feed_id: UUID, problem: str, failures: int, due_at: datetime) -> None:
    """It was not read. The times of the last reading stay."""
    await db.execute(
        "UPDATE busy_feed SET problem = {}, failures = {}, due_at = {} WHERE id = {}",
        problem, failures, due_at, feed_id,
    )  # fmt: skip


async def times_of(scope: Scope, feed_id: UUID) -> list[Span]:
    """What is kept of a feed, in order."""
    found = await db.rows(
        "SELECT begins_at, ends_at FROM busy_time WHERE feed_id = {} ORDER BY begins_at, ends_at", feed_id
    )
    return [(r["begins_at"], r["ends_at"]) for r in found]


async def replace_times(scope: Scope, feed_id: UUID, practitioner_id: UUID, times: Sequence[Span]) -> None:
    """These times instead of the old ones, in the caller's transaction."""
    await db.execute("DELETE FROM busy_time WHERE feed_id = {}", feed_id)
    await db.execute(
        """INSERT INTO busy_time (id, feed_id, practitioner_id, begins_at, ends_at)
           SELECT t.id, {}, {}, t.begins_at, t.ends_at
           FROM unnest({}::uuid[], {}::timestamptz[], {}::timestamptz[]) AS t (id, begins_at, ends_at)""",
        feed_id, practitioner_id, [new_id() for _ in times], [begin for begin, _ in times], [end for _, end in times],
    )  # fmt: skip


async def visit_ids(scope: Scope, practitioner_id: UUID, since: datetime) -> list[UUID]:
    """The practitioner's appointments, whatever became of them, that begin after `since`."""
    found = await db.rows(
        "SELECT id FROM appointment WHERE practitioner_id = {} AND start_at >= {}", practitioner_id, since
    )
    return [r["id"] for r in found]
