"""Web processes as they are deployed, over the tests' own database and Valkey: to be killed, frozen and raced."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO
from uuid import UUID

import asyncpg
import httpx

from carepath.dev.servers import free_port
from carepath.journey import book
from carepath.kit import clock, db
from carepath.settings import ROOT, Settings
from tests.web.client import Browser


@dataclass
class Web:
    """One process on a port of its own. Started again, it is found at the same address."""

    settings: Settings
    log: IO[bytes]
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Until it answers."""
        found = self.settings
        environment = {
            **os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PORT": str(self.port), "DATABASE_URL": found.database_url,
            "REDIS_URL": found.redis_url, "SMTP_URL": found.smtp_url, "SECRET_KEY": found.secret_key,
            "PHI_KEYS": found.phi_keys, "CAREPATH_DATA_DIR": str(found.data_dir), "PUBLIC_BASE_URL": found.public_base_url,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "carepath.cli", "web"], env=environment, stdout=self.log, stderr=self.log
        )
        end = time.monotonic() + 40
        while not self._answers():
            assert self.process.poll() is None, "the web process does not start"
            assert time.monotonic() < end, "the web process does not answer"
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.base}/healthz", timeout=1).status_code == 200
        return False

    def send(self, what: signal.Signals) -> None:
        """A signal to exactly this process."""
        assert self.process is not None
        self.process.send_signal(what)

    def kill(self) -> None:
        """As a machine that runs out of memory does it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


@asynccontextmanager
async def webs(settings: Settings, count: int = 1) -> AsyncIterator[list[Web]]:
    """So many processes, one database, one Valkey."""
    with tempfile.TemporaryFile() as log:
        made = [Web(settings, log) for _each in range(count)]
        try:
            for one in made:
                one.start()
            yield made
        finally:
            for one in made:
                one.stop()


def elsewhere(known: Browser, web: Web) -> Browser:
    """The same person, in the same session, at another process."""
    made = Browser(web.base)
    made.http.cookies.set("carepath", known.http.cookies.get("carepath") or "")
    made.http.follow_redirects = False
    made.token = known.token
    return made


@asynccontextmanager
async def blocker(settings: Settings, sql: str, *args: object) -> AsyncIterator["asyncpg.Connection"]:
    """A transaction of a stranger that holds what `sql` takes until the end of the block, or its own COMMIT."""
    connection = await asyncpg.connect(**db.connection_options(settings.database_url))
    try:
        await connection.execute("BEGIN")
        await connection.execute(sql, *args)
        yield connection
    finally:
        await connection.close()


# What a dead or frozen process held is free again after this many seconds, whatever others hold.
LEASE = 25


@dataclass(frozen=True, slots=True)
class Write:
    """One write under a key, at a process."""

    who: Browser
    path: str
    fields: dict[str, str]
    key: str

    async def send(self, web: Web) -> httpx.Response:
        mine = elsewhere(self.who, web)
        try:
            return await mine.post(self.path, self.fields, {"Idempotency-Key": self.key})
        finally:
            await mine.http.aclose()

    async def insist(self, web: Web, seconds: float = 2 * LEASE) -> httpx.Response:
        """As a client that does not give up: while the first is in flight, and while nobody answers. Twice the lease, since
        two may die over one row in turn."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                answer = await self.send(web)
            except httpx.TransportError:
                answer = None
            if answer is not None and "retry-after" not in answer.headers:
                return answer
            if answer is not None:
                assert answer.status_code == 409, answer.text
                assert "being worked on at this moment" in answer.text or "Many people" in answer.text
            assert asyncio.get_running_loop().time() < end, f"still no answer to {self.path}"
            await asyncio.sleep(0.2)


async def slots_with(who: Browser, practitioner_id: UUID) -> list[str]:
    """Times of one provider that do not touch each other."""
    first = (clock.now() + timedelta(days=3)).date()
    offers = await book.offers(who.actor, first, clock.now())  # type: ignore[attr-defined]
    own = [one for one in offers if one.practitioner_id == practitioner_id]
    return [f"{one.practitioner_id}@{one.start_at.isoformat(timespec='seconds')}" for one in own[::8]]
