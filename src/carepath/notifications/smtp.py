"""Plain SMTP, one connection a batch. TLS is required in production and never given up."""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from carepath.kit.words import _
from carepath.notifications.mail import Printer

_PATIENCE = 10  # seconds for each answer of the server
_GREETING = 20  # seconds from the connection to the first mail
_MAIL = 40  # seconds for a whole mail, inside the lease of its row: a server that drips is cut off

_T = TypeVar("_T")


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

    async def connect(self) -> str:
        """Be connected, ready for a mail. Answers "", or why there is no server to hand mails to."""
        return "" if self.server is not None else await self._within(_GREETING, self._connect)

    async def send(self, address: str, mail: bytes) -> Answer:
        """Hand one mail over. Never raises for what a mail server or a network does."""
        return await self._within(_MAIL, lambda: self._send(address, mail))

    async def _within(self, seconds: float, call: Callable[[], _T]) -> _T:
        """Run `call` in a thread. A thread cannot be stopped, but without its connection it ends by itself."""
        timer = asyncio.get_running_loop().call_later(seconds, self._cut)
        try:
            return await asyncio.to_thread(call)
        except asyncio.CancelledError:
            self._cut()
            raise
        finally:
            timer.cancel()

    def _cut(self) -> None:
        if self.server is not None and self.server.sock is not None:
            with suppress(OSError):
                self.server.sock.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> str:
        try:
            self._greet()
            return ""
        except smtplib.SMTPNotSupportedError:
            problem = _("it does not offer what we require, encryption or sign-in")
        except smtplib.SMTPResponseException as refused:
            problem = _("it answered {code}").format(code=refused.smtp_code)
        except (OSError, smtplib.SMTPException, ValueError) as broken:
            problem = type(broken).__name__
        self._drop()
        return _("the mail server cannot be used: {problem}").format(problem=problem)

    def _greet(self) -> None:
        """Everything before the first mail. The server is kept at once, so that it can be cut off and closed."""
        parts, context = urlsplit(self.transport.url), ssl.create_default_context()
        host, ours = parts.hostname or "localhost", self.transport.printer.host
        if parts.scheme == "smtps":
            self.server = smtplib.SMTP_SSL(host, parts.port or 465, ours, timeout=_PATIENCE, context=context)
        else:
            self.server = smtplib.SMTP(host, parts.port or 25, ours, timeout=_PATIENCE)
            if self.transport.needs_tls or parts.username:
                self.server.starttls(context=context)
        if parts.username:
            self.server.login(unquote(parts.username), unquote(parts.password or ""))
        self.server.ehlo_or_helo_if_needed()

    def _send(self, address: str, mail: bytes) -> Answer:
        if not address.isascii():
            return Answer(False, True, _("the address cannot be written in a mail"))
        assert self.server is not None, "connect first"
        try:
            self.server.sendmail(self.transport.printer.sender, [address], mail)
            return Answer(True, False, "")
        except smtplib.SMTPRecipientsRefused as refused:
            return self._refused(max(code for code, _words in refused.recipients.values()))
        except smtplib.SMTPResponseException as refused:
            return self._refused(refused.smtp_code)
        except (OSError, smtplib.SMTPException, ValueError) as broken:
            # Perhaps stored, perhaps not: the same Message-ID goes again, and a repeat is recognisable.
            self._drop()
            return Answer(False, False, _("the connection broke: {problem}").format(problem=type(broken).__name__))

    def _refused(self, code: int) -> Answer:
        """4xx is for now, 5xx for good (RFC 5321, 4.2.1). The connection is good for the next mail, mostly."""
        try:
            if self.server is not None:
                self.server.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        return Answer(False, code >= 500, _("the mail server refused it with {code}").format(code=code))

    def _drop(self) -> None:
        """Close without a word; a broken connection has no ear for QUIT."""
        server, self.server = self.server, None
        if server is not None:
            server.close()

    def hang_up(self) -> None:
        """End the connection politely."""
        if self.server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.server.quit()
        self._drop()
