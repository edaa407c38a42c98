"""All SQL over messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Message:
    """A message row. It holds no address and no words."""

    id: UUID
    kind: str
    recipient_kind: str
    recipient_id: UUID
    subject: str
    subject_id: UUID
    subject_version: int
    due_at: datetime
    useful_until: datetime | None
    status: str
    reason: str
    attempts: int
    next_try_at: datetime
    lease_until: datetime | None
    sent_at: datetime | None
    created_at: datetime


_COLUMNS = """id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at, useful_until,
    status, reason, attempts, next_try_at, lease_until, sent_at, created_at"""


def _message(r: dict[str, Any]) -> Message:
    return Message(**{name.strip(): r[name.strip()] for name in _COLUMNS.split(",")})


def _system(scope: Scope) -> None:
    if not scope.is_system:
        raise NotFound


async def insert(
    scope: Scope, kind: str, recipient_kind: str, recipient_id: UUID, subject: str, subject_id: UUID, version: int,
    due_at: datetime, useful_until: datetime | None, now: datetime,
) -> None:  # fmt: skip
    """Queue a message once; the same again changes nothing."""
    _system(scope)
    await db.execute(
        """INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at,
           useful_until, status, next_try_at, created_at, updated_at)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, 'queued', {}, {}, {})
           ON CONFLICT (subject, subject_id, subject_version, kind, recipient_id) DO NOTHING""",
        new_id(), kind, recipient_kind, recipient_id, subject, subject_id, version, due_at, useful_until, due_at, now,
        now,
    )  # fmt: skip


async def supersede_below(scope: Scope, subject: str, subject_id: UUID, version: int, now: datetime) -> None:
    """Queued messages about older versions of a subject are dead."""
    _system(scope)
    await db.execute(
        """UPDATE message SET status = 'superseded', reason = 'a newer version exists', updated_at = {}
           WHERE subject = {} AND subject_id = {} AND subject_version < {} AND status = 'queued'""",
        now, subject, subject_id, version,
    )  # fmt: skip


async def claim(scope: Scope, limit: int, now: datetime, wall: datetime, lease_until: datetime) -> list[Message]:
    """Take due messages, and those whose worker was lost, for this worker alone until the lease ends.

    `now` is the product's time (what is due), `wall` true time (whose lease has run out). Messages that were
    tried before come last: one that kills its worker must not stand in front of the others for ever.
    """
    _system(scope)
    found = await db.rows(
        f"""WITH lost AS (
                SELECT id FROM message WHERE status = 'sending' AND lease_until <= {{}}
                ORDER BY lease_until, id LIMIT {{}} FOR UPDATE SKIP LOCKED
            ), due AS (
                SELECT id FROM message WHERE status = 'queued' AND next_try_at <= {{}}
                ORDER BY next_try_at, id LIMIT {{}} FOR UPDATE SKIP LOCKED
            )
            UPDATE message SET status = 'sending', lease_until = {{}}, updated_at = {{}}
            WHERE id IN (SELECT id FROM lost UNION ALL SELECT id FROM due) RETURNING {_COLUMNS}""",
        wall, limit, now, limit, lease_until, now,
    )  # fmt: skip
    return sorted((_message(r) for r in found), key=lambda m: (m.attempts, m.due_at, str(m.id)))


async def begin(scope: Scope, message: Message, lease_until: datetime, now: datetime) -> Message | None:
    """Count a try before it is made and renew the lease for it. None when the message is another worker's by now."""
    _system(scope)
    found = await db.row(
        f"""UPDATE message SET attempts = attempts + 1, lease_until = {{}}, updated_at = {{}}
            WHERE id = {{}} AND status = 'sending' AND lease_until = {{}} RETURNING {_COLUMNS}""",
        lease_until, now, message.id, message.lease_until,
    )  # fmt: skip
    return None if found is None else _message(found)


async def finish(scope: Scope, message: Message, status: str, reason: str, now: datetime) -> None:
    """Record the outcome of this try, unless another worker has taken the message over meanwhile."""
    _system(scope)
    await db.execute(
        """UPDATE message SET status = {}, reason = {}, lease_until = NULL, updated_at = {},
           sent_at = CASE WHEN {} = 'sent' THEN {}::timestamptz ELSE NULL END
           WHERE id = {} AND status = 'sending' AND lease_until = {}""",
        status, reason, now, status, now, message.id, message.lease_until,
    )  # fmt: skip


async def try_later(scope: Scope, message: Message, reason: str, at: datetime, now: datetime) -> None:
    """Back to the queue, with the reason of this failure."""
    _system(scope)
    await db.execute(
        """UPDATE message SET status = 'queued', reason = {}, lease_until = NULL, next_try_at = {}, updated_at = {}
           WHERE id = {} AND status = 'sending' AND lease_until = {}""",
        reason, at, now, message.id, message.lease_until,
    )  # fmt: skip


async def release(scope: Scope, batch: Sequence[Message], reason: str, at: datetime, now: datetime) -> None:
    """Back to the queue untried: what a round claimed and did not come to. All of `batch` share one lease."""
    _system(scope)
    if batch:
        await db.execute(
            """UPDATE message SET status = 'queued', reason = coalesce(nullif({}, ''), reason), lease_until = NULL,
               next_try_at = {}, updated_at = {}
               WHERE id = ANY({}::uuid[]) AND status = 'sending' AND lease_until = {}""",
            reason, at, now, [message.id for message in batch], batch[0].lease_until,
        )  # fmt: skip


async def recent(scope: Scope, status: str | None, limit: int) -> list[Message]:
    """Newest messages, for coordinators: kinds and states, no address, no words."""
    if not (scope.is_system or scope.role is Role.COORDINATOR):
        return []
    found = await db.rows(
        f"""SELECT {_COLUMNS} FROM message WHERE ({{}} = '' OR status = {{}}) AND recipient_kind <> 'account'
            ORDER BY created_at DESC, id LIMIT {{}}""",
        status or "", status or "", limit,
    )  # fmt: skip
    return [_message(r) for r in found]


async def counts(scope: Scope) -> dict[str, int]:
    """How many messages are in each state."""
    if not (scope.is_system or scope.role is Role.COORDINATOR):
        return {}
    found = await db.rows("SELECT status, count(*) AS n FROM message WHERE recipient_kind <> 'account' GROUP BY status")
    return {str(r["status"]): int(r["n"]) for r in found}


async def lock(scope: Scope, message_id: UUID) -> Message:
    """One message, locked for a coordinator's decision."""
    if not (scope.is_system or scope.role is Role.COORDINATOR):
        raise NotFound
    found = await db.row(f"SELECT {_COLUMNS} FROM message WHERE id = {{}} FOR UPDATE", message_id)
    if found is None:
        raise NotFound
    return _message(found)


async def requeue(scope: Scope, message_id: UUID, now: datetime) -> None:
    """Give a failed message a fresh set of tries."""
    await db.execute(
        "UPDATE message SET status = 'queued', reason = '', attempts = 0, next_try_at = {}, updated_at = {} WHERE id = {}",
        now, now, message_id,
    )  # fmt: skip


async def close_before(scope: Scope, moment: datetime, reason: str, now: datetime) -> None:
    """Everything due before `moment` is skipped: after seeding a history or restoring a backup nothing is re-sent."""
    _system(scope)
    await db.execute(
        "UPDATE message SET status = 'skipped', reason = {}, updated_at = {} WHERE status = 'queued' AND due_at <= {}",
        reason, now, moment,
    )  # fmt: skip
