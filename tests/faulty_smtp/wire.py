"""Bytes in and out, recorded; several commands may come in one packet, an answer may drip."""

import asyncio
import ssl
import time

from tests.faulty_smtp.records import Dialogue, Said

_IDLE = 120.0
_LONGEST_LINE = 4096
_LARGEST_MAIL = 10_000_000


class HungUp(Exception):
    """The other side has gone."""


class Wire:
    """One connection. `waiting` is what came and was not read yet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dialogue: Dialogue) -> None:
        self.reader, self.writer, self.dialogue = reader, writer, dialogue
        self.is_encrypted = False
        self.waiting = bytearray()

    async def line(self) -> str:
        """The next line without its end. HungUp when there is none or it is endless."""
        while b"\n" not in self.waiting:
            if len(self.waiting) > _LONGEST_LINE:
                raise HungUp
            await self._more()
        return self._cut(self.waiting.index(b"\n") + 1).decode(errors="surrogateescape").rstrip("\r\n")

    async def content(self) -> bytes:
        """A mail up to its last dot, with doubled dots undone (RFC 5321, 4.5.2)."""
        while not self.waiting.startswith(b".\r\n") and b"\r\n.\r\n" not in self.waiting:
            if len(self.waiting) > _LARGEST_MAIL:
                raise HungUp
            await self._more()
        if self.waiting.startswith(b".\r\n"):
            return self._cut(3)[:0]
        return self._cut(self.waiting.index(b"\r\n.\r\n") + 5)[:-3].replace(b"\r\n..", b"\r\n.")

    async def some(self) -> None:
        """Until anything is there."""
        if not self.waiting:
            await self._more()

    async def _more(self) -> None:
        try:
            found = await asyncio.wait_for(self.reader.read(65536), _IDLE)
        except (OSError, TimeoutError):
            raise HungUp from None
        if not found:
            raise HungUp
        self._note(True, found)
        self.waiting += found

    def _cut(self, size: int) -> bytes:
        found = bytes(self.waiting[:size])
        del self.waiting[:size]
        return found

    def _note(self, by_client: bool, text: bytes) -> None:
        self.dialogue.said.append(Said(time.monotonic(), by_client, self.is_encrypted, text))

    async def say(self, text: bytes, drip: float = 0.0) -> None:
        """Answer, at once or byte by byte."""
        self._note(False, text)
        try:
            for part in [text[n : n + 1] for n in range(len(text))] if drip else [text]:
                self.writer.write(part)
                await self.writer.drain()
                await asyncio.sleep(drip)
        except OSError:
            raise HungUp from None

    async def encrypt(self, context: ssl.SSLContext) -> None:
        """Become TLS. HungUp when the client does not like our certificate."""
        try:
            await self.writer.start_tls(context, ssl_handshake_timeout=10)
        except (OSError, ssl.SSLError, TimeoutError):
            raise HungUp from None
        self.is_encrypted = True

    def cut(self) -> None:
        """Hang up without a word."""
        self.writer.transport.abort()
