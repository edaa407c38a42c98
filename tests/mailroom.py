"""A real SMTP server inside the test, and the worker's round of sending against it."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller

from carepath import configuration
from carepath.configuration import Configuration
from carepath.dev.servers import free_port
from carepath.journey import tell
from carepath.notifications.service import DrainReport, Post
from carepath.settings import Settings


@dataclass
class Mailroom:
    """Keeps what arrives. `answers` are given to the next messages in turn, instead of storing them."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    drop_after: int = 0
    post: Post | None = None

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.answers:
            return self.answers.pop(0)
        found = email.message_from_bytes(envelope.content, policy=default)  # type: ignore[attr-defined]
        self.mails.append(found)
        if self.drop_after:
            self.drop_after -= 1
            server.transport.close()  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        return "250 kept"

    async def drain(self, now: datetime) -> DrainReport:
        """One round of the worker."""
        assert self.post is not None
        return await tell.drain(self.post, lambda: now)

    async def drain_lost(self, now: datetime) -> DrainReport:
        """What a lost worker had in its hands: one message."""
        assert self.post is not None
        return await tell.drain_lost(self.post, lambda: now)

    async def drain_slow(self, now: datetime) -> DrainReport:
        """A few messages to a slow mail domain."""
        assert self.post is not None
        return await tell.drain_slow(self.post, lambda: now)

    def to(self, address: str) -> list[EmailMessage]:
        """Mails to one address, oldest first."""
        return [mail for mail in self.mails if address in str(mail["To"])]


@asynccontextmanager
async def mailroom(settings: Settings, loaded: Configuration) -> AsyncIterator[Mailroom]:
    """A mailroom on a port of its own."""
    room, port, clinic = Mailroom(), free_port(), loaded.clinic
    controller = Controller(room, hostname="127.0.0.1", port=port)
    controller.start()
    base, own = settings.public_base_url, configuration.own_wording(settings.config_dir)
    printer = tell.printer_of(base, clinic, settings.templates_dir, own)
    room.post = tell.post_of(base, clinic, printer, f"smtp://127.0.0.1:{port}", needs_tls=False)
    try:
        yield room
    finally:
        controller.stop()
