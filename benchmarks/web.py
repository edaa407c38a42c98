"""The served product under load: fifty patients for one time, and booking over HTTP against pgbench."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

from benchmarks import booking, database
from benchmarks.booking import Slot
from benchmarks.database import Place
from benchmarks.rows import PAIRS, Row
from carepath.accounts import service as accounts
from carepath.accounts import sessions
from carepath.accounts.people import NewPatient
from carepath.dev import servers
from carepath.intake import service as intakes
from carepath.kit.actor import SYSTEM
from carepath.kit.clock import wall
from carepath.web.gate import csrf_token

_CLIENTS = 8
_BOOKINGS = 40  # a round
_CROWD = 50


class Client:
    """Somebody who is signed in, with one kept connection. No library: ours would cost more than the server."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token, self.csrf = port, token, csrf_token(token)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The kept connection, or a new one."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        return self._streams

    async def post(self, path: str, **fields: str) -> tuple[int, str]:
        """Status and Location."""
        body = "&".join(f"{name}={quote(value, safe='')}" for name, value in {"_csrf": self.csrf, **fields}.items())
        return await self._ask(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: carepath={self.token}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )

    async def get(self, path: str) -> int:
        """Status; what was said is in `said`."""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: carepath={self.token}\r\n\r\n"
        return (await self._ask(head))[0]

    async def _ask(self, text: str) -> tuple[int, str]:
        reader, writer = await self.connect()
        writer.write(text.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        self.said = await reader.readexactly(int(headers.get("content-length", "0")))
        return int(head.split(" ", 2)[1]), headers.get("location", "")

    async def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@asynccontextmanager
async def served(where: Place) -> AsyncIterator[int]:
    """`carepath web` on a port of its own."""
    redis = await asyncio.to_thread(servers.start_valkey, where.data_dir)
    port = servers.free_port()
    process = subprocess.Popen(  # noqa: ASYNC220 - starting it is quick
        [sys.executable, "-m", "carepath.cli", "web"],
        env={**os.environ, **where.environment(redis.url, port), "PYTHONPATH": "src:."},
    )
    try:
        await _answers(port)
        yield port
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
        await asyncio.to_thread(redis.stop)


async def _answers(port: int) -> None:
    for _try in range(300):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("carepath web did not start")


async def patients(count: int, port: int, now: datetime) -> list[Client]:
    """That many patients in Colorado who have sent their answers, each signed in."""
    found = []
    for number in range(count):
        new = NewPatient(f"p{number}@mail.example", "Pat", "Winter", date(1975, 4, 23), "CO", "America/Denver")
        patient_id = await accounts.ensure_patient(new, now)
        draft = await intakes.begin(SYSTEM, new.birth_date, "CO", "America/Denver", now)
        await intakes.attach(draft.id, patient_id, now)
        await intakes.step(SYSTEM, draft.id, "submit", now)
        found.append(Client(port, await sessions.open_for_patient(patient_id, "bench", now)))
    return found


async def rows(where: Place) -> list[Row]:
    """book-race and book-http."""
    now = wall()
    await database.people(where, 50)
    async with served(where) as port:
        crowd = await patients(_BOOKINGS * (PAIRS + 1), port, now)
        slots = iter(await booking.free_slots(now))
        race = await _race(crowd[:_CROWD], slots)
        script = where.data_dir / "http.sql"
        patient = (await database.patients(where, 5000))[0]
        script.write_text(await booking.script_of(patient, next(slots), now), encoding="utf-8")
        http = await _throughput(where, iter(crowd), slots, script)
        for client in crowd:
            await client.close()
    return [race, http]


def _slot(slot: Slot) -> str:
    practitioner, start_at = slot
    return f"{practitioner}@{start_at.isoformat(timespec='seconds')}"


async def _race(crowd: list[Client], slots: Iterator[Slot]) -> Row:
    """Fifty at once for one time, several times: exactly one is let through, and how long the last one waits."""
    slowest = []
    for _round in range(PAIRS + 1):
        waits = list[float]()
        slot = _slot(next(slots))

        async def one(client: Client, slot: str = slot, waits: list[float] = waits) -> int:
            begun = time.perf_counter()
            status, _where = await client.post("/slots", slot=slot)
            waits.append((time.perf_counter() - begun) * 1000)
            return status

        await asyncio.gather(*(client.connect() for client in crowd))
        codes = await asyncio.gather(*(one(client) for client in crowd))
        await asyncio.gather(*(client.close() for client in crowd))
        if sorted(codes) != [303] + [409] * (_CROWD - 1):
            raise RuntimeError(f"not one winner: {sorted(codes)}")
        slowest.append(max(waits))
    worst = statistics.median(slowest[1:])
    return Row(
        "book-race", "ms", round(worst, 1), "worst answer of 50 at one time, limit", 300.0, round(worst / 300, 4), 1.0,
        worst <= 300, PAIRS,
    )  # fmt: skip


async def _throughput(where: Place, crowd: Iterator[Client], slots: Iterator[Slot], script: Path) -> Row:
    ours, theirs = [], []
    for number in range(PAIRS + 1):
        mine = await _bookings([(next(crowd), next(slots)) for _n in range(_BOOKINGS)])
        other = await asyncio.to_thread(booking.pgbench, where, script)
        if number:
            ours.append(mine)
            theirs.append(other)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return Row(
        "book-http", "requests/s", round(statistics.median(ours)), "pgbench, the booking's SQL, 8 clients (at least)",
        round(statistics.median(theirs)), round(ratio, 4), 0.25, ratio >= 0.25, PAIRS,
    )  # fmt: skip


async def _bookings(work: list[tuple[Client, Slot]]) -> float:
    """Booking requests answered a second: each patient's hold and its confirmation are two."""

    async def lane(number: int) -> None:
        for client, slot in work[number::_CLIENTS]:
            status, held = await client.post("/slots", slot=_slot(slot))
            assert status == 303, client.said.decode()[:3000]
            status, _visit = await client.post(f"{held}/confirm")
            assert status == 303, status

    begun = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(_CLIENTS)))
    return 2 * len(work) / (time.perf_counter() - begun)
