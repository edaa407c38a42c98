"""Plain SMTP, one connection a batch. TLS is required in production and never given up."""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID

from carepath.notifications.mail import Letter, Printer

_PATIENCE = 10  # seconds for each answer of the server


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mail server made of a message. `is_final`: trying again is no use."""

    is_sent: bool
    is_final: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Transport:
    """Where mail goes. `printer` turns letters into bytes."""

    url: str
    needs_tls: bool
    printer: Printer

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        """A line to the server; it connects at the first letter and hangs up at the end."""
        line = Line(self)
        try:
            yield line
        finally:
            await asyncio.to_thread(line.hang_up)


class Line:
    """A line to the mail server, used by one batch."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.server: smtplib.SMTP | None = None

    async def send(self, letter: Letter, message_id: UUID, now: datetime) -> Answer:
        """Hand one letter over. Never raises for what a mail server or a network does."""
        raw = self.transport.printer.print(letter, message_id, now)
        return await asyncio.to_thread(self._send, letter.to_address, raw)

    def _send(self, address: str, raw: bytes) -> Answer:
        try:
            server = self.server or self._connect()
            server.sendmail(self.transport.printer.sender, [address], raw)
            return Answer(True, False, "")
        except smtplib.SMTPRecipientsRefused as refused:
            code = max((code for code, _words in refused.recipients.values()), default=450)
            self._reset()
            return _refused(code, "recipient")
        except smtplib.SMTPResponseException as refused:
            self._reset()
            return _refused(refused.smtp_code, "message")
        except smtplib.SMTPNotSupportedError as problem:
            self.hang_up()
            return Answer(False, False, f"the mail server lacks what we require: {problem}")
        except (OSError, smtplib.SMTPException) as problem:
            # Perhaps stored, perhaps not: the same Message-ID goes again, and a repeat is recognisable.
            self.hang_up()
            return Answer(False, False, f"connection: {type(problem).__name__}")

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.transport.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=_PATIENCE)
            if self.transport.needs_tls or parts.username:
                server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        self.server = server
        return server

    def _reset(self) -> None:
        """After a refusal the connection is good for the next letter, unless the server hung up."""
        if self.server is not None:
            try:
                self.server.rset()
            except (OSError, smtplib.SMTPException):
                self.hang_up()

    def hang_up(self) -> None:
        """End the connection, politely if the server still listens."""
        server, self.server = self.server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def _refused(code: int, what: str) -> Answer:
    """4xx is for now, 5xx for good (RFC 5321, 4.2.1)."""
    return Answer(False, code >= 500, f"the mail server refused the {what} with {code}")
