"""The calendar against its own SQL: search for one and for fifty, history, and booking against pgbench."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import date, timedelta
from functools import partial
from typing import Any

import msgspec
import uvloop

from benchmarks import booking, database, web
from benchmarks.database import NOW, Place
from benchmarks.rows import PAIRS, Row
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service

_FIRST, _LAST, _ZONE = NOW.date(), NOW.date() + timedelta(days=27), "America/Denver"
_ASK: tuple[str, str, Any, date, date, str] = ("evaluation", "CO", NOW, _FIRST, _LAST, _ZONE)
Work = Callable[[], Awaitable[object]]


def rows() -> list[Row]:
    """One practitioner, any of fifty, every start of fifty, 60,000 past visits a practitioner, booking by the
    service and over HTTP."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_rows())


async def _rows() -> list[Row]:
    async with database.place() as where:
        ids = await database.people(where, 50)
        await database.visits(where, 1, 20)
        one = partial(service.free_of_each, SYSTEM, *_ASK, [ids[0]])
        every = partial(service.free_of_each, SYSTEM, *_ASK, ids)
        found = [
            await _against_sql(where, "slots-1", "one practitioner x 28 days", one, 2.0, 40),
            await _against_sql(
                where, "slots-50-any", "any of 50 x 28 days", partial(service.free_of_any, SYSTEM, *_ASK, ids), 1.6, 10
            ),
            await _against_sql(
                where, "slots-50-all", "every start of 50, JSON included", partial(_as_json, every), 2.2, 10
            ),
            await _history(where),
        ]
        return [*found, await booking.against_pgbench(where), *await web.rows(where)]


async def _as_json(work: Callable[[], Coroutine[Any, Any, list[service.Free]]]) -> bytes:
    return msgspec.json.encode(await work())


async def _against_sql(where: Place, name: str, what: str, work: Work, target: float, times: int) -> Row:
    """`work` against the one statement that fetches its inputs, on a plain connection."""
    sql, args = await _sql_of(work)

    async def theirs() -> object:
        return await where.raw.fetch(sql, *args)

    ours, limit = await pairs(work, theirs, times)
    return row(name, f"the single SQL of its inputs: {what}", ours, limit, target)


async def _sql_of(work: Work) -> tuple[str, tuple[object, ...]]:
    seen: list[tuple[str, tuple[object, ...]]] = []
    ours = db.records

    async def spy(sql: str, *args: object) -> list[Any]:
        seen.append((sql, args))
        return await ours(sql, *args)

    db.records = spy
    try:
        await work()
    finally:
        db.records = ours
    assert len(seen) == 1, "a search is one statement"
    return seen[0]


async def _history(where: Place) -> Row:
    """The same search with and without 60,000 past visits a practitioner. Two practitioners of their own."""
    await where.raw.execute(_TWINS, NOW)
    bare, old = (
        r["id"] for r in await where.raw.fetch("SELECT id FROM practitioner WHERE name LIKE 'Twin%' ORDER BY name")
    )
    await where.raw.execute(_PAST, old, NOW)
    await where.raw.execute("VACUUM ANALYZE appointment")
    with_history = partial(service.free_of_each, SYSTEM, *_ASK, [old])
    without = partial(service.free_of_each, SYSTEM, *_ASK, [bare])
    ours, theirs = await pairs(with_history, without, 60)
    return row("slots-history", "itself without 60,000 past visits", ours, theirs, 1.05)


_TWINS = """
WITH twin AS (INSERT INTO practitioner (id, name, credential, zone, created_at)
    SELECT gen_random_uuid(), 'Twin ' || n, 'MD', 'America/Denver', $1 FROM generate_series(1, 2) n RETURNING id),
hours AS (INSERT INTO opening_hours (id, practitioner_id, weekday, opens, closes, valid_from)
    SELECT gen_random_uuid(), id, day, '09:00', '17:00', '2020-01-01' FROM twin, generate_series(0, 4) day),
busy AS (INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied,
        jurisdiction, patient_zone, room, created_at, updated_at)
    SELECT gen_random_uuid(), id, gen_random_uuid(), 'evaluation', 'booked', at, at + interval '45 minutes',
        tstzrange(at, at + interval '60 minutes'), 'CO', 'America/Denver', '', $1, $1
    FROM twin, generate_series($1::timestamptz + interval '5 hours', $1::timestamptz + interval '20 days', '8 hours') at)
INSERT INTO licence (id, practitioner_id, jurisdiction, valid_from) SELECT gen_random_uuid(), id, 'CO', '2020-01-01' FROM twin
"""
_PAST = """
INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied, jurisdiction,
    patient_zone, room, created_at, updated_at)
SELECT gen_random_uuid(), $1, gen_random_uuid(), 'evaluation', 'fulfilled', at, at + interval '45 minutes',
    tstzrange(at, at + interval '60 minutes'), 'CO', 'America/Denver', '', at, at
FROM generate_series(1, 60000) n, LATERAL (SELECT $2::timestamptz - interval '2 days' - n * interval '1 hour' AS at) a
"""


async def pairs(ours: Work, theirs: Work, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each, run in turn, so that a slow moment of the machine hits both."""
    for work in (ours, theirs):
        await _ms(work, times)
    found: tuple[list[float], list[float]] = ([], [])
    for _pair in range(PAIRS):
        found[0].append(await _ms(ours, times))
        found[1].append(await _ms(theirs, times))
    return found


async def _ms(work: Work, times: int) -> float:
    begun = time.perf_counter()
    for _n in range(times):
        await work()
    return (time.perf_counter() - begun) * 1000 / times


def row(name: str, against: str, ours: list[float], theirs: list[float], target: float) -> Row:
    """The median of the pairs' ratios, beside the medians."""
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    mine, other = statistics.median(ours), statistics.median(theirs)
    return Row(
        name, "ms", round(mine, 4), against, round(other, 4), round(ratio, 4), target, ratio <= target, len(ours)
    )
