"""The notifications island's verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict
from carepath.kit.words import _
from carepath.notifications import desk_queries, queries
from carepath.notifications.catalogue import times
from carepath.notifications.desk_queries import Mark, Wanted
from carepath.notifications.draining import drain, drain_lost, drain_slow
from carepath.notifications.mail import Letter, Printed, Printer
from carepath.notifications.post import Desk, DrainReport, Moment, Post, Skip, Superseded, Written
from carepath.notifications.queries import Message
from carepath.notifications.rules import states
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.smtp import Transport

__all__ = [
    "Desk", "DrainReport", "Letter", "Mark", "Message", "Moment", "Order", "Post", "Printed", "Printer", "Skip", "Superseded",
    "Transport", "Wanted", "Written", "bounce", "close_before", "counts", "drain", "drain_lost", "drain_slow", "enqueue",
    "enqueue_all", "failed", "get", "recent", "retry", "send_again", "stop", "supersede", "times",
]  # fmt: skip

EVERY = Wanted()
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
    await enqueue_all(kind, [Order(recipient_id, subject_id, subject_version, due_at, useful_until)], now)


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


async def recent(actor: Actor, wanted: Wanted = EVERY, limit: int = 50) -> list[Message]:
    """The newest messages, or those before a mark."""
    return await desk_queries.recent(actor.scope, wanted, limit)


async def counts(actor: Actor, since: datetime) -> dict[str, int]:
    """How many messages are in each state; of those that are done, only what was written `since`."""
    return await desk_queries.counts(actor.scope, since)


async def failed(actor: Actor) -> int:
    """How many messages could not be sent."""
    return await desk_queries.failed(actor.scope)


async def get(actor: Actor, message_id: UUID) -> Message:
    """One message. NotFound without one, or if somebody else keeps it."""
    return await desk_queries.get(actor.scope, message_id)


async def _decide(actor: Actor, message_id: UUID, action: str) -> Message:
    message = await desk_queries.lock(actor.scope, message_id)
    states.check(message.status, action, actor.role)
    return message


async def retry(actor: Actor, message_id: UUID, now: datetime) -> Message:
    """Try a failed message again. Conflict when it is not a failed one."""
    async with db.transaction():
        message = await _decide(actor, message_id, "retry")
        await desk_queries.requeue(actor.scope, message_id, now)
        return message


async def stop(actor: Actor, message_id: UUID, now: datetime) -> Message:
    """Leave a waiting message unsent. Conflict once a worker has it."""
    async with db.transaction():
        message = await _decide(actor, message_id, "stop")
        await desk_queries.stop(actor.scope, message_id, states.STOPPED, now)
        return message


async def bounce(actor: Actor, message_id: UUID, cause: str, now: datetime) -> Message:
    """What was sent came back. Conflict when it was not sent, or came back already."""
    async with db.transaction():
        message = await _decide(actor, message_id, "bounce")
        await desk_queries.bounce(actor.scope, message_id, states.bounced(cause), now)
        return message


async def send_again(actor: Actor, message_id: UUID, now: datetime) -> tuple[Message, UUID]:
    """Queue a copy of what was sent; answers the message and the copy's id. The copy is read anew when it leaves, so it
    goes only if its subject still stands. Conflict while another copy is on its way, or after too many."""
    async with db.transaction():
        copies = await desk_queries.lock_copies(actor.scope, message_id)
        message = next(one for one in copies if one.id == message_id)
        states.check(message.status, "send-again", actor.role)
        if any(one.status in {"queued", "sending"} for one in copies):
            raise Conflict(_("It is being sent again already."), "under-way")
        number = copies[-1].copy + 1
        if number > states.MOST_COPIES:
            why = _("It was sent again {n} times already. Try another way: call them.")
            raise Conflict(why.format(n=states.MOST_COPIES), "too-often")
        until = now + KINDS[message.kind].useful
        return message, await desk_queries.insert_copy(actor.scope, message, number, until, now)
