"""The worker's rounds: claim, write, hand over, record. No transaction is held over a mail server.

Three kinds of round, all safe with any number at once: what is due; what a lost worker had in its hands, one by one;
and, apart from both, what goes to mail domains that are slow.
"""

import logging
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from carepath.kit import clock, crypto, faults
from carepath.kit.actor import SYSTEM
from carepath.kit.words import _
from carepath.notifications import outbox_queries
from carepath.notifications.mail import Letter
from carepath.notifications.outbox_queries import Outcome
from carepath.notifications.queries import Message
from carepath.notifications.rules import timing
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.rules.timing import QuietHours
from carepath.notifications.smtp import PATIENT, QUICK, Answer, Line, Mail, Transport

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
    """Writes letters: reads the subjects again and says what to send, or why not."""

    async def letters(
        self, messages: Sequence[Message], now: datetime
    ) -> Mapping[UUID, Letter | Skip | Superseded | Exception]:
        """The letter for each due message, by its id. One that cannot be written is answered with the reason."""


@dataclass(frozen=True, slots=True)
class Post:
    """What a round needs: who writes, where mail goes, and when nobody wants to be woken by what may wait."""

    desk: Desk
    transport: Transport
    quiet: QuietHours


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What one round did."""

    claimed: int
    sent: int
    failed: int
    not_sent: int


async def drain(now: datetime, post: Post) -> DrainReport:
    """One round of what is due. Raises only for the database; what it then holds comes back with its lease."""
    lease = clock.wall() + timing.LEASE
    batch = await outbox_queries.claim(_SCOPE, timing.BATCH, now, lease)
    return await _round(post, batch, lease, now)


async def drain_lost(now: datetime, post: Post) -> DrainReport:
    """One message whose worker was lost, if there is any."""
    wall = clock.wall()
    found = await outbox_queries.claim_lost(_SCOPE, now, wall, wall + timing.LEASE)
    return await _round(post, [found] if found else [], wall + timing.LEASE, now)


async def drain_slow(now: datetime, post: Post) -> DrainReport:
    """A few messages to one slow mail domain, with more patience."""
    wall = clock.wall()
    await outbox_queries.forget_slow(_SCOPE, wall)
    batch = await outbox_queries.claim_slow(_SCOPE, timing.SLOW_BATCH, now, wall, wall + timing.LEASE)
    return await _round(post, batch, wall + timing.LEASE, now, is_apart=True)


async def _round(
    post: Post, batch: list[Message], lease: datetime, now: datetime, is_apart: bool = False
) -> DrainReport:
    if not batch:
        return DrainReport(0, 0, 0, 0)
    async with post.transport.open(PATIENT if is_apart else QUICK) as line:
        slow = frozenset[bytes]() if is_apart else await outbox_queries.slow_lanes(_SCOPE, clock.wall())
        return await _Round(post, line, lease, now, slow).run(batch)


class _Round:
    """One batch over one connection."""

    def __init__(self, post: Post, line: Line, lease: datetime, now: datetime, slow: frozenset[bytes]) -> None:
        self.post, self.line, self.lease, self.now, self.slow = post, line, lease, now, slow
        self.done: Counter[str] = Counter()
        self.breaks = 0

    async def run(self, batch: list[Message]) -> DrainReport:
        """Chunk by chunk, until it is done, the time is up or there is no mail server."""
        waiting, end = deque(batch), clock.wall() + timing.ROUND
        while waiting:
            problem = await self.line.connect()
            if problem or self.breaks >= timing.MOST_BREAKS:
                _log.warning("messages wait: %s", problem or "the connection breaks again and again")
                await self._give_back(waiting, problem, self.now + timing.UNREACHABLE)
                break
            if clock.wall() > end:
                await self._give_back(waiting, "", self.now)
                break
            chunk = [waiting.popleft() for _n in range(min(timing.CHUNK, len(waiting)))]
            waiting.extendleft(reversed(await self._chunk(chunk)))
        done = self.done
        return DrainReport(len(batch), done["sent"], done["failed"], done["skipped"] + done["superseded"])

    async def _chunk(self, chunk: list[Message]) -> list[Message]:
        """Write, hand over and record these; answers those that it did not come to."""
        settled: list[Outcome] = []
        ready: list[tuple[Message, Letter, bytes]] = []
        written = await self._written(chunk)
        for message in chunk:
            found = self._before(message, written.get(message.id))
            if isinstance(found, Outcome):
                settled.append(found)
            else:
                ready.append((message, *found))
        answers = await self.line.send([Mail(letter.to_address, data) for _m, letter, data in ready], timing.FRESH)
        for (message, letter, _data), answer in zip(ready, answers, strict=False):
            lane = await self._slow_lane(letter, answer)
            settled.append(self._after(message, answer, lane))
        await self._settle(chunk, settled)
        return [message for message, _letter, _data in ready[len(answers) :]]

    async def _written(self, chunk: Sequence[Message]) -> Mapping[UUID, Letter | Skip | Superseded | Exception]:
        timely = [m for m in chunk if m.losses < timing.MOST_LOSSES and m.useful_until > self.now]
        unwanted = await outbox_queries.unwanted(_SCOPE, [m for m in timely if KINDS[m.kind].optional])
        refused = {
            m.id: Skip(_("the recipient does not want it")) for m in timely if (m.recipient_id, m.kind) in unwanted
        }
        return {**await self.post.desk.letters([m for m in timely if m.id not in refused], self.now), **refused}

    def _before(
        self, message: Message, found: Letter | Skip | Superseded | Exception | None
    ) -> Outcome | tuple[Letter, bytes]:
        """What is known before a mail server is asked: a mail, or what becomes of the message without one."""
        if message.losses >= timing.MOST_LOSSES:
            return Outcome(message.id, "failed", _("its worker was lost every time"))
        if message.useful_until <= self.now:
            return self._too_late(message)
        if isinstance(found, Skip):
            return Outcome(message.id, "skipped", found.reason)
        if isinstance(found, Superseded):
            return Outcome(message.id, "superseded", found.reason)
        if not isinstance(found, Letter):
            return self._unwritable(message, found)
        if later := self._waits(message, found):
            return later
        try:
            return found, self.post.transport.printer.print(found, message.id, self.now)
        except Exception as problem:  # quarantined: one that cannot be printed must not stop the others
            return self._unwritable(message, problem)

    def _too_late(self, message: Message) -> Outcome:
        if message.attempts > 1 and message.reason:
            return Outcome(message.id, "failed", _("{reason}, until its time had passed").format(reason=message.reason))
        return Outcome(message.id, "skipped", _("its time has passed"))

    def _unwritable(self, message: Message, problem: Exception | None) -> Outcome:
        _log.error("message %s cannot be written: %s", message.id, faults.describe(problem) if problem else "unknown")
        reason = _("cannot be written: {problem}").format(problem=type(problem).__name__)
        if message.attempts >= timing.MOST_WRITINGS:
            return Outcome(message.id, "failed", reason)
        return self._later(message, reason)

    def _later(self, message: Message, reason: str, lane: bytes | None = None) -> Outcome:
        again = timing.next_try(message.attempts, self.now, message.useful_until)
        return Outcome(message.id, "failed" if again is None else "queued", reason, again, lane)

    def _waits(self, message: Message, letter: Letter) -> Outcome | None:
        """Not now: it is night where the recipient is, or their mail domain is slow and served apart."""
        quiet = self.post.quiet.until(self.now, letter.zone) if KINDS[message.kind].waits else None
        if quiet is not None and quiet < message.useful_until:
            return Outcome(message.id, "queued", _("it is night where the recipient is"), quiet, counts=False)
        if self.slow and message.lane is None and (lane := lane_of(letter.to_address)) in self.slow:
            reason = _("this mail server is slow; it is served apart")
            return Outcome(message.id, "queued", reason, self.now, lane, counts=False)
        return None

    def _after(self, message: Message, answer: Answer, lane: bytes | None) -> Outcome:
        self.breaks = self.breaks + 1 if answer.is_broken and lane is None else 0
        if answer.is_sent:
            return Outcome(message.id, "sent")
        if answer.is_final:
            return Outcome(message.id, "failed", answer.reason)
        return self._later(message, answer.reason, lane)

    async def _slow_lane(self, letter: Letter, answer: Answer) -> bytes | None:
        """Of a mail that took long: the lane that its domain is served in from now on."""
        if answer.seconds < timing.SLOW:
            return None
        wall, lane = clock.wall(), lane_of(letter.to_address)
        await outbox_queries.note_slow(_SCOPE, lane, wall + timing.SLOW_FOR, wall)
        self.slow |= {lane}
        return lane

    async def _settle(self, chunk: Iterable[Message], settled: Sequence[Outcome]) -> None:
        await outbox_queries.settle(_SCOPE, self.lease, settled, self.now)
        self.done.update(outcome.status for outcome in settled)
        known = {message.id: message for message in chunk}
        for outcome in settled:
            message = known[outcome.id]
            _log.info("message %s %s %s attempt %d", message.id, message.kind, outcome.status, message.attempts)

    async def _give_back(self, waiting: Iterable[Message], reason: str, at: datetime) -> None:
        untried = [Outcome(m.id, "queued", reason or m.reason, at, counts=False) for m in waiting]
        await outbox_queries.settle(_SCOPE, self.lease, untried, self.now)


def lane_of(address: str) -> bytes:
    """By what a mail domain is known in the database: it names nobody's provider."""
    return crypto.digest("mail-domain", address.rpartition("@")[2].lower())[:16]
