"""A late check-in is closed by its provider, with a reason; what waits for it ends, and nobody's answer is lost unheard."""

import asyncio
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from carepath import configuration
from carepath.dev import answers
from carepath.followups import service, standing_queries
from carepath.followups.service import CheckIn
from carepath.intake.catalogue import CheckIns
from carepath.journey import check_in, follow_up, signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast

from .conftest import Course
from .test_ladder import DAY, DUE, calls, late, mails, the_one

AT = DUE + 8 * DAY


@pytest.fixture
def sets(course: Course, database: Settings) -> CheckIns:
    return configuration.load(database.config_dir).intake.check_ins


async def close(course: Course, found: CheckIn, why: str = "reached", words: str = "", at: datetime = AT) -> None:
    await follow_up.close_check_in(course.rosa.actor, course.paula.id, found.id, why, words, at)


async def answer(course: Course, sets: CheckIns, found: CheckIn, **said: object) -> check_in.Answered:
    form = questionnaires.current(await check_in.questions(course.patient, sets, found, AT))
    given = answers.check_in(4, Random(1)) | {name.replace("_", "."): value for name, value in said.items()}
    fields = answers.fields(form, answers.filled(form, given))
    return await check_in.answer(course.patient, sets, found.id, fields, AT)


async def standing() -> tuple[int, object]:
    [row] = await db.rows("SELECT attention, standing FROM treatment_plan")
    return row["attention"], row["standing"]


async def test_the_ladder_stops_and_the_next_one_is_counted_from_the_closing(course: Course):
    found = await late(course, 7)
    assert (await calls(), (await standing())[0]) == (1, 2)
    sent = await mails()
    await close(course, found, words="Talked for ten minutes.")
    assert (await calls(), await calls("cancelled")) == (0, 1)
    for days in range(9, 19):
        assert await follow_up.tick(DUE + days * DAY) == (0, 0)
    assert [(c.status, c.step) for c in await service.check_ins_of(SYSTEM.scope, course.paula.id)] == [("cancelled", 2)]
    assert await mails() == sent
    assert await follow_up.tick(AT + 11 * DAY) == (1, 0), "eleven days, as after an answer"


async def test_the_desk_says_so_in_the_same_moment(course: Course):
    found = await late(course, 7)
    async with db.transaction():
        await service.raise_due(AT)
    raised = [one for one in await service.signals_of(SYSTEM.scope, course.paula.id) if one.is_open]
    assert raised
    await close(course, found)
    assert [one.is_open for one in await service.signals_of(SYSTEM.scope, course.paula.id)] == [False] * len(raised)
    stands = await standing()
    assert stands[0] == 9
    await signal.raise_due(AT)
    await standing_queries.refresh(SYSTEM.scope, [course.paula.id])
    assert await standing() == stands, "worked out anew it says the same"


async def test_who_when_and_why_are_kept_and_sealed(course: Course):
    found = await late(course, 3)
    await close(course, found, "other", " In hospital until May. ")
    step = await service.closing_of(course.rosa.actor.scope, found.id)
    assert step is not None
    assert (step.action, step.reason, step.author_id, step.at) == (
        "close-late", "In hospital until May.", course.rosa.account.id, AT,
    )  # fmt: skip
    [row] = await db.rows("SELECT reason_enc FROM status_change WHERE action = 'close-late'")
    assert b"hospital" not in row["reason_enc"]
    acts = await db.rows(
        "SELECT subject_id, patient_id, detail::text AS detail FROM audit_event WHERE action = 'close-late'"
    )
    assert [(r["subject_id"], r["patient_id"]) for r in acts] == [(found.id, course.paula.id)]
    assert "hospital" not in str(acts)
    file = await follow_up.read_check_in(course.rosa.actor, found.id, AT)
    assert file.closed_by == "Rosa Delgado"


@pytest.mark.parametrize(
    ("why", "words", "field"),
    [("", "", "close_reason"), ("because", "", "close_reason"), ("other", "  ", "close_words"), ("reached", "x" * 501, "close_words")],
)  # fmt: skip
async def test_not_without_a_reason(course: Course, why: str, words: str, field: str):
    found = await late(course, 3)
    with pytest.raises(Invalid) as wrong:
        await close(course, found, why, words)
    assert set(wrong.value.fields) == {field}
    assert (await the_one(course)).status == "overdue"


