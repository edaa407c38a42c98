"""The notifications island's verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.notifications import queries
from carepath.notifications.catalogue import times
from carepath.notifications.draining import drain, drain_lost, drain_slow
from carepath.notifications.mail import Letter, Printer
from carepath.notifications.post import Desk, DrainReport, Moment, Post, Skip, Superseded, Written
from carepath.notifications.queries import Message
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.rules.states import MESSAGE
from carepath.notifications.smtp import Transport

__all__ = [
    "Desk", "DrainReport", "Letter", "Message", "Moment", "Order", "Post", "Printer", "Skip", "Superseded", "Transport", "Written",
    "close_before", "counts", "drain", "drain_lost", "drain_slow", "enqueue", "enqueue_all", "recent", "retry",
    "supersede", "times",
]  # fmt: skip

_SCOPE = SYSTEM.scope


async def enqueue(
    kind: str, recipient_kind: str, recipient_id: UUID, subject: str, subject_id: UUID, subject_version: int,
    due_at: datetime, now: datetime, useful_until: datetime | None = None,
) -> None:  # fmt: skip
    """Write a message beside what causes it, in the caller's transaction. The same again changes nothing.

    Without `useful_until` it is of use as long as its kind says.
    """
    known = KINDS[kind]
    if (known.recipient, known.subject) != (recipient_kind, subject):
        raise ValueError(f"a {kind} goes to {known.recipient} about {known.subject}")
    until, urgency = useful_until or due_at + known.useful, 0 if known.answers_an_act else 1
    await queries.insert(
        _SCOPE, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at, until, urgency, now
    )


@dataclass(frozen=True, slots=True)
class Order:
    """A message to be written: to whom, about which version of what, and when."""

    recipient_id: UUID
    subject_id: UUID
    subject_version: int
    due_at: datetime
    useful_until: datetime | None = None


async def enqueue_all(kind: str, orders: Sequence[Order], now: datetime) -> None:
    """Many messages of one kind at once, in the caller's transaction. Those that are there already stay as they are."""
    known = KINDS[kind]
    rows = [
        (o.recipient_id, o.subject_id, o.subject_version, o.due_at, o.useful_until or o.due_at + known.useful)
        for o in orders
    ]
    if rows:
        urgency = 0 if known.answers_an_act else 1
        await queries.insert_all(_SCOPE, kind, known.recipient, known.subject, urgency, rows, now)


async def supersede(subject: str, subject_id: UUID, below_version: int, now: datetime) -> None:
    """Messages about older versions of a subject are dead."""
    await queries.supersede_below(_SCOPE, subject, subject_id, below_version, now)


async def close_before(moment: datetime, reason: str, now: datetime) -> None:
    """Skip everything that was due until `moment`."""
    await queries.close_before(_SCOPE, moment, reason, now)


async def recent(actor: Actor, status: str | None = None, limit: int = 200) -> list[Message]:
    """The newest messages in one state or all."""
    return await queries.recent(actor.scope, status, limit)


async def counts(actor: Actor) -> dict[str, int]:
    """How many messages are in each state."""
    return await queries.counts(actor.scope)


async def retry(actor: Actor, message_id: UUID, now: datetime) -> Message:
    """Try a failed message again. Conflict when it is not a failed one."""
    async with db.transaction():
        message = await queries.lock(actor.scope, message_id)
        MESSAGE.apply(message.status, "retry", actor.role)
        await queries.requeue(actor.scope, message_id, now)
        return message
