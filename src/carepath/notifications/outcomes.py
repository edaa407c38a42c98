"""What becomes of a message: before a mail server is asked, and after it has answered."""

import logging
from dataclasses import dataclass
from datetime import datetime

from carepath.kit import crypto, faults
from carepath.kit.words import _
from carepath.notifications.mail import Letter
from carepath.notifications.outbox_queries import Outcome
from carepath.notifications.post import Post, Skip, Superseded, Written
from carepath.notifications.queries import Message
from carepath.notifications.rules import timing
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.smtp import Answer

_log = logging.getLogger("carepath.messages")


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail that may leave."""

    message: Message
    letter: Letter
    data: bytes


def lane_of(address: str) -> bytes:
    """By what a mail domain is known in the database: it names nobody's provider."""
    return crypto.digest("mail-domain", address.rpartition("@")[2].lower())[:16]


def before(
    post: Post, message: Message, found: Written | None, slow: frozenset[bytes], now: datetime
) -> Ready | Outcome:
    """A mail, or what becomes of the message without one. `slow` are the lanes that this round leaves alone."""
    if message.losses >= timing.MOST_LOSSES:
        return Outcome(message.id, "failed", _("its worker was lost every time"))
    if message.useful_until <= now:
        return _too_late(message)
    if isinstance(found, Skip):
        return Outcome(message.id, "skipped", found.reason)
    if isinstance(found, Superseded):
        return Outcome(message.id, "superseded", found.reason)
    if not isinstance(found, Letter):
        return _unwritable(message, found, now)
    if later := _waits(post, message, found, slow, now):
        return later
    try:
        return Ready(message, found, post.transport.printer.print(found, message.id, now))
    except Exception as problem:  # quarantined: one that cannot be printed must not stop the others
        return _unwritable(message, problem, now)


def after(message: Message, answer: Answer, lane: bytes | None, now: datetime) -> Outcome:
    """What the server's answer makes of it; `lane` if the mail was slow, so that the next try is made apart."""
    if answer.is_sent:
        return Outcome(message.id, "sent")
    if answer.is_final:
        return Outcome(message.id, "failed", answer.reason)
    return _later(message, answer.reason, now, lane)


def _too_late(message: Message) -> Outcome:
    if message.attempts > 1 and message.reason:
        return Outcome(message.id, "failed", _("{reason}, until its time had passed").format(reason=message.reason))
    return Outcome(message.id, "skipped", _("its time has passed"))


def _unwritable(message: Message, problem: Exception | None, now: datetime) -> Outcome:
    _log.error("message %s cannot be written: %s", message.id, faults.describe(problem) if problem else "unknown")
    reason = _("cannot be written: {problem}").format(problem=type(problem).__name__)
    if message.attempts >= timing.MOST_WRITINGS:
        return Outcome(message.id, "failed", reason)
    return _later(message, reason, now)


def _later(message: Message, reason: str, now: datetime, lane: bytes | None = None) -> Outcome:
    again = timing.next_try(message.attempts, now, message.useful_until)
    return Outcome(message.id, "failed" if again is None else "queued", reason, again, lane)


def _waits(post: Post, message: Message, letter: Letter, slow: frozenset[bytes], now: datetime) -> Outcome | None:
    """Not now: it is night where the recipient is, or their mail domain is slow and served apart."""
    quiet = post.quiet.until(now, letter.zone) if KINDS[message.kind].waits else None
    if quiet is not None and quiet < message.useful_until:
        return Outcome(message.id, "queued", _("it is night where the recipient is"), quiet, counts=False)
    if slow and message.lane is None and (lane := lane_of(letter.to_address)) in slow:
        reason = _("this mail server is slow; it is served apart")
        return Outcome(message.id, "queued", reason, now, lane, counts=False)
    return None
