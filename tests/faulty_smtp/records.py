"""What the server saw: mails that it stored and dialogues, with times of time.monotonic()."""

import email
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from functools import cached_property


@dataclass(frozen=True)
class Mail:
    """A stored mail. `connection` numbers the dialogue, `place` the mail in it; `begun_at` is when MAIL FROM came."""

    number: int
    connection: int
    place: int
    begun_at: float
    stored_at: float
    sender: str
    recipients: tuple[str, ...]
    parameters: str
    is_encrypted: bool
    content: bytes

    @cached_property
    def message_id(self) -> str:
        """As it stands between the angle brackets."""
        found = re.search(rb"(?im)^message-id:\s*<([^>]+)>", self.content)
        return found[1].decode() if found else ""

    @property
    def parsed(self) -> EmailMessage:
        """For looking at its headers and parts."""
        return email.message_from_bytes(self.content, policy=default)


@dataclass(frozen=True)
class Said:
    """Some bytes, as they came or went."""

    at: float
    by_client: bool
    is_encrypted: bool
    text: bytes


@dataclass
class Dialogue:
    """One connection from its beginning to its end ("quit", "we hung up", "they hung up", "stopped")."""

    number: int
    opened_at: float
    said: list[Said] = field(default_factory=list)
    commands: list[tuple[float, str]] = field(default_factory=list)
    tried: list[tuple[float, str]] = field(default_factory=list)  # recipients, accepted or not
    stored: int = 0
    ended: str = ""
    misdeeds: list[str] = field(default_factory=list)  # what an honest client does not do

    @property
    def in_clear(self) -> bytes:
        """All that the client sent for anybody to read."""
        return b"".join(said.text for said in self.said if said.by_client and not said.is_encrypted)

    @property
    def verbs(self) -> list[str]:
        """The commands in their order, without arguments."""
        return [line.split(" ")[0].upper() for _at, line in self.commands]

    @property
    def last_heard(self) -> float:
        """When anything was said here."""
        return self.said[-1].at if self.said else self.opened_at
