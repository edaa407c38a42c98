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

from carepath.configuration import Configuration
from carepath.dev.servers import free_port
from carepath.journey import tell
from carepath.notifications.mail import Printer
from carepath.notifications.service import DrainReport, Transport
from carepath.settings import Settings


@dataclass
class Mailroom:
    """Keeps what arrives. `answers` are given to the next messages in turn, instead of storing them."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    drop_after: int = 0
    transport: Transport | None = None
    desk: tell.Desk | None = None

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
        assert self.desk is not None
        assert self.transport is not None
        return await tell.drain(self.desk, self.transport, now)

    def to(self, address: str) -> list[EmailMessage]:
        """Mails to one address, oldest first."""
        return [mail for mail in self.mails if address in str(mail["To"])]


@asynccontextmanager
async def mailroom(settings: Settings, loaded: Configuration) -> AsyncIterator[Mailroom]:
    """A mailroom on a port of its own."""
    room, port, clinic = Mailroom(), free_port(), loaded.clinic
    controller = Controller(room, hostname="127.0.0.1", port=port)
    controller.start()
    printer = Printer(settings.templates_dir, clinic.name, clinic.email, clinic.phone, "localhost")
    room.transport = Transport(f"smtp://127.0.0.1:{port}", False, printer)
    room.desk = tell.Desk(settings.public_base_url, clinic)
    try:
        yield room
    finally:
        controller.stop()
