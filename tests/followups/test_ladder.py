"""A late check-in climbs the ladder: a second mail, a call by a coordinator, the refill waits. Each step once, in order."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from carepath.audit import history
from carepath.followups import service
from carepath.followups.service import CheckIn
from carepath.journey import call, follow_up
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.worklists import digest
from tests import cast
from tests.cast import NOW

from .conftest import DRAFT, Course

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
OPENS, DUE = NOW + 11 * DAY, NOW + 14 * DAY
STEPS = (3, 7, 14)  # days after the target, as config/followups.toml says


async def the_one(course: Course) -> CheckIn:
    [found] = await service.check_ins_of(SYSTEM.scope, course.paula.id)
    return found


async def mails() -> list[tuple[str, datetime]]:
    return [(r["kind"], r["due_at"]) for r in await db.rows("SELECT kind, due_at FROM message ORDER BY due_at, kind")]


async def calls(status: str = "requested") -> int:
    return len(await db.rows("SELECT 1 FROM patient_call WHERE status = {}", status))


async def answer(course: Course, found: CheckIn, now: datetime) -> None:
    response_id = await questionnaires.open_response(
        SYSTEM.scope, "check-in", found.id, found.patient_id, course.questions, now
    )
    await service.complete(course.patient, found.id, response_id, now)


async def late(course: Course, days: float = 7) -> CheckIn:
    """As if a worker had looked all the time until so many days after the target."""
    for day in (-3, *(one for one in STEPS if one <= days), days):
        await follow_up.tick(DUE + day * DAY)
    return await the_one(course)


async def test_the_mail_leaves_at_the_target_and_who_looks_earlier_may_answer_earlier(course: Course):
    assert await follow_up.tick(OPENS) == (1, 0)
    assert await mails() == [("check-in-due", DUE)]
    await answer(course, await the_one(course), OPENS + SECOND)


@pytest.mark.parametrize(("step", "days"), [*enumerate(STEPS, 1)])
async def test_each_step_is_taken_when_its_days_are_over_and_not_before(course: Course, step: int, days: int):
    await late(course, 0)
    for earlier in STEPS[: step - 1]:
        await follow_up.tick(DUE + earlier * DAY)
    await follow_up.tick(DUE + days * DAY - SECOND)
    assert (await the_one(course)).step == step - 1
    await follow_up.tick(DUE + days * DAY)
    found = await the_one(course)
    assert (found.step, found.status) == (step, "overdue")
    assert await calls() == (step >= 2)
    assert [kind for kind, _at in await mails()] == ["check-in-due", "check-in-overdue"], "nobody is mailed again"


async def test_the_ladder_ends_at_its_top_and_history_tells_every_step(course: Course):
    found = await late(course, 60)
    assert (found.step, found.status) == (3, "overdue")
    told = [one.action for one in await history.of(SYSTEM.scope, "check-in", found.id)]
    assert told == ["open", "mark-overdue", "ask-for-call", "hold-refill"]


async def test_several_workers_at_once_take_each_step_once(course: Course):
    for days in (-3, *STEPS, 15):
        await asyncio.gather(*(follow_up.tick(DUE + days * DAY) for _worker in range(4)))
    found = await the_one(course)
    assert found.step == 3
    assert len(await history.of(SYSTEM.scope, "check-in", found.id)) == 4
    assert [kind for kind, _at in await mails()] == ["check-in-due", "check-in-overdue"]
    assert await calls() == 1


async def test_after_an_outage_steps_follow_each_other_with_their_time_between(course: Course):
    back = DUE + 100 * DAY
    for _tick in range(5):
        await follow_up.tick(back)
    assert (await the_one(course)).step == 0, "opened late, it has its whole time"
    for days, step in ((2.99, 0), (3, 1), (6.99, 1), (7, 2), (13.99, 2), (14, 3)):
        for _tick in range(3):
            await follow_up.tick(back + days * DAY)
        assert (await the_one(course)).step == step, days
    assert [kind for kind, _at in await mails()] == ["check-in-due", "check-in-overdue"]


async def test_an_outage_in_the_middle_of_it_hurries_nobody(course: Course):
    await late(course, 0)
    back = DUE + 50 * DAY
    for _tick in range(5):
        await follow_up.tick(back)
    assert (await the_one(course)).step == 1, "reminded, and not called in the same minute"
    await follow_up.tick(back + 4 * DAY - SECOND)
    assert await calls() == 0
    await follow_up.tick(back + 4 * DAY)
    assert await calls() == 1


@pytest.mark.parametrize("how", ["answered", "paused", "ended"])
async def test_answering_or_closing_it_ends_the_call(course: Course, how: str):
    found = await late(course, 7)
    assert await calls() == 1
    at = DUE + 8 * DAY
    if how == "answered":
        await answer(course, found, at)
    elif how == "paused":
        await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", at)
    else:
        await service.end_plan(course.rosa.actor, course.plan.id, "Moved away", at)
    assert (await calls(), await calls("cancelled")) == (0, 1)
    await follow_up.tick(DUE + 60 * DAY)
    assert (await service.get_check_in(SYSTEM.scope, found.id)).step == 2, "nothing further happens to it"


@pytest.mark.parametrize("_time", range(8))
async def test_answering_while_workers_climb_ends_well_every_time(course: Course, _time: int):
    """One of both comes first; either way it is answered and nobody is left to call."""
    found = await late(course, 3)
    at = DUE + 7 * DAY
    await asyncio.gather(answer(course, found, at), *(follow_up.tick(at) for _worker in range(3)))
    await follow_up.tick(at + SECOND)
    assert (await service.get_check_in(SYSTEM.scope, found.id)).status == "completed"
    assert await calls() == 0


async def test_a_coordinator_calls_says_so_and_the_provider_reads_what_came_of_it(course: Course):
    found = await late(course, 7)
    cora = (await cast.coordinator()).actor
    at = DUE + 7 * DAY
    [row] = await call.to_make(cora, at)
    assert (row.name, row.phone, row.email) == ("Paula Winter", None, course.paula.email)
    assert (row.late_since, row.tries) == (DUE, 0)
    await call.record(cora, row.call_id, False, "", at)
    [row] = await call.to_make(cora, at)
    assert (row.tries, row.tried_at, row.due_at) == (1, at, at + timedelta(hours=20))
    with pytest.raises(Invalid):
        await call.record(cora, row.call_id, True, " ", at)
    with pytest.raises(Invalid):
        await call.record(cora, row.call_id, True, "x" * 1001, at)
    await call.record(cora, row.call_id, True, " Will answer tonight. ", at + DAY)
    assert await call.to_make(cora, at) == []
    with pytest.raises(Conflict):
        await call.record(cora, row.call_id, True, "Again.", at + DAY)
    file = await follow_up.read_check_in(course.rosa.actor, found.id, at + DAY)
    assert file.call is not None
    assert file.call.note == "Will answer tonight."
    (kept,) = await db.rows("SELECT note_enc FROM patient_call")
    assert b"tonight" not in kept["note_enc"]
    looks = await db.rows("SELECT action FROM audit_event WHERE actor_role = 'coordinator' ORDER BY at, id")
    assert [r["action"] for r in looks] == ["read", "try-again", "read", "read", "complete"]


async def test_of_two_coordinators_at_once_one_has_called_and_the_other_is_told(course: Course):
    await late(course, 7)
    people = [(await cast.coordinator(name)).actor for name in ("Cora Lind", "Carl Moss", "Cleo Hart")]
    [row] = await call.to_make(people[0], DUE)
    results = await asyncio.gather(
        *(call.record(one, row.call_id, True, "Called.", DUE) for one in people), return_exceptions=True
    )
    assert [type(r) for r in results if r is not None] == [Conflict] * 2


async def test_calls_are_for_coordinators(course: Course):
    await late(course, 7)
    [row] = await db.rows("SELECT id FROM patient_call")
    for other in (course.patient, course.rosa.actor, (await cast.admin()).actor):
        with pytest.raises(Refused):
            await call.to_make(other, DUE)
        with pytest.raises(Refused):
            await call.record(other, row["id"], True, "Called.", DUE)
    with pytest.raises(NotFound):
        await call.record((await cast.coordinator()).actor, new_id(), True, "Called.", DUE)


async def test_the_morning_mail_counts_calls_that_are_due(course: Course):
    at = DUE + 7 * DAY
    assert (await digest.of_coordinators(SYSTEM.scope, at)).calls == 0
    await late(course, 7)
    assert (await digest.of_coordinators(SYSTEM.scope, at)).calls == 1
    cora = (await cast.coordinator()).actor
    [row] = await call.to_make(cora, at)
    await call.record(cora, row.call_id, False, "", at)
    assert (await digest.of_coordinators(SYSTEM.scope, at)).calls == 0, "not before it is to be tried again"
    assert (await digest.of_coordinators(SYSTEM.scope, at + DAY)).calls == 1


async def test_a_change_of_the_plan_moves_what_is_to_come_and_not_what_is_open(course: Course):
    await follow_up.tick(OPENS)
    sooner = replace(DRAFT, check_in_every_days=7)
    await service.change_plan(course.rosa.actor, course.plan.id, sooner, 1, "Sooner.", OPENS)
    await follow_up.tick(OPENS + SECOND)
    found = await the_one(course)
    assert found.due_at == DUE
    await answer(course, found, OPENS + DAY)
    plan = await service.plan_of(SYSTEM.scope, course.paula.id)
    assert plan is not None
    assert plan.next_check_in_at == OPENS + DAY + 5 * DAY