async def test_only_a_late_one_and_only_once(course: Course):
    await follow_up.tick(DUE)
    found = await the_one(course)
    with pytest.raises(Conflict, match="due"):
        await close(course, found)
    await follow_up.tick(DUE + 3 * DAY)
    await close(course, found)
    with pytest.raises(Conflict, match="closed already"):
        await close(course, found)


async def test_only_by_the_patients_own_provider(course: Course):
    found = await late(course, 3)
    for actor in (course.patient, (await cast.coordinator()).actor, (await cast.admin()).actor, SYSTEM):
        with pytest.raises(Refused):
            await follow_up.close_check_in(actor, course.paula.id, found.id, "reached", "", AT)
    ours, theirs = course.rosa.actor, course.ivo.actor
    for actor, patient, which in (
        (theirs, course.paula.id, found.id), (ours, course.nora.id, found.id), (ours, course.paula.id, new_id()),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await follow_up.close_check_in(actor, patient, which, "reached", "", AT)
    assert (await the_one(course)).status == "overdue"


async def test_one_asked_after_a_visit_leaves_the_cadence_alone(course: Course):
    found = await late(course, 3)
    plan = await service.plan_of(SYSTEM.scope, course.paula.id)
    assert plan is not None
    await db.execute("UPDATE check_in SET visit_id = {} WHERE id = {}", await _visit(course), found.id)
    await close(course, found)
    after = await service.plan_of(SYSTEM.scope, course.paula.id)
    assert after is not None
    assert after.next_check_in_at == plan.next_check_in_at


async def _visit(course: Course) -> UUID:
    from carepath.journey import book

    assert course.rosa.practitioner is not None
    start = AT.replace(hour=17) + timedelta(days=7 - AT.weekday())
    made = await book.book_for(SYSTEM, course.paula.id, course.rosa.practitioner.id, "follow-up", start, AT)
    return made.id


async def test_closed_and_answered_at_once_has_one_outcome_and_tells_the_other(course: Course, sets: CheckIns):
    outcomes = set()
    for number in range(8):
        now = AT + number * 40 * DAY
        for day in (0, 30, 33, 37):
            await follow_up.tick(now + day * DAY - 8 * DAY)
        found = next(c for c in await service.check_ins_of(SYSTEM.scope, course.paula.id) if c.status == "overdue")
        await check_in.open_check_in(course.patient, sets, found.id, now)
        both = [answer(course, sets, found), close(course, found)]
        said = await asyncio.gather(*(both if number % 2 else both[::-1]), return_exceptions=True)
        [refused] = [one for one in said if isinstance(one, BaseException)]
        after = await service.get_check_in(SYSTEM.scope, found.id)
        outcomes.add(after.status)
        if after.status == "completed":
            assert isinstance(refused, Conflict)
            assert "answered meanwhile" in refused.reason
        else:
            assert isinstance(refused, check_in.Over)
            assert (after.status, after.response_id) == ("cancelled", None)
        before = await standing()
        await standing_queries.refresh(SYSTEM.scope, [course.paula.id])
        assert await standing() == before
    assert outcomes <= {"completed", "cancelled"}


@pytest.mark.parametrize("is_urgent", [False, True])
async def test_a_cry_for_help_that_comes_too_late_for_the_form_is_heard(
    course: Course, sets: CheckIns, is_urgent: bool
):
    found = await late(course, 3)
    await check_in.open_check_in(course.patient, sets, found.id, AT)
    await close(course, found)
    with pytest.raises(check_in.Over) as over:
        await answer(course, sets, found, checkin_phq_q9="LA6570-1" if is_urgent else "LA6568-5")
    assert over.value.is_urgent == is_urgent
    assert len(await db.rows("SELECT 1 FROM urgent_task")) == is_urgent
    assert len(await db.rows("SELECT 1 FROM message WHERE kind = 'urgent-task'")) == is_urgent
    assert (await the_one(course)).status == "cancelled"
