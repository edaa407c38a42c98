"""The log of dosing sessions: written once, corrected by a new report, each leaving its reading."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from carepath.audit import history
from carepath.followups import reading_queries, service
from carepath.followups.rules.history import Dose
from carepath.followups.rules.sessions import Vitals
from carepath.followups.service import SessionReport
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import CarepathError, Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW

from .conftest import Course, open_due
from .test_session_rules import DRAFT, EFFECTS

DAY = timedelta(days=1)


async def record(course: Course, **changes: object) -> SessionReport:
    draft = replace(DRAFT, **changes)  # type: ignore[arg-type]
    return await service.record_session(course.rosa.actor, course.plan.id, draft, None, EFFECTS, NOW)


async def correct(course: Course, report: SessionReport, reason: str = "Misread.", **changes: object) -> SessionReport:
    draft = replace(report.draft, **changes)  # type: ignore[arg-type]
    return await service.correct_session(course.rosa.actor, report.id, draft, reason, EFFECTS, NOW)


async def test_a_session_is_kept_sealed_and_leaves_its_reading(course: Course):
    report = await record(course, notes="She slept.")
    [session] = await service.sessions_of(course.rosa.actor.scope, course.paula.id)
    assert session.by_provider is not None
    assert session.by_provider.report == report
    (row,) = await db.rows("SELECT record_enc, reported_by FROM dosing_session")
    assert b"slept" not in row["record_enc"]
    [reading] = await reading_queries.of_patient(SYSTEM.scope, course.paula.id)
    assert (reading.source, reading.at, reading.dose) == ("session", DRAFT.held_at, DRAFT.dose)
    assert (reading.systolic, reading.diastolic, reading.heart_rate, reading.oxygen) == (135, 85, 80, 97)
    assert (reading.effects, reading.severity, reading.dissociation, reading.distress) == ({"nausea"}, "mild", 4, 0)


async def test_a_correction_is_a_new_report_and_a_new_reading_in_the_place_of_the_old(course: Course):
    first = await record(course)
    second = await correct(course, first, dose=Dose(Decimal("25"), "mg"))
    [session] = await service.sessions_of(course.rosa.actor.scope, course.paula.id)
    assert session.by_provider is not None
    assert session.by_provider.report.draft.dose == Dose(Decimal("25"), "mg")
    assert session.by_provider.earlier == (first,)
    [reading] = await reading_queries.of_patient(SYSTEM.scope, course.paula.id)
    assert reading.dose == Dose(Decimal("25"), "mg")
    assert len(await db.rows("SELECT 1 FROM reading")) == 2, "nothing was taken away"
    [step] = await history.of(SYSTEM.scope, "dosing-session", second.id)
    assert (step.action, step.reason) == ("correct", "Misread.")
    with pytest.raises(Exception, match="append"):
        await db.execute("UPDATE dosing_session SET reported_by = 'patient'")


async def open_rules(course: Course) -> set[tuple[str, str]]:
    return {
        (one.rule_id, one.severity) for one in await service.signals_of(SYSTEM.scope, course.paula.id) if one.is_open
    }


async def test_what_is_dangerous_at_a_session_is_raised_and_lapses_when_it_is_corrected(course: Course):
    fine = DRAFT.after
    low = await record(course, after=replace(fine, oxygen=89), distress=8, escort=False)
    assert await open_rules(course) == {
        ("oxygen-very-low", "red"),
        ("strong-distress", "amber"),
        ("misuse-one", "amber"),
    }
    (alone,) = [one for one in await service.signals_of(SYSTEM.scope, course.paula.id) if one.rule_id == "misuse-one"]
    assert alone.readings == {"misuse": "alone"}, "as when the patient says that nobody was there"
    almost = await correct(course, low, before=replace(fine, oxygen=93), after=fine, distress=7, escort=True)
    assert await open_rules(course) == {("oxygen-very-low", "red"), ("oxygen-low", "amber")}, "red waits for a person"
    await correct(course, almost, before=replace(fine, oxygen=94), dissociation=7)
    assert await open_rules(course) == {("oxygen-very-low", "red")}


async def test_the_lower_number_of_one_measurement_is_not_hidden_by_the_upper_one_of_the_other(course: Course):
    await record(course, before=Vitals(150, 90), after=Vitals(148, 125))
    (found,) = await service.signals_of(SYSTEM.scope, course.paula.id)
    assert (found.rule_id, found.readings) == ("blood-pressure-crisis", {"pressure": "150/125"})


async def test_a_correction_needs_a_reason_and_right_values_and_names_both(course: Course):
    first = await record(course)
    with pytest.raises(Invalid) as caught:
        await correct(course, first, " ", route="x")
    assert set(caught.value.fields) == {"reason", "route"}
    assert len(await db.rows("SELECT 1 FROM dosing_session")) == 1


async def test_a_session_is_written_once_and_late_is_normal(course: Course):
    first = await record(course)
    with pytest.raises(Conflict) as caught:
        await record(course)
    assert caught.value.code == "recorded"
    await record(course, held_at=NOW - 90 * DAY)
    numbers = [one.number for one in await service.sessions_of(course.rosa.actor.scope, course.paula.id)]
    assert numbers == [2, 1], "what came late moves the numbers after it"
    moved = await correct(course, first, held_at=NOW - 3 * DAY)
    assert moved.draft.held_at == NOW - 3 * DAY
    await record(course)


async def test_an_ended_plan_takes_no_session_but_its_sessions_are_corrected(course: Course):
    first = await record(course)
    await service.end_plan(course.rosa.actor, course.plan.id, "Moved away", NOW)
    with pytest.raises(Conflict) as caught:
        await record(course, held_at=NOW - DAY)
    assert caught.value.code == "plan-ended"
    await correct(course, first, distress=3)


async def test_of_several_at_once_one_is_kept_and_the_others_told(course: Course):
    results = await asyncio.gather(*(record(course) for _ in range(4)), return_exceptions=True)
    assert [getattr(r, "code", "") for r in results if isinstance(r, CarepathError)] == ["recorded"] * 3
    [first] = [r for r in results if isinstance(r, SessionReport)]
    results = await asyncio.gather(*(correct(course, first, distress=n) for n in range(4)), return_exceptions=True)
    assert [getattr(r, "code", "") for r in results if isinstance(r, CarepathError)] == ["changed"] * 3
    assert len(await db.rows("SELECT 1 FROM dosing_session")) == 2
    assert len(await db.rows("SELECT 1 FROM reading")) == 2


async def test_nobody_else_writes_reads_or_corrects(course: Course):
    first = await record(course)
    staff = [(await cast.coordinator()).actor, (await cast.admin()).actor]
    for other in [course.ivo.actor, cast.as_patient(course.nora), *staff]:
        assert await service.sessions_of(other.scope, course.paula.id) == []
        with pytest.raises(NotFound):
            await service.session_report(other.scope, first.id)
        for session_id in (first.id, new_id()):
            with pytest.raises((NotFound, Refused)):
                await service.correct_session(other, session_id, DRAFT, "x", EFFECTS, NOW)
        with pytest.raises((NotFound, Refused)):
            await service.record_session(other, course.plan.id, DRAFT, None, EFFECTS, NOW)
    with pytest.raises(Refused):
        await service.record_session(course.patient, course.plan.id, DRAFT, None, EFFECTS, NOW)


async def test_a_session_moves_the_next_check_in_and_never_past_the_plans_cadence(course: Course):
    async def next_at() -> object:
        plan = await service.plan_of(SYSTEM.scope, course.paula.id)
        assert plan is not None
        return plan.next_check_in_at

    await db.execute("UPDATE treatment_plan SET phase = 'test-dose', created_at = {}", NOW - DAY)
    await record(course)
    assert await next_at() == DRAFT.held_at + DAY, "a day after the test dose"
    (found,) = await open_due(DRAFT.held_at + DAY)
    assert found.due_at == DRAFT.held_at + 2 * DAY
    await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", NOW + DAY)
    await record(course, held_at=NOW - 3 * DAY)
    assert await next_at() is None, "a paused plan opens nothing, whatever is written down"
