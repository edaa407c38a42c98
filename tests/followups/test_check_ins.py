"""Check-ins fall due on the plan's cadence, grow overdue, are answered once and raise signals."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from carepath.followups import service
from carepath.followups.service import CheckIn, Reading, Signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import CarepathError, Conflict, Invalid, NotFound
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from tests import cast
from tests.cast import NOW

from .conftest import Course, open_due

DAY = timedelta(days=1)
DUE = NOW + 14 * DAY  # the plan asks every 14 days, so the monthly window of its phase stands closer
OPENS, LATEST = NOW + 11 * DAY, NOW + 18 * DAY


async def mark_overdue(now: datetime) -> list[CheckIn]:
    async with db.transaction():
        return await service.mark_overdue(now)


async def response_of(course: Course, found: CheckIn) -> UUID:
    return await questionnaires.open_response(
        SYSTEM.scope, "check-in", found.id, found.patient_id, course.questions, DUE
    )


async def answer(course: Course, found: CheckIn, peg: str | None = "5", **more: object) -> list[Signal]:
    said = {"peg": Decimal(peg)} if peg else {}
    reading = Reading(new_id(), DUE, "check-in", **said, **more)  # type: ignore[arg-type]
    response_id = await response_of(course, found)
    async with db.transaction():
        await service.complete(course.patient, found.id, response_id, DUE)
        return await service.take_reading(course.patient, course.plan, reading, found.id, None, DUE)


async def next_at(course: Course) -> datetime | None:
    plan = await service.plan_of(SYSTEM.scope, course.paula.id)
    assert plan is not None
    return plan.next_check_in_at


async def test_one_is_opened_when_its_window_begins_and_not_before(course: Course):
    assert await next_at(course) == OPENS
    assert await open_due(OPENS - timedelta(seconds=1)) == []
    (found,) = await open_due(OPENS)
    assert (found.status, found.sequence, found.step) == ("due", 1, 0)
    assert (found.opens_at, found.due_at, found.latest_at, found.overdue_at) == (OPENS, DUE, LATEST, DUE + 3 * DAY)
    assert await next_at(course) == DUE + 11 * DAY, "counted from when it should be answered"


async def test_one_that_is_answered_early_moves_the_next(course: Course):
    (found,) = await open_due(OPENS)
    response_id = await response_of(course, found)
    await service.complete(course.patient, found.id, response_id, OPENS)
    assert await next_at(course) == OPENS + 11 * DAY
    assert await open_due(OPENS + 11 * DAY - timedelta(seconds=1)) == []
    assert len(await open_due(OPENS + 11 * DAY)) == 1


async def test_two_workers_at_once_open_one(course: Course):
    opened = await asyncio.gather(*(open_due(DUE) for _ in range(6)))
    assert sum(len(one) for one in opened) == 1
    assert len(await service.check_ins_of(course.patient.scope, course.paula.id)) == 1


async def test_no_second_one_is_put_on_top_of_an_open_one(course: Course):
    (first,) = await open_due(DUE)
    assert await open_due(DUE + 14 * DAY) == []
    await answer(course, first)
    (second,) = await open_due(DUE + 28 * DAY)
    assert second.sequence == 2


async def test_after_an_outage_one_is_opened_with_its_whole_time_to_answer(course: Course):
    (found,) = await open_due(DUE + 60 * DAY)
    assert found.due_at == DUE
    assert await mark_overdue(DUE + 60 * DAY) == [], "never due and overdue in one tick"
    assert await next_at(course) == DUE + 71 * DAY, "the missed ones are gone"
    assert [c.id for c in await mark_overdue(DUE + 63 * DAY)] == [found.id]


async def test_one_grows_overdue_once(course: Course):
    (found,) = await open_due(DUE)
    assert await mark_overdue(DUE + 3 * DAY - timedelta(seconds=1)) == []
    marked = await asyncio.gather(*(mark_overdue(DUE + 3 * DAY) for _ in range(4)))
    assert [c.id for one in marked for c in one] == [found.id]
    assert (await service.get_check_in(course.patient.scope, found.id)).status == "overdue"


async def test_it_is_answered_once_however_often_it_is_sent(course: Course):
    (found,) = await open_due(DUE)
    await response_of(course, found)
    results = await asyncio.gather(*(answer(course, found) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(r, list) for r in results) == 1
    assert [type(r) for r in results if isinstance(r, CarepathError)] == [Conflict] * 3
    assert (await service.get_check_in(course.patient.scope, found.id)).status == "completed"


async def test_an_overdue_one_can_still_be_answered_and_a_closed_one_cannot(course: Course):
    (found,) = await open_due(DUE)
    await mark_overdue(DUE + 5 * DAY)
    await answer(course, found)
    (second,) = await open_due(DUE + 14 * DAY)
    await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", DUE + 15 * DAY)
    with pytest.raises(Conflict):
        await answer(course, second)


async def test_signals_keep_rule_version_source_and_readings(course: Course):
    (found,) = await open_due(DUE)
    signals = {s.rule_id: s for s in await answer(course, found, item9=2, bladder=frozenset({"blood"}))}
    assert set(signals) == {"phq-item9", "blood-in-urine"}
    red = signals["phq-item9"]
    assert (red.severity, red.rule_version, red.readings, red.acknowledged_at) == ("red", "2", {"item9": "2"}, None)
    assert red.source
    assert (red.check_in_id, red.anchor, red.is_open) == (found.id, f"reading:{red.reading_id}", True)
    assert signals["blood-in-urine"].readings == {"bladder": "blood"}


async def test_without_a_complete_peg_the_other_signals_still_fire(course: Course):
    (found,) = await open_due(DUE)
    assert [s.rule_id for s in await answer(course, found, None, severity="severe")] == ["severe-side-effect"]


async def test_a_signal_is_acknowledged_once_and_with_a_note(course: Course):
    (found,) = await open_due(DUE)
    (red,) = await answer(course, found, "8", item9=1)
    for note in (" ", "x" * 2001):
        with pytest.raises(Invalid):
            await service.acknowledge(course.rosa.actor, course.paula.id, [red.id], note, DUE)
    with pytest.raises(Invalid):
        await service.acknowledge(course.rosa.actor, course.paula.id, [], "Called her.", DUE)
    (seen,) = await service.acknowledge(course.rosa.actor, course.paula.id, [red.id], " Called her. ", DUE + DAY)
    assert (seen.note, seen.acknowledged_at, seen.is_open) == ("Called her.", DUE + DAY, False)
    with pytest.raises(Conflict):
        await service.acknowledge(course.rosa.actor, course.paula.id, [red.id], "Again.", DUE + DAY)


async def test_several_are_acknowledged_together_or_none_is(course: Course):
    (found,) = await open_due(DUE)
    red, other = await answer(course, found, "8", item9=1, severity="severe")
    for ids, whose in (([red.id, new_id()], course.paula.id), ([red.id, other.id], course.nora.id)):
        with pytest.raises(NotFound):
            await service.acknowledge(course.rosa.actor, whose, ids, "Called her.", DUE)
    assert all(one.is_open for one in await service.signals_of(course.rosa.actor.scope, course.paula.id))
    seen = await service.acknowledge(course.rosa.actor, course.paula.id, [red.id, other.id], "Called her.", DUE)
    assert [one.note for one in seen] == ["Called her."] * 2
    sealed = await db.rows("SELECT note_enc FROM signal")
    assert all(b"Called" not in row["note_enc"] for row in sealed)


async def test_signals_are_for_the_patients_own_provider(course: Course):
    (found,) = await open_due(DUE)
    (red,) = await answer(course, found, "8", item9=1)
    assert await service.signals_of(course.rosa.actor.scope, course.paula.id) == [red]
    staff = [(await cast.coordinator()).actor, (await cast.admin()).actor]
    for other in [course.patient, course.ivo.actor, cast.as_patient(course.nora), *staff]:
        assert await service.signals_of(other.scope, course.paula.id) == []
        with pytest.raises(NotFound):
            await service.acknowledge(other, course.paula.id, [red.id], "Seen.", DUE)


async def test_a_check_in_is_answered_by_its_patient_only(course: Course):
    (found,) = await open_due(DUE)
    for other in (cast.as_patient(course.nora), course.ivo.actor, (await cast.coordinator()).actor):
        with pytest.raises(NotFound):
            await service.get_check_in(other.scope, found.id)
        assert await service.check_ins_of(other.scope, course.paula.id) == []
