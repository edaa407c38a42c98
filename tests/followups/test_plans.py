"""The provider's plan: written, changed, tapered, paused, ended, seen to; every version kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from carepath.audit import history
from carepath.followups import service
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import CarepathError, Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW

from .conftest import DRAFT, MONTHLY, Course, open_due

DAY = timedelta(days=1)


async def test_a_plan_is_kept_as_the_provider_wrote_it_and_sealed(course: Course):
    assert (course.plan.status, course.plan.version, course.plan.dose) == ("active", 1, "as agreed on the phone")
    assert course.plan.next_check_in_at == NOW + 11 * DAY, "three days before its target"
    assert await service.plan_of(course.patient.scope, course.paula.id) == course.plan
    (row,) = await db.rows("SELECT dose_enc, goals_enc FROM treatment_plan")
    assert b"agreed" not in row["dose_enc"]
    assert b"shop" not in row["goals_enc"]


async def test_check_ins_are_counted_from_a_start_that_is_still_to_come(course: Course):
    later = replace(DRAFT, starts_on=NOW.date() + 30 * DAY)
    plan = await service.write_plan(course.rosa.actor, course.nora.id, later, NOW)
    assert plan.next_check_in_at == NOW + 41 * DAY


async def test_of_two_first_plans_at_once_one_is_kept(course: Course):
    results = await asyncio.gather(
        *(service.write_plan(course.rosa.actor, course.nora.id, DRAFT, NOW) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(r, service.Plan) for r in results) == 1
    assert [getattr(r, "code", "") for r in results if isinstance(r, CarepathError)] == ["plan-exists"] * 3


async def test_a_change_is_the_next_version_and_the_old_one_stays_readable(course: Course):
    changed = await service.change_plan(course.rosa.actor, course.plan.id, MONTHLY, 1, "Steady.", NOW + DAY)
    assert (changed.version, changed.next_check_in_at) == (2, NOW + 22 * DAY)
    versions = await service.versions_of(course.rosa.actor.scope, course.plan.id)
    assert [(v.version, v.draft.dose) for v in versions] == [(2, MONTHLY.dose), (1, DRAFT.dose)]


async def test_of_two_changes_at_once_one_is_kept_and_the_other_told(course: Course):
    results = await asyncio.gather(
        *(service.change_plan(course.rosa.actor, course.plan.id, MONTHLY, 1, "Steady.", NOW) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(r, service.Plan) for r in results) == 1
    assert [getattr(r, "code", "") for r in results if isinstance(r, CarepathError)] == ["changed"] * 3
    assert len(await service.versions_of(course.rosa.actor.scope, course.plan.id)) == 2


async def test_a_wrong_plan_is_not_kept(course: Course):
    wrong = replace(DRAFT, dose=" ", interval_days=0)
    with pytest.raises(Invalid) as caught:
        await service.write_plan(course.rosa.actor, course.nora.id, wrong, NOW)
    assert set(caught.value.fields) == {"dose", "interval_days"}
    assert await service.plan_of(SYSTEM.scope, course.nora.id) is None


async def test_while_a_plan_is_paused_nothing_falls_due(course: Course):
    paused = await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", NOW)
    assert (paused.status, paused.next_check_in_at) == ("on-hold", None)
    assert await open_due(NOW + 90 * DAY) == []
    resumed = await service.resume_plan(course.rosa.actor, course.plan.id, "Well again", NOW + 90 * DAY)
    assert (resumed.status, resumed.next_check_in_at) == ("active", NOW + 101 * DAY)
    steps = await history.of(SYSTEM.scope, "treatment-plan", course.plan.id)
    assert [(s.action, s.reason) for s in steps] == [("write", None), ("pause", "Infection"), ("resume", "Well again")]


async def test_the_end_closes_what_is_open_and_makes_room_for_another_plan(course: Course):
    (found,) = await open_due(NOW + 14 * DAY)
    ended = await service.end_plan(course.rosa.actor, course.plan.id, "Moved away", NOW + 15 * DAY)
    assert ended.status == "completed"
    assert (await service.get_check_in(course.patient.scope, found.id)).status == "cancelled"
    with pytest.raises(Conflict):
        await service.resume_plan(course.rosa.actor, course.plan.id, "Back", NOW + 16 * DAY)
    again = await service.write_plan(course.rosa.actor, course.paula.id, DRAFT, NOW + 16 * DAY)
    assert await service.plan_of(course.patient.scope, course.paula.id) == again


@pytest.mark.parametrize("turn", [service.pause_plan, service.end_plan])
async def test_a_turn_needs_its_reason(course: Course, turn: object):
    with pytest.raises(Invalid) as caught:
        await turn(course.rosa.actor, course.plan.id, "  ", NOW)  # type: ignore[operator]
    assert set(caught.value.fields) == {"reason"}


async def test_nobody_else_reaches_a_plan(course: Course):
    staff = [(await cast.coordinator()).actor, (await cast.admin()).actor]
    for other in [course.ivo.actor, cast.as_patient(course.nora), *staff]:
        assert await service.plan_of(other.scope, course.paula.id) is None
        for plan_id in (course.plan.id, new_id()):
            with pytest.raises(NotFound):
                await service.change_plan(other, plan_id, MONTHLY, 1, "x", NOW)
            with pytest.raises(NotFound):
                await service.end_plan(other, plan_id, "x", NOW)
            with pytest.raises(NotFound):
                await service.taper_plan(other, plan_id, "less", 1, "x", NOW)
            with pytest.raises(NotFound):
                await service.renew(other, plan_id, NOW.date(), 1, NOW)
            with pytest.raises(NotFound):
                await service.plan_points(other.scope, plan_id)
            with pytest.raises(NotFound):
                await service.steps_of(other.scope, plan_id)
            with pytest.raises(NotFound):
                await service.versions_of(other.scope, plan_id)
    with pytest.raises(Refused):
        await service.end_plan(course.patient, course.plan.id, "x", NOW)
