"""What a round of sending needs, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from carepath.notifications.mail import Letter
from carepath.notifications.queries import Message
from carepath.notifications.rules.timing import QuietHours
from carepath.notifications.smtp import Transport

Moment = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Skip:
    """The message is not sent; the reason is shown to the coordinator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """Its subject has changed since."""

    reason: str


Written = Letter | Skip | Superseded | Exception


class Desk(Protocol):
    """Writes letters: reads the subjects again and says what to send, or why not."""

    async def letters(self, messages: Sequence[Message], now: datetime) -> Mapping[UUID, Written]:
        """The letter for each due message, by its id. One that cannot be written is answered with the reason."""


@dataclass(frozen=True, slots=True)
class Post:
    """Who writes, where mail goes, and when nobody wants to be woken by what may wait."""

    desk: Desk
    transport: Transport
    quiet: QuietHours


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What one round did with what it claimed. `later` are to be tried again, or wait for the morning or in a lane of
    their own; the rest was given back as it was."""

    claimed: int
    sent: int
    failed: int
    not_sent: int
    later: int

    @property
    def settled(self) -> int:
        """How many something became of."""
        return self.sent + self.failed + self.not_sent + self.later
