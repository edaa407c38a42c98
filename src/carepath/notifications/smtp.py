"""Plain SMTP, one connection a round. TLS is required in production and never given up."""

import asyncio
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from carepath.kit.words import _
from carepath.notifications.mail import Printer
from carepath.notifications.troubles import in_words

_GREETING = 20.0  # seconds from the connection to the first mail: some servers let strangers wait on purpose
_LOOK = 0.25  # seconds between looks at how long the mail in hand is taking
_SERVICE_GOES = 421  # the server hangs up (RFC 5321, 3.8): no other command will be answered

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a server may take for an answer to a `command`, and to the `content` of a mail: to give up there
    may mean a repeat. `mail` is the most for a whole mail, inside the lease of its row: a server that drips is cut off.
    """

    command: float
    content: float
    mail: float


QUICK = Patience(command=5, content=30, mail=40)
PATIENT = Patience(command=30, content=55, mail=60)


@dataclass(frozen=True, slots=True)
class Mail:
    """The bytes of a mail, CRLF throughout, and whose mailbox they are for."""

    address: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mail server made of a mail, and in how many seconds. `is_final`: trying again is no use. `is_broken`:
    the connection went while it was handed over, so that it may be stored all the same."""

    is_sent: bool
    is_final: bool
    reason: str
    is_broken: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Handed:
    """Answers to the first of some mails; and, where one was too slow to be waited for, the answer to the one after
    them, when it comes. The line belongs to that one."""

    answers: list[Answer]
    slow: Awaitable[Answer | None] | None = None


class _Refused(Exception):
    """The server said no with this code. `is_to_us`: before it was told whom the mail is for, so no message's fault."""

    def __init__(self, code: int, is_to_us: bool = False) -> None:
        self.code, self.is_to_us = code, is_to_us


@dataclass(frozen=True, slots=True)
class Transport:
    """Where mail goes. `printer` turns letters into bytes."""

    url: str
    needs_tls: bool
    printer: Printer

    def line(self, patience: Patience = QUICK) -> "Line":
        """A line to the server, which connects at the first letter. Whoever has it hangs up."""
        return Line(self, patience)


