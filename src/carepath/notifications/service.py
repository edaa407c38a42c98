"""The notifications island's verbs."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.words import _
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
    """One round: claim a batch, send it over one connection, record each outcome. No transaction is held meanwhile.

    Safe with any number of rounds at once. Raises only for the database; what it then holds comes back with its lease.
    """
    started = clock.wall()
    batch = await queries.claim(_SCOPE, rules.BATCH, now, started, started + rules.LEASE)
    done: Counter[str] = Counter()
    async with transport.open() as line:
        for position, message in enumerate(batch):
            problem = await line.connect()
            if problem:
                await queries.release(_SCOPE, batch[position:], problem, now + rules.UNREACHABLE, now)
                _log.warning("messages wait: %s", problem)
                break
            if clock.wall() > started + rules.ROUND:
                await queries.release(_SCOPE, batch[position:], "", now, now)
                break
            done[await _one(message, desk, line, now)] += 1
    return DrainReport(len(batch), done["sent"], done["failed"], done["skipped"] + done["superseded"])


async def _one(message: Message, desk: Desk, line: Line, now: datetime) -> str:
    """Try one message, whatever happens to it; answers its state afterwards."""
    begun = await queries.begin(_SCOPE, message, clock.wall() + rules.LEASE, now)
    if begun is None:
        return "sending"
    status, reason = await _try(begun, desk, line, now)
    again = rules.next_try(begun.attempts, now) if status == "queued" else None
    if again is not None and (begun.useful_until is None or again < begun.useful_until):
        await queries.try_later(_SCOPE, begun, reason, again, now)
    else:
        status = "failed" if status == "queued" else status
        await queries.finish(_SCOPE, begun, status, reason, now)
    _log.info("message %s %s %s attempt %d", begun.id, begun.kind, status, begun.attempts)
    return status


async def _try(message: Message, desk: Desk, line: Line, now: datetime) -> tuple[str, str]:
    """(state, reason) that this try leads to; "queued" asks for another one."""
    if message.attempts > rules.MOST_ATTEMPTS:
        return "failed", _("its worker was lost every time")
    if message.useful_until is not None and message.useful_until <= now:
        return "skipped", _("its time has passed")
    try:
        letter = await desk.letter(message, now)
        if isinstance(letter, Skip):
            return "skipped", letter.reason
        if isinstance(letter, Superseded):
            return "superseded", letter.reason
        mail = line.transport.printer.print(letter, message.id, now)
    except Exception as problem:  # quarantined: tried again, then given up. One bad row must not stop the others
        return "queued", _("cannot be written: {problem}").format(problem=type(problem).__name__)
    answer = await line.send(letter.to_address, mail)
    if answer.is_sent:
        return "sent", ""
    return "failed" if answer.is_final else "queued", answer.reason
