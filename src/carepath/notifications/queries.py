"""Message rows, and the SQL that writes them beside what causes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Message:
    """A message row. It holds no address and no words. `lane` is set where its mail domain is served apart; `copy`
    counts how often staff sent it again, `losses` how many workers were lost over it."""

    id: UUID
    kind: str
    recipient_kind: str
    recipient_id: UUID
    subject: str
    subject_id: UUID
    subject_version: int
    due_at: datetime
    useful_until: datetime
    status: str
    reason: str
    attempts: int
    next_try_at: datetime
    lease_until: datetime | None
    sent_at: datetime | None
    bounced_at: datetime | None
    created_at: datetime
    urgency: int
    copy: int
    losses: int
    lane: bytes | None


COLUMNS = """id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at, useful_until,
    status, reason, attempts, next_try_at, lease_until, sent_at, bounced_at, created_at, urgency, copy, losses, lane"""


def message(r: Any) -> Message:
    """From a row of COLUMNS, in their order."""
    return Message(*r)


def _system(scope: Scope) -> None:
    if not scope.is_system:
        raise NotFound


async def insert_all(
    scope: Scope, kind: str, recipient_kind: str, subject: str, urgency: int,
    orders: Sequence[tuple[UUID, UUID, int, datetime, datetime]], now: datetime,
) -> None:  # fmt: skip
    """Queue many of one kind, each once: (recipient, subject, its version, due, of use until)."""
    _system(scope)
    recipients, subjects, versions, due, until = zip(*orders, strict=True)
    await db.execute(
        """INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at,
           useful_until, urgency, status, next_try_at, created_at, updated_at)
           SELECT o.id, {}, {}, o.recipient, {}, o.subject, o.version, o.due, o.until, {}, 'queued', o.due, {}, {}
           FROM unnest({}::uuid[], {}::uuid[], {}::uuid[], {}::int[], {}::timestamptz[], {}::timestamptz[])
               o (id, recipient, subject, version, due, until)
           ON CONFLICT ON CONSTRAINT message_once DO NOTHING""",
        kind, recipient_kind, subject, urgency, now, now, [new_id() for _order in orders], recipients, subjects,
        versions, due, until,
    )  # fmt: skip


async def supersede_below(scope: Scope, subject: str, subject_id: UUID, version: int, now: datetime) -> None:
    """Queued messages about older versions of a subject are dead."""
    _system(scope)
    await db.execute(
        """UPDATE message SET status = 'superseded', reason = 'a newer version exists', updated_at = {}
           WHERE subject = {} AND subject_id = {} AND subject_version < {} AND status = 'queued'""",
        now, subject, subject_id, version,
    )  # fmt: skip


async def close_before(scope: Scope, moment: datetime, reason: str, now: datetime) -> None:
    """Everything due before `moment` is skipped: after seeding a history or restoring a backup nothing is re-sent."""
    _system(scope)
    await db.execute(
        "UPDATE message SET status = 'skipped', reason = {}, updated_at = {} WHERE status = 'queued' AND due_at <= {}",
        reason, now, moment,
    )  # fmt: skip
