"""The re-plan of sixty consults over ten providers: how long it takes, and its cost beside the greedy plan's."""

import asyncio
import statistics
import time
from datetime import date, timedelta
from random import Random

import uvloop

from benchmarks import database
from benchmarks.database import NOW, Place
from benchmarks.rows import Row
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service
from carepath.scheduling.service import ExceptionDraft, Replan

_VISITS, _PROVIDERS, _LIMIT_MS, _RUNS = 60, 10, 5000.0, 5
_FIRST_ON, _LAST_ON = NOW.date() + timedelta(days=7), NOW.date() + timedelta(days=18)  # twelve days from a Monday
_OWN = """
INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied, jurisdiction,
    patient_zone, room, created_at, updated_at)
SELECT gen_random_uuid(), $1, $2, 'evaluation', 'booked', at, at + interval '45 minutes',
    tstzrange(at, at + interval '60 minutes'), $6, 'America/Denver', 'https://meet.example/x', $5, $5
FROM practitioner p, LATERAL (SELECT ($3::date + make_time($4, 0, 0)) AT TIME ZONE p.zone AS at) a WHERE p.id = $1
"""
# Colleagues are nearly full: an hour in eight of theirs is left. Three of them may treat patients in Wyoming, too.
_FULL = """
INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied, jurisdiction,
    patient_zone, room, created_at, updated_at)
SELECT gen_random_uuid(), p.id, gen_random_uuid(), 'evaluation', 'booked', at, at + interval '45 minutes',
    tstzrange(at, at + interval '60 minutes'), 'CO', 'America/Denver', 'https://meet.example/x', $1, $1
FROM practitioner p, generate_series(0, 27) day, generate_series(9, 16) hour,
    LATERAL (SELECT ($1::date + day + make_time(hour, 0, 0)) AT TIME ZONE p.zone AS at) a
WHERE p.id <> $2 AND at > $1 AND (hashtextextended(p.name || day || '-' || hour, 7) % 8) <> 0
"""
_WYOMING = """
INSERT INTO licence (id, practitioner_id, jurisdiction, valid_from)
SELECT gen_random_uuid(), id, 'WY', '2020-01-01' FROM practitioner ORDER BY name LIMIT 4
"""


def rows() -> list[Row]:
    """The time of a whole proposal, read and stored, against the limit; and the cost against the greedy plan's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_rows())


async def _rows() -> list[Row]:
    async with database.place() as where:
        ours, found = await _timed(where)
    took = statistics.median(ours)
    ratio = found.cost / found.greedy_cost
    against = f"greedy; no plan costs less than {found.bound}"
    return [
        Row(
            "replan", "ms", round(took, 1), f"limit: {_VISITS} consults, {_PROVIDERS} providers, proposed and stored",
            _LIMIT_MS, round(took / _LIMIT_MS, 4), 1.0, took <= _LIMIT_MS, _RUNS,
        ),
        Row(
            "replan-cost", "points", found.cost, against, found.greedy_cost, round(ratio, 4), 1.0, ratio <= 1.0, _RUNS
        ),
    ]  # fmt: skip


async def _timed(where: Place) -> tuple[list[float], Replan]:
    """Every run is a proposal of its own. Half of the patients are in Wyoming."""
    away = (await database.people(where, _PROVIDERS))[0]
    patients = await database.patients(where, _VISITS)
    await where.raw.execute(_FULL, NOW, away)
    days = [_FIRST_ON + timedelta(days=n) for n in range(12) if (_FIRST_ON + timedelta(days=n)).weekday() < 6]
    hours: list[tuple[date, int]] = [(day, hour) for day in days for hour in range(9, 17)]
    await where.raw.execute(_WYOMING)
    for number, (day, hour) in enumerate(Random(1).sample(hours, _VISITS)):
        await where.raw.execute(_OWN, away, patients[number], day, hour, NOW, ("CO", "WY")[number % 2])
    await where.raw.execute("VACUUM ANALYZE appointment")
    await service.add_exception(SYSTEM, away, ExceptionDraft("off", _FIRST_ON, _LAST_ON), NOW)
    ours: list[float] = []
    for _run in range(_RUNS):
        begun = time.perf_counter()
        found = await service.propose(SYSTEM, away, _FIRST_ON, _LAST_ON, NOW)
        ours.append((time.perf_counter() - begun) * 1000)
        assert found is not None
        assert len(found.items) == _VISITS
    return ours, found
