"""One dialogue from the server's side (RFC 5321), honest wherever no fault says otherwise."""

import asyncio
import base64
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tests.faulty_smtp.faults import Stage
from tests.faulty_smtp.records import Mail
from tests.faulty_smtp.wire import HungUp, Wire

if TYPE_CHECKING:
    from tests.faulty_smtp.server import FaultySmtp

_GROUPED = {"RSET", "MAIL", "RCPT", "SEND", "SOML", "SAML"}  # may be followed in one packet (RFC 2920, 3.1)


class WeHungUp(Exception):
    """A fault ended the dialogue."""


class Session:
    """`server` says what is offered and which faults are in force."""

    def __init__(self, server: "FaultySmtp", wire: Wire) -> None:
        self.server, self.wire, self.dialogue = server, wire, wire.dialogue
        self.greeted = self.extended = self.signed_in = False
        self.reset()

    def reset(self) -> None:
        """No mail is under way."""
        self.sender: str | None = None
        self.parameters, self.recipients, self.begun_at = "", list[str](), 0.0

    async def talk(self) -> None:
        """Until somebody hangs up."""
        await self.answer("banner", b"220 mail.test ESMTP\r\n")
        if self.wire.waiting:
            self.dialogue.misdeeds.append("spoke before the greeting")
        while True:
            line = await self.wire.line()
            self.dialogue.commands.append((time.monotonic(), line))
            verb, _space, rest = line.partition(" ")
            if self.wire.waiting and not await self._may_follow(verb.upper()):
                return
            handler = _HANDLERS.get(verb.upper())
            if handler is None:
                await self.wire.say(b"500 what?\r\n")
            else:
                await handler(self, rest.strip())
            if self.dialogue.ended:
                return

    async def _may_follow(self, verb: str) -> bool:
        """Whether a client may send more before our answer to `verb`; others are told and hung up on."""
        if self.extended and "PIPELINING" in self.server.offers and verb in _GROUPED:
            return True
        self.dialogue.misdeeds.append(f"did not wait for the answer to {verb}")
        await self.wire.say(b"554 synchronization error\r\n")
        self.dialogue.ended = "we hung up"
        return False

    async def answer(self, stage: Stage, usual: bytes, recipients: tuple[str, ...] = ()) -> bytes:
        """Say the usual, or what a fault says; answers what was said. WeHungUp when a fault ends it here."""
        fault = self.server.faults.take(stage, recipients)
        if fault is None:
            await self.wire.say(usual)
            return usual
        await asyncio.sleep(fault.wait)
        if fault.hangs_up == "instead":
            raise WeHungUp
        said = fault.reply or usual
        await self.wire.say(said, fault.drip)
        if fault.hangs_up == "after":
            raise WeHungUp
        return said

    async def ehlo(self, rest: str) -> None:
        offers = sorted(self.server.offers)
        if self.server.tls is not None and not self.wire.is_encrypted:
            offers.append("STARTTLS")
        if self.server.wants_sign_in and self.wire.is_encrypted:
            offers.append("AUTH PLAIN LOGIN")
        lines = ["mail.test greets you", *offers]
        text = "".join(f"250{' ' if n == len(lines) else '-'}{line}\r\n" for n, line in enumerate(lines, 1))
        said = await self.answer("ehlo", text.encode())
        self.greeted = self.extended = said.startswith(b"250")
        self.reset()

    async def helo(self, rest: str) -> None:
        self.greeted = (await self.answer("helo", b"250 mail.test\r\n")).startswith(b"250")
        self.reset()

    async def starttls(self, rest: str) -> None:
        if self.server.tls is None or self.wire.is_encrypted:
            await self.wire.say(b"502 not here\r\n")
            return
        if not (await self.answer("starttls", b"220 go on\r\n")).startswith(b"220"):
            return
        if self.server.faults.take("handshake"):
            raise WeHungUp
        await self.wire.encrypt(self.server.tls)
        self.greeted = self.extended = False
        self.reset()

    async def auth(self, rest: str) -> None:
        if not self.wire.is_encrypted:
            self.dialogue.misdeeds.append("showed a password in clear")
        method, _space, given = rest.partition(" ")
        if method.upper() == "LOGIN":
            name = given or await self._ask("VXNlcm5hbWU6")
            pair = (_text(name), _text(await self._ask("UGFzc3dvcmQ6")))
        else:
            _as, name, password = f"{_text(given or await self._ask(''))}\0\0".split("\0")[:3]
            pair = (name, password)
        good = b"235 welcome\r\n" if pair == self.server.wants_sign_in else b"535 who are you?\r\n"
        said = await self.answer("auth", good)
        self.signed_in = said.startswith(b"235")

    async def _ask(self, challenge: str) -> str:
        await self.wire.say(f"334 {challenge}\r\n".encode())
        return await self.wire.line()

    async def mail(self, rest: str) -> None:
        found = re.fullmatch(r"(?i)from:\s*<([^>]*)>\s*(.*)", rest)
        if found is None or not self.greeted or self.sender is not None:
            await self.wire.say(b"503 not now\r\n" if found else b"501 from whom?\r\n")
            return
        if not self._offered(found[2].upper()):
            await self.wire.say(b"555 not offered\r\n")
        elif self.server.wants_sign_in and not self.signed_in:
            await self.wire.say(b"530 sign in first\r\n")
        else:
            self.begun_at = time.monotonic()
            if (await self.answer("mail", b"250 ok\r\n")).startswith(b"2"):
                self.sender, self.parameters = found[1], found[2]

    def _offered(self, parameters: str) -> bool:
        words = {word.partition("=")[0].replace("BODY", "8BITMIME") for word in parameters.split()}
        return words <= {offer.partition(" ")[0] for offer in (self.server.offers if self.extended else ())}

    async def rcpt(self, rest: str) -> None:
        found = re.fullmatch(r"(?i)to:\s*<([^>]+)>\s*(.*)", rest)
        if found is None or self.sender is None:
            await self.wire.say(b"503 not now\r\n" if found else b"501 to whom?\r\n")
            return
        self.dialogue.tried.append((time.monotonic(), found[1].lower()))
        if (await self.answer("rcpt", b"250 ok\r\n", (found[1],))).startswith(b"2"):
            self.recipients.append(found[1])

    async def data(self, rest: str) -> None:
        """An answer of 3xx asks for the mail, also where a fault says it without any recipient (RFC 2920, 3.1)."""
        whom, usual = tuple(self.recipients), b"354 go on\r\n" if self.recipients else b"554 to nobody?\r\n"
        if not (await self.answer("data", usual, whom)).startswith(b"3"):
            return
        if self.server.faults.take("content", whom):
            await self.wire.some()
            raise WeHungUp
        content = await self.wire.content()
        if whom:
            await self._keep(content, whom)
        else:
            await self.wire.say(b"554 to nobody\r\n")
        self.reset()

    async def _keep(self, content: bytes, whom: tuple[str, ...]) -> None:
        """Store the mail as its answer says, or as a fault wants it; before the answer, so that one cut off counts."""
        fault = self.server.faults.take("body", whom)
        reply = b"250 kept\r\n" if fault is None or not fault.reply else fault.reply
        wanted = None if fault is None else fault.stores
        is_kept = (reply.startswith(b"2") and not (fault and fault.hangs_up == "instead")) if wanted is None else wanted
        if is_kept:
            self.dialogue.stored += 1
            place, now, number = self.dialogue.stored, time.monotonic(), len(self.server.mails) + 1
            self.server.keep(Mail(
                number, self.dialogue.number, place, self.begun_at, now, self.sender or "", whom, self.parameters,
                self.wire.is_encrypted, content,
            ))  # fmt: skip
        if fault is not None:
            await asyncio.sleep(fault.wait)
            if fault.hangs_up == "instead":
                raise WeHungUp
        await self.wire.say(reply, fault.drip if fault else 0.0)
        if fault is not None and fault.hangs_up == "after":
            raise WeHungUp

    async def rset(self, rest: str) -> None:
        self.reset()
        await self.wire.say(b"250 ok\r\n")

    async def noop(self, rest: str) -> None:
        await self.wire.say(b"250 ok\r\n")

    async def quit(self, rest: str) -> None:
        self.dialogue.ended = "quit"
        await self.answer("quit", b"221 bye\r\n")


_HANDLERS: dict[str, Callable[[Session, str], Awaitable[None]]] = {
    "EHLO": Session.ehlo, "HELO": Session.helo, "STARTTLS": Session.starttls, "AUTH": Session.auth,
    "MAIL": Session.mail, "RCPT": Session.rcpt, "DATA": Session.data, "RSET": Session.rset, "NOOP": Session.noop,
    "QUIT": Session.quit,
}  # fmt: skip


def _text(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode()
    except ValueError:
        return ""


async def converse(server: "FaultySmtp", wire: Wire) -> None:
    """The whole dialogue; notes how it ended."""
    try:
        await Session(server, wire).talk()
    except WeHungUp:
        wire.dialogue.ended = "we hung up"
    except HungUp:
        wire.dialogue.ended = wire.dialogue.ended or "they hung up"
    except asyncio.CancelledError:
        wire.dialogue.ended = wire.dialogue.ended or "stopped"
        raise
    finally:
        wire.cut() if wire.dialogue.ended == "we hung up" else wire.writer.close()
