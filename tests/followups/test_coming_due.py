"""What falls due by the calendar: once each, again when the date comes again, and no longer when it has moved on."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from carepath.followups import service
from carepath.followups.rules.signals import due
from carepath.followups.service import Signal
from carepath.kit import db, when
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from tests.cast import NOW

from .conftest import Course, open_due
from .histories import RULES

DAY = timedelta(days=1)
TODAY = NOW.date()
COLUMNS = {"labs": "labs_due_on", "pdmp": "pdmp_due_on", "runway": "runway_until"}
RULE_OF = {"labs": "labs-due", "pdmp": "pdmp-due", "runway": "runway-ends"}


async def raise_due(now: datetime) -> list[Signal]:
    async with db.transaction():
        return await service.raise_due(now)


async def set_date(plan_id: UUID, what: str, day: date | None) -> None:
    await db.execute(f"UPDATE treatment_plan SET {COLUMNS[what]} = {{}} WHERE id = {{}}", day, plan_id)


async def stand(course: Course) -> list[str]:
    """Rules of the signals that are open."""
    found = await service.signals_of(SYSTEM.scope, course.paula.id)
    return sorted(one.rule_id for one in found if one.is_open)


@pytest.mark.parametrize(
    ("what", "days", "fires"),
    [("labs", 1, False), ("labs", 0, True), ("labs", -1, True), ("pdmp", 1, False), ("pdmp", 0, True), ("runway", 8, False),
     ("runway", 7, True), ("runway", -1, True)],
)  # fmt: skip
def test_a_date_at_under_and_over(what: str, days: int, fires: bool):
    found = due.by_date(RULES, due.DueDate(UUID(int=1), what, TODAY + timedelta(days=days)), TODAY)
    assert (found is not None and found.rule.id == RULE_OF[what]) is fires


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "America/Denver", "Europe/Berlin", "Pacific/Guadalcanal"])
@pytest.mark.parametrize("what", COLUMNS)
def test_what_is_about_a_day_is_about_that_day_from_utc_minus_11_to_plus_11(zone: str, what: str):
    found = due.by_date(RULES, due.DueDate(UUID(int=1), what, TODAY), TODAY)
    assert found is not None
    assert found.about_at.astimezone(when.zone(zone)).date() == TODAY


def test_the_words_about_a_prescription_hold_before_and_after_its_last_day():
    soon, over = (due.by_date(RULES, due.DueDate(UUID(int=1), "runway", TODAY + n * DAY), TODAY) for n in (7, -21))
    assert soon is not None
    assert over is not None
    assert soon.rule.words == over.rule.words == "The prescription runs out within a week, or has run out already."


@pytest.mark.parametrize(
    ("step", "rule"), [(0, None), (1, "check-in-late"), (2, "check-in-late"), (3, "check-in-hold")]
)
def test_a_step_of_the_ladder(step: int, rule: str | None):
    found = due.by_step(RULES, due.LateCheckIn(UUID(int=1), step, NOW))
    assert (found.rule.id if found else None) == rule


@pytest.mark.parametrize("what", COLUMNS)
async def test_a_date_is_raised_once_and_lapses_when_it_moves_on(course: Course, what: str):
    await set_date(course.plan.id, what, TODAY)
    (found,) = await raise_due(NOW)
    assert (found.rule_id, found.anchor) == (RULE_OF[what], f"plan:{course.plan.id}:{what}:{TODAY}")
    assert (found.patient_id, found.reading_id, found.severity) == (course.paula.id, None, "amber")
    assert await raise_due(NOW + DAY) == []
    await set_date(course.plan.id, what, TODAY + 90 * DAY)
    await raise_due(NOW + DAY)
    (kept,) = await service.signals_of(SYSTEM.scope, course.paula.id)
    assert (kept.lapsed_at, kept.is_open, kept.words) == (NOW + DAY, False, found.words)
    assert [one.about_at.date() for one in await raise_due(NOW + 90 * DAY)] == [TODAY + 90 * DAY]


async def test_a_date_that_moves_back_stands_again(course: Course):
    await set_date(course.plan.id, "labs", TODAY)
    await raise_due(NOW)
    await set_date(course.plan.id, "labs", TODAY + 90 * DAY)
    await raise_due(NOW)
    await set_date(course.plan.id, "labs", TODAY)
    await raise_due(NOW)
    assert await stand(course) == ["labs-due"]


async def test_what_was_acknowledged_stays_so_while_its_date_stands(course: Course):
    await set_date(course.plan.id, "pdmp", TODAY)
    (found,) = await raise_due(NOW)
    await service.acknowledge(course.rosa.actor, course.paula.id, [found.id], "Asked for it.", NOW)
    assert await raise_due(NOW + DAY) == []
    (kept,) = await service.signals_of(SYSTEM.scope, course.paula.id)
    assert (kept.lapsed_at, kept.note) == (None, "Asked for it.")


async def test_a_plan_that_ends_has_nothing_due(course: Course):
    await set_date(course.plan.id, "labs", TODAY)
    await raise_due(NOW)
    await service.end_plan(course.rosa.actor, course.plan.id, "Moved away", NOW)
    assert await raise_due(NOW) == []
    assert await stand(course) == []


async def test_a_late_check_in_goes_up_the_ladder_and_comes_down_when_it_is_answered(course: Course):
    (waiting,) = await open_due(NOW + 14 * DAY)

    async def step(number: int) -> list[str]:
        await db.execute("UPDATE check_in SET step = {}, step_at = {} WHERE id = {}", number, NOW, waiting.id)
        await raise_due(NOW + 20 * DAY)
        return await stand(course)

    assert await step(0) == []
    assert await step(1) == ["check-in-late"]
    assert await step(2) == ["check-in-late"]
    assert await step(3) == ["check-in-hold"], "the quieter one has lapsed"
    await db.execute("UPDATE check_in SET status = 'cancelled' WHERE id = {}", waiting.id)
    await raise_due(NOW + 21 * DAY)
    assert await stand(course) == []


async def test_a_late_check_in_is_dated_by_the_step_it_has_come_to_and_not_by_the_next_one(course: Course):
    await open_due(NOW + 14 * DAY)
    dated: list[tuple[str, datetime]] = []
    for step, days in enumerate((3, 7, 14), 1):
        at = NOW + (14 + days) * DAY
        async with db.transaction():
            (climbed,) = await service.climb(step, at)
        dated += [(one.rule_id, one.about_at) for one in await raise_due(at + timedelta(hours=1))]
    assert dated == [("check-in-late", NOW + 17 * DAY), ("check-in-hold", NOW + 28 * DAY)]
    assert climbed.overdue_at == NOW + 17 * DAY


async def test_many_workers_at_once_raise_each_once(course: Course):
    for what in COLUMNS:
        await set_date(course.plan.id, what, TODAY)
    rounds = await asyncio.gather(*(raise_due(NOW) for _ in range(6)))
    assert sorted(one.rule_id for each in rounds for one in each) == ["labs-due", "pdmp-due", "runway-ends"]
    assert await stand(course) == ["labs-due", "pdmp-due", "runway-ends"]


async def test_signals_of_before_readings_are_left_alone(course: Course):
    (found,) = await open_due(NOW + 14 * DAY)
    await db.execute(
        """INSERT INTO signal (id, patient_id, practitioner_id, check_in_id, anchor, about_at, rule_id, rule_version,
           severity, words, source, readings, raised_at)
           VALUES ({}, {}, {}, {}, {}, {}, 'old', '1', 'amber', 'Old.', 'x', '{{}}', {})""",
        new_id(), found.patient_id, found.practitioner_id, found.id, f"check-in:{found.id}", NOW, NOW,
    )  # fmt: skip
    assert await raise_due(NOW) == []
    assert await stand(course) == ["old"]
