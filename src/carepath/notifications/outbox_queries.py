"""The worker's SQL: claiming what is due, and recording what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.notifications.queries import COLUMNS, Message, message
from carepath.notifications.rules import timing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round made of one row. `status` "queued" is another try at `next_try_at`; `lane` puts it apart from the
    others. A try that was not made `counts` for nothing."""

    id: UUID
    status: str
    reason: str = ""
    next_try_at: datetime | None = None
    lane: bytes | None = None
    counts: bool = True


def _system(scope: Scope) -> None:
    if not scope.is_system:
        raise NotFound


_DUE = "status = 'queued' AND due_at <= $1 AND next_try_at <= $1"
_TAKEN = "status = 'sending', lease_until = $3, updated_at = $1"
_FEW = "ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED"
CLAIM = f"""
    WITH asked AS (SELECT id FROM message WHERE urgency = 0 AND lane IS NULL AND {_DUE} {_FEW}),
         timed AS (SELECT id FROM message WHERE urgency = 1 AND lane IS NULL AND {_DUE} {_FEW})
    UPDATE message SET {_TAKEN}, attempts = attempts + 1
    WHERE id IN (SELECT id FROM asked UNION ALL SELECT id FROM timed) RETURNING {COLUMNS}"""
_CLAIM_LANE = f"""
    WITH due AS (SELECT id FROM message WHERE lane = $4 AND {_DUE} {_FEW})
    UPDATE message SET {_TAKEN}, attempts = attempts + 1 WHERE id IN (SELECT id FROM due) RETURNING {COLUMNS}"""
_CLAIM_LOST = f"""
    WITH lost AS (SELECT id FROM message WHERE status = 'sending' AND lease_until <= $4
                  ORDER BY losses, lease_until, id LIMIT $2 FOR UPDATE SKIP LOCKED)
    UPDATE message SET {_TAKEN}, attempts = attempts + 1, losses = losses + 1
    WHERE id IN (SELECT id FROM lost) RETURNING {COLUMNS}"""


async def claim(scope: Scope, limit: int, now: datetime, lease_until: datetime) -> list[Message]:
    """Take due messages for this worker alone until the lease ends: up to `limit` that answer an act, and as many that
    fell due by the clock, oldest first, so that neither stands behind the other. `now` is the product's time."""
    _system(scope)
    found = [message(r) for r in await db.records(CLAIM, now, limit, lease_until)]
    return sorted(found, key=lambda m: (m.urgency, m.due_at, m.id))


async def claim_lost(scope: Scope, now: datetime, wall: datetime, lease_until: datetime) -> Message | None:
    """One message whose worker was lost, by true time. One alone: if it is what killed the worker, then it takes no
    other along; and those over which fewer were lost come first."""
    _system(scope)
    found = await db.records(_CLAIM_LOST, now, 1, lease_until, wall)
    return message(found[0]) if found else None


async def claim_slow(scope: Scope, limit: int, now: datetime, wall: datetime, lease_until: datetime) -> list[Message]:
    """Due messages of one slow mail domain: the one that was not served for the longest. One at a time, whoever asks:
    they must not use up the workers. A mail that a round of before has left to itself is in nobody's way."""
    _system(scope)
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtext('slow mail'))")
        lane = await db.row(
            """UPDATE slow_mail SET served_at = {} WHERE lane = (
                   SELECT s.lane FROM slow_mail s WHERE EXISTS (SELECT 1 FROM message m WHERE m.lane = s.lane
                       AND m.status = 'queued' AND m.due_at <= {} AND m.next_try_at <= {}) ORDER BY s.served_at LIMIT 1)
               AND NOT EXISTS (SELECT 1 FROM message b WHERE b.status = 'sending' AND b.lane IS NOT NULL
                   AND b.lease_until > {}) RETURNING lane""",
            wall, now, now, lease_until - timing.ROUND,
        )  # fmt: skip
        if lane is None:
            return []
        return [message(r) for r in await db.records(_CLAIM_LANE, now, limit, lease_until, lane["lane"])]


async def settle(scope: Scope, lease_until: datetime, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Record what became of rows that share a lease, unless another worker has taken them over meanwhile."""
    _system(scope)
    if not outcomes:
        return
    await db.execute(
        """UPDATE message m SET status = o.status, reason = o.reason, lease_until = NULL, updated_at = $1,
               next_try_at = coalesce(o.next_try_at, m.next_try_at), lane = coalesce(o.lane, m.lane),
               attempts = m.attempts - CASE WHEN o.counts THEN 0 ELSE 1 END,
               sent_at = CASE WHEN o.status = 'sent' THEN $1::timestamptz END
           FROM unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::bytea[], $8::bool[])
               o (id, status, reason, next_try_at, lane, counts)
           WHERE m.id = o.id AND m.status = 'sending' AND m.lease_until = $2""",
        now, lease_until, [o.id for o in outcomes], [o.status for o in outcomes], [o.reason for o in outcomes],
        [o.next_try_at for o in outcomes], [o.lane for o in outcomes], [o.counts for o in outcomes],
    )  # fmt: skip


async def slow_lanes(scope: Scope, wall: datetime) -> frozenset[bytes]:
    """Mail domains that are served apart now."""
    _system(scope)
    return frozenset(r["lane"] for r in await db.records("SELECT lane FROM slow_mail WHERE slow_until > {}", wall))


async def note_slow(scope: Scope, lane: bytes, until: datetime, wall: datetime) -> None:
    """Serve a mail domain apart until then."""
    _system(scope)
    await db.execute(
        """INSERT INTO slow_mail (lane, slow_until, served_at) VALUES ({}, {}, {})
           ON CONFLICT (lane) DO UPDATE SET slow_until = excluded.slow_until""",
        lane, until, wall,
    )  # fmt: skip


async def forget_slow(scope: Scope, wall: datetime) -> None:
    """Forget domains that were slow once and have nothing waiting."""
    _system(scope)
    await db.execute(
        """DELETE FROM slow_mail s WHERE slow_until <= {}
           AND NOT EXISTS (SELECT 1 FROM message m WHERE m.lane = s.lane AND m.status = 'queued')""",
        wall,
    )


async def unwanted(scope: Scope, rows: Sequence[Message]) -> frozenset[tuple[UUID, str]]:
    """(recipient, kind) of these that the recipient said no to."""
    _system(scope)
    found = await db.records(
        """SELECT recipient_id, kind FROM unwanted_mail
           WHERE (recipient_id, kind) IN (SELECT * FROM unnest({}::uuid[], {}::text[]))""",
        [m.recipient_id for m in rows], [m.kind for m in rows],
    )  # fmt: skip
    return frozenset((r["recipient_id"], r["kind"]) for r in found)
