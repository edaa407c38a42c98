"""One round: chunk by chunk over one line. No transaction is held over a mail server."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.kit.words import _
from carepath.notifications import outbox_queries, outcomes
from carepath.notifications.outbox_queries import Outcome
from carepath.notifications.outcomes import Ready, lane_of
from carepath.notifications.post import DrainReport, Moment, Post, Skip, Written
from carepath.notifications.queries import Message
from carepath.notifications.rules import timing
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.smtp import Answer, Mail, Patience

_log = logging.getLogger("carepath.messages")
_SCOPE = SYSTEM.scope


class Round:
    """Sends claimed messages. A mail that takes long is left to a line of its own, so that nobody waits for it; the
    round itself is over when those have their answers, too."""

    def __init__(self, post: Post, moment: Moment, patience: Patience, slow: frozenset[bytes]) -> None:
        self.post, self.moment, self.patience, self.slow = post, moment, patience, slow
        self.line = post.transport.line(patience)
        self.left: set[asyncio.Task[None]] = set()
        self.done: Counter[str] = Counter()
        self.claimed = self.breaks = 0
        self.size = 1  # until it is known how quick the server is

    @property
    def report(self) -> DrainReport:
        """What it did so far."""
        done = self.done
        return DrainReport(
            self.claimed, done["sent"], done["failed"], done["skipped"] + done["superseded"], done["queued"]
        )

    async def __aenter__(self) -> "Round":
        return self

    async def __aexit__(self, *error: object) -> None:
        """Wait for what was left to lines of its own, and hang up."""
        try:
            await asyncio.gather(*self.left)
        finally:
            await asyncio.to_thread(self.line.hang_up)

    async def run(self, batch: Sequence[Message], lease: datetime) -> None:
        """Chunk by chunk, until it is done, the time is up or there is no mail server."""
        waiting, end = deque(batch), clock.wall() + timing.ROUND
        self.claimed += len(batch)
        while waiting:
            problem = await self.line.connect()
            if self.breaks >= timing.MOST_BREAKS:
                problem = _("the connection to the mail server breaks again and again")
            if problem:
                _log.warning("messages wait: %s", problem)
                await self._give_back(waiting, lease, problem, timing.UNREACHABLE)
                break
            if clock.wall() > end:
                await self._give_back(waiting, lease, "")
                break
            chunk = [waiting.popleft() for _n in range(min(self.size, len(waiting)))]
            waiting.extendleft(reversed(await self._chunk(chunk, lease)))

    async def _chunk(self, chunk: list[Message], lease: datetime) -> list[Message]:
        """Write, hand over and record these; answers those that it did not come to."""
        now, written = self.moment(), await self._written(chunk)
        found = [outcomes.before(self.post, m, written.get(m.id), self.slow, now) for m in chunk]
        ready = [one for one in found if isinstance(one, Ready)]
        settled = [one for one in found if isinstance(one, Outcome)]
        mails = [Mail(one.letter.to_address, one.data) for one in ready]
        handed = await self.line.send(mails, timing.FRESH, timing.SLOW)
        self._pace(handed.answers)
        settled += [await self._answered(one, answer) for one, answer in zip(ready, handed.answers, strict=False)]
        await self._settle(lease, settled, chunk)
        reached = len(handed.answers)
        if handed.slow is not None:
            await self._leave(ready[reached], handed.slow, lease)
            reached += 1
        return [one.message for one in ready[reached:]]

    def _pace(self, answers: Sequence[Answer]) -> None:
        """As many mails go together as this server takes in a moment."""
        if answers:
            each = sum(answer.seconds for answer in answers) / len(answers)
            self.size = max(1, min(timing.CHUNK, int(timing.UNRECORDED / max(each, 1e-6))))

    async def _leave(self, one: Ready, slow: Awaitable[Answer | None], lease: datetime) -> None:
        """Its line stays with it; the others go on by a new one. Not without end: then it is waited for."""
        await self._apart(one)
        self.line = self.post.transport.line(self.patience)
        self.left.add(asyncio.create_task(self._finish(one, slow, lease)))
        while len(self.left) >= timing.MOST_LEFT:
            await self.wait()

    async def wait(self, seconds: float | None = None) -> None:
        """Until one of those that were left is over, or for so long. Raises what the database said of it."""
        over, self.left = await asyncio.wait(self.left, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in over:
            task.result()

    async def _finish(self, one: Ready, slow: Awaitable[Answer | None], lease: datetime) -> None:
        answer = await slow
        if answer is not None:
            await self._settle(lease, [await self._answered(one, answer)], [one.message])

    async def _answered(self, one: Ready, answer: Answer) -> Outcome:
        is_slow = answer.seconds >= timing.SLOW
        self.breaks = self.breaks + 1 if answer.is_broken and not is_slow else 0
        return outcomes.after(one.message, answer, await self._apart(one) if is_slow else None, self.moment())

    async def _apart(self, one: Ready) -> bytes:
        """The lane that its mail domain is served in from now on."""
        wall, lane = clock.wall(), lane_of(one.letter.to_address)
        await outbox_queries.note_slow(_SCOPE, lane, wall + timing.SLOW_FOR, wall)
        self.slow |= {lane}
        return lane

    async def _written(self, chunk: Sequence[Message]) -> Mapping[UUID, Written]:
        now = self.moment()
        timely = [m for m in chunk if m.losses < timing.MOST_LOSSES and m.useful_until > now]
        unwanted = await outbox_queries.unwanted(_SCOPE, [m for m in timely if KINDS[m.kind].optional])
        refused = {
            m.id: Skip(_("the recipient does not want it")) for m in timely if (m.recipient_id, m.kind) in unwanted
        }
        return {**await self.post.desk.letters([m for m in timely if m.id not in refused], now), **refused}

    async def _settle(self, lease: datetime, settled: Sequence[Outcome], chunk: Iterable[Message]) -> None:
        await outbox_queries.settle(_SCOPE, lease, settled, self.moment())
        self.done.update(outcome.status for outcome in settled)
        known = {message.id: message for message in chunk}
        for outcome in settled:
            message = known[outcome.id]
            _log.info("message %s %s %s attempt %d", message.id, message.kind, outcome.status, message.attempts)

    async def _give_back(
        self, waiting: Iterable[Message], lease: datetime, reason: str, after: timedelta = timedelta(0)
    ) -> None:
        now = self.moment()
        untried = [Outcome(m.id, "queued", reason or m.reason, now + after, counts=False) for m in waiting]
        await outbox_queries.settle(_SCOPE, lease, untried, now)
