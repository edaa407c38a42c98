"""The notifications island's verbs."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM, Actor
from carepath.notifications import queries, rules
from carepath.notifications.mail import Letter
from carepath.notifications.queries import Message
from carepath.notifications.smtp import Line, Transport

__all__ = [
    "Desk", "DrainReport", "Letter", "Message", "Skip", "Superseded", "Transport", "close_before", "counts",
    "drain", "enqueue", "recent", "retry", "supersede",
]  # fmt: skip

_log = logging.getLogger("carepath.messages")
_SCOPE = SYSTEM.scope


@dataclass(frozen=True, slots=True)
class Skip:
    """The message is not sent; the reason is shown to the coordinator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """Its subject has changed since."""

    reason: str


class Desk(Protocol):
    """Writes letters: reads the subject again and says what to send, or why not."""

    async def letter(self, message: Message, now: datetime) -> Letter | Skip | Superseded:
        """The letter for a due message."""


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What one round did."""

    claimed: int
    sent: int
    failed: int
    not_sent: int


async def enqueue(
    kind: str, recipient_kind: str, recipient_id: UUID, subject: str, subject_id: UUID, subject_version: int,
    due_at: datetime, now: datetime, useful_until: datetime | None = None,
) -> None:  # fmt: skip
    """Write a message beside what causes it, in the caller's transaction. The same again changes nothing."""
    known = rules.KINDS[kind]
    if (known.recipient, known.subject) != (recipient_kind, subject):
        raise ValueError(f"a {kind} goes to {known.recipient} about {known.subject}")
    await queries.insert(
        _SCOPE, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at, useful_until, now
    )


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
        rules.MACHINE.apply(message.status, "retry", actor.role)
        await queries.requeue(actor.scope, message_id, now)
        return message


async def drain(now: datetime, desk: Desk, transport: Transport) -> DrainReport:
    """One round: claim a batch, send it over one connection, record each outcome. No transaction is held meanwhile."""
    wall = clock.wall()
    batch = await queries.claim(_SCOPE, rules.BATCH, now, wall, wall + rules.LEASE)
    done = {"sent": 0, "failed": 0, "queued": 0, "skipped": 0, "superseded": 0}
    async with transport.open() as line:
        for message in batch:
            # A slow server can use the lease up; the rest of the batch is then another worker's.
            if clock.wall() > wall + rules.LEASE / 2:
                await queries.try_later(_SCOPE, message, "the round took too long", now, now)
                continue
            status = await _one(message, desk, line, now)
            done[status] += 1
            _log.info("message %s %s %s attempt %d", message.id, message.kind, status, message.attempts)
    return DrainReport(len(batch), done["sent"], done["failed"], done["skipped"] + done["superseded"])


async def _one(message: Message, desk: Desk, line: Line, now: datetime) -> str:
    """Send one message, whatever happens to it; answers its state afterwards."""
    if message.useful_until is not None and message.useful_until <= now:
        return await _finish(message, "skipped", "its time has passed", now)
    try:
        letter = await desk.letter(message, now)
    except Exception as problem:  # quarantined below: one bad row must not stop the others
        return await _failed(message, f"cannot be written: {type(problem).__name__}", False, now)
    if isinstance(letter, Skip):
        return await _finish(message, "skipped", letter.reason, now)
    if isinstance(letter, Superseded):
        return await _finish(message, "superseded", letter.reason, now)
    answer = await line.send(letter, message.id, now)
    if answer.is_sent:
        return await _finish(message, "sent", "", now)
    return await _failed(message, answer.reason, answer.is_final, now)


async def _finish(message: Message, status: str, reason: str, now: datetime) -> str:
    await queries.finish(_SCOPE, message, status, reason, now)
    return status


async def _failed(message: Message, reason: str, is_final: bool, now: datetime) -> str:
    again = None if is_final else rules.next_try(message.attempts, now)
    if again is None or (message.useful_until is not None and again >= message.useful_until):
        return await _finish(message, "failed", reason, now)
    await queries.try_later(_SCOPE, message, reason, again, now)
    return "queued"