class Line:
    """A line to the mail server, used by one round."""

    def __init__(self, transport: Transport, patience: Patience) -> None:
        self.transport, self.patience = transport, patience
        self.server: smtplib.SMTP | None = None
        self._deadline = self._begun = 0.0
        self._started, self._is_left, self._turn = 0, False, threading.Lock()

    async def connect(self) -> str:
        """Be connected, ready for a mail. Answers "", or why there is no server to hand mails to."""
        return "" if self.server is not None else await self._watched(self._connect)

    async def send(self, mails: Sequence[Mail], seconds: float, slow: float) -> Handed:
        """Hand mails over, in order, until they are done, `seconds` have passed, the connection is gone or one of them
        takes more than `slow` seconds: that one keeps this line to itself, and its answer comes later. Never raises
        for what a mail server or a network does."""
        found: list[Answer] = []
        self._begun, self._started, self._is_left = time.monotonic(), 0, False
        until = self._begun + seconds
        running = asyncio.ensure_future(self._watched(lambda: self._send(mails, until, found)))
        try:
            while not (await asyncio.wait({running}, timeout=_LOOK))[0]:
                if time.monotonic() - self._begun > slow and (known := self._leave(found)) is not None:
                    return Handed(known, self._last(running, found, len(known)))
        except asyncio.CancelledError:
            running.cancel()
            raise
        running.result()
        return Handed(found)

    def _leave(self, found: Sequence[Answer]) -> list[Answer] | None:
        """Let the thread begin no other mail. The answers so far, if it has one mail in its hands: that one alone is
        without, and whoever goes on with the others repeats nothing. Taken at one moment, for its answer may come at
        the next."""
        with self._turn:
            self._is_left = True
            known = list(found)
            return known if self._started > len(known) else None

    async def _last(self, running: "asyncio.Future[None]", found: Sequence[Answer], known: int) -> Answer | None:
        """The answer to the slow one; None if it was none but the end of the mails."""
        try:
            await running
            return found[known] if len(found) > known else None
        finally:
            await asyncio.to_thread(self.hang_up)

    async def _watched(self, call: Callable[[], _T]) -> _T:
        """Run `call` in a thread and cut the connection when it takes too long over one thing. A thread cannot be
        stopped, but without its connection it ends by itself."""
        self._deadline = time.monotonic() + _GREETING
        running = asyncio.get_running_loop().run_in_executor(None, call)
        try:
            while not (await asyncio.wait({running}, timeout=1))[0]:
                if time.monotonic() > self._deadline:
                    self._cut()
        except asyncio.CancelledError:
            self._cut()
            raise
        return running.result()

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
            problem = in_words(broken)
        self._drop()
        return _("the mail server cannot be used: {problem}").format(problem=problem)

    def _greet(self) -> None:
        """Everything before the first mail. The server is kept at once, so that it can be cut off and closed."""
        parts, context = urlsplit(self.transport.url), ssl.create_default_context()
        host, ours = parts.hostname or "localhost", self.transport.printer.host
        if parts.scheme == "smtps":
            self.server = smtplib.SMTP_SSL(host, parts.port or 465, ours, timeout=_GREETING, context=context)
        else:
            self.server = smtplib.SMTP(host, parts.port or 25, ours, timeout=_GREETING)
            if self.transport.needs_tls or parts.username:
                self.server.starttls(context=context)
        if parts.username:
            self.server.login(unquote(parts.username), unquote(parts.password or ""))
        self.server.ehlo_or_helo_if_needed()

    def _send(self, mails: Sequence[Mail], until: float, found: list[Answer]) -> None:
        """In the thread."""
        for mail in mails:
            with self._turn:
                if self._is_left or self.server is None or (found and time.monotonic() > until):
                    return
                self._started += 1
                self._begun = time.monotonic()
            found.append(self._one(mail))

    def _one(self, mail: Mail) -> Answer:
        if not mail.address.isascii():
            return Answer(False, True, _("the address cannot be written in a mail"))
        begun = time.monotonic()
        self._deadline = begun + self.patience.mail
        try:
            self._hand_over(mail)
            return Answer(True, False, "", seconds=time.monotonic() - begun)
        except _Refused as refused:
            self._after_refusal(refused.code)
            words = _("the mail server refused it with {code}")
            if refused.is_to_us:
                words = _("the mail server takes no mail from us; it answered {code}")
            is_final = refused.code >= 500 and not refused.is_to_us
            return Answer(False, is_final, words.format(code=refused.code), seconds=time.monotonic() - begun)
        except (OSError, smtplib.SMTPException, ValueError) as broken:
            # Perhaps stored, perhaps not: the same Message-ID goes again, and a repeat is recognisable.
            self._drop()
            why = _("the connection broke: {problem}").format(problem=in_words(broken))
            return Answer(False, False, why, is_broken=True, seconds=time.monotonic() - begun)

    def _hand_over(self, mail: Mail) -> None:
        """One mail to one recipient. _Refused with the server's code."""
        assert self.server is not None, "connect first"
        size = [f"size={len(mail.data)}"] if self.server.has_extn("size") else []
        steps: tuple[tuple[float, Callable[[smtplib.SMTP], tuple[int, bytes]]], ...] = (
            (self.patience.command, lambda server: server.mail(self.transport.printer.sender, size)),
            (self.patience.command, lambda server: server.rcpt(mail.address)),
            (self.patience.content, lambda server: server.data(mail.data)),
        )
        for seconds, step in steps:
            if self.server.sock is not None:
                self.server.sock.settimeout(seconds)
            try:
                code, _words = step(self.server)
            except smtplib.SMTPDataError as refused:
                code = refused.smtp_code
            if not 200 <= code < 600:
                raise smtplib.SMTPException("an answer that is none")
            if code not in {250, 251}:
                raise _Refused(code, is_to_us=step is steps[0][1])

    def _after_refusal(self, code: int) -> None:
        """4xx is for now, 5xx for good (RFC 5321, 4.2.1). The connection is good for the next mail, mostly."""
        try:
            if code == _SERVICE_GOES or self.server is None:
                self._drop()
            else:
                self.server.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

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
