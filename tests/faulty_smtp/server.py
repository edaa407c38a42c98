"""The listening server, in a thread with an event loop of its own: a test that blocks does not block it."""

import asyncio
import ssl
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.faulty_smtp.faults import Faults
from tests.faulty_smtp.records import Dialogue, Mail
from tests.faulty_smtp.session import converse
from tests.faulty_smtp.wire import Wire

EVERYTHING = frozenset({"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 10000000"})
T = TypeVar("T")


class FaultySmtp:
    """`offers` are its extensions, `tls` its certificate for STARTTLS, or from the first byte if `is_tls_at_once`.

    `wants_sign_in` is the only name and password that may send. All may be changed while it runs.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.mails: list[Mail] = []
        self._by_address: defaultdict[str, list[Mail]] = defaultdict(list)
        self.dialogues: list[Dialogue] = []
        self.offers: frozenset[str] = EVERYTHING
        self.tls: ssl.SSLContext | None = None
        self.is_tls_at_once = False
        self.wants_sign_in: tuple[str, str] | None = None
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._talks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None

    def listen(self) -> None:
        """Take connections, always on the same port."""
        self._in_loop(self._listen())

    def refuse(self) -> None:
        """Refuse connections from now on and cut those that are open."""
        self._in_loop(self._refuse())

    def to(self, *addresses: str) -> list[Mail]:
        """What was stored for these, oldest first."""
        found = {mail.number: mail for address in addresses for mail in list(self._by_address.get(address.lower(), ()))}
        return [found[number] for number in sorted(found)]

    def keep(self, mail: Mail) -> None:
        """Store it, before anybody is told so."""
        self.mails.append(mail)
        for recipient in mail.recipients:
            self._by_address[recipient.lower()].append(mail)

    def tries(self, address: str) -> list[float]:
        """When somebody wanted to send there, whatever became of it."""
        return sorted(at for talk in list(self.dialogues) for at, to in list(talk.tried) if to == address.lower())

    def copies(self) -> Counter[str]:
        """How often each Message-ID is stored."""
        return Counter(mail.message_id for mail in list(self.mails))

    def is_quiet(self, seconds: float) -> bool:
        """Whether nobody has said anything for so long."""
        return time.monotonic() - max((talk.last_heard for talk in list(self.dialogues)), default=0.0) > seconds

    async def _listen(self) -> None:
        if self._listening is None:
            tls = self.tls if self.is_tls_at_once else None
            self._listening = await asyncio.start_server(self._meet, "127.0.0.1", self.port, ssl=tls)
            self.port = self._listening.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialogue = Dialogue(len(self.dialogues) + 1, time.monotonic())
        self.dialogues.append(dialogue)
        wire = Wire(reader, writer, dialogue)
        wire.is_encrypted = self.is_tls_at_once
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            await converse(self, wire)
        except asyncio.CancelledError:
            wire.cut()
        finally:
            self._talks.discard(talk)

    def _in_loop(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def run(self) -> None:
        """The thread's life."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def stop(self, thread: threading.Thread) -> None:
        """End every dialogue and the thread."""
        self.refuse()
        self._loop.call_soon_threadsafe(self._loop.stop)
        thread.join(10)


@contextmanager
def faulty_smtp(prepare: Callable[[FaultySmtp], None] = lambda server: None) -> Iterator[FaultySmtp]:
    """A server on a free port of this machine; `prepare` may change it before the first connection."""
    server = FaultySmtp()
    prepare(server)
    thread = threading.Thread(target=server.run, name="faulty-smtp", daemon=True)
    thread.start()
    try:
        server.listen()
        yield server
    finally:
        server.stop(thread)
