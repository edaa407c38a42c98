"""The same thing asked for twice at the same moment happens once, is told once and is noted once."""

import asyncio
from datetime import timedelta

from carepath import configuration
from carepath.journey import book
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.settings import Settings
from tests import cast

START = cast.NOW.replace(hour=18) + timedelta(days=2)


async def _count(table: str, condition: str) -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table} WHERE {condition}")
    assert found is not None
    return int(found["n"])


async def test_confirming_moving_and_cancelling_many_times_at_once(database: Settings):
    configuration.load(database.config_dir)
    doctor = (await cast.provider()).practitioner
    patient = await cast.patient(state="CO")
    actor = cast.as_patient(patient)
    assert doctor is not None
    held = await book.hold(actor, doctor.id, START, cast.NOW)
    later = START + timedelta(hours=1)
    await asyncio.gather(*(book.confirm(actor, held.id, cast.NOW) for _ in range(8)))
    await asyncio.gather(*(book.move(actor, held.id, doctor.id, later, cast.NOW) for _ in range(8)))
    await asyncio.gather(*(book.cancel(actor, held.id, "", cast.NOW) for _ in range(8)))
    for action, kind in (("book", "consult-booked"), ("move", "consult-moved"), ("cancel", "consult-cancelled")):
        assert await _count("audit_event", f"action = '{action}' AND subject_id = '{held.id}'") == 1
        assert await _count("message", f"kind = '{kind}' AND subject_id = '{held.id}'") == 1
    assert await _count("message", f"subject_id = '{held.id}' AND status = 'queued'") == 1
    assert (await book.visit_of(SYSTEM, held.id)).version == 3
