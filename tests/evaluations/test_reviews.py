"""An evaluation from its opening to the decision, on a real database."""

import asyncio
from datetime import timedelta

import pytest

from carepath.audit import history
from carepath.evaluations import service
from carepath.kit import db
from carepath.kit.actor import NOBODY, SYSTEM, Actor
from carepath.kit.errors import CarepathError, Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW

from .conftest import Clinic, open_for

HOUR = timedelta(hours=1)
WORDS = "We talked about what treatment can and cannot do."


async def decide(actor: Actor, clinic: Clinic, version: int, outcome: str = "suitable") -> service.Evaluation:
    return await service.decide(actor, clinic.opened.id, outcome, "Discussed at length.", WORDS, version, NOW + HOUR)


async def both(*attempts: object) -> list[object]:
    return await asyncio.gather(*attempts, return_exceptions=True)  # type: ignore[call-overload, no-any-return]


async def test_an_intake_has_one_evaluation_however_often_it_is_sent(clinic: Clinic):
    assert await open_for(clinic.paula, "stat") == clinic.opened
    assert (clinic.opened.status, clinic.opened.priority, clinic.opened.due_at) == (
        "requested", "routine", NOW + 72 * HOUR,
    )  # fmt: skip
    steps = await history.of(SYSTEM.scope, "evaluation", clinic.opened.id)
    assert [(s.from_status, s.to_status, s.action) for s in steps] == [(None, "requested", "open")]


async def test_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told(clinic: Clinic):
    results = await both(
        service.claim(clinic.rosa.actor, clinic.opened.id, NOW), service.claim(clinic.ivo.actor, clinic.opened.id, NOW)
    )
    (won,) = [r for r in results if isinstance(r, service.Evaluation)]
    (lost,) = [r for r in results if not isinstance(r, service.Evaluation)]
    assert isinstance(lost, Conflict | NotFound), "late enough it is simply a colleague's"
    assert won.status == "in-progress"
    steps = await history.of(SYSTEM.scope, "evaluation", clinic.opened.id)
    assert [s.action for s in steps] == ["open", "claim"]


async def test_taking_ones_own_again_changes_nothing(clinic: Clinic):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    assert await service.claim(clinic.rosa.actor, clinic.opened.id, NOW + HOUR) == taken


async def test_a_colleagues_evaluation_and_an_absent_one_look_alike(clinic: Clinic):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    said = set()
    for evaluation_id in (clinic.opened.id, new_id()):
        for attempt in (
            service.get(clinic.ivo.actor.scope, evaluation_id),
            service.claim(clinic.ivo.actor, evaluation_id, NOW),
            service.decide(clinic.ivo.actor, evaluation_id, "suitable", "", WORDS, 2, NOW),
            service.ask(clinic.ivo.actor, evaluation_id, "Why?", NOW),
        ):
            with pytest.raises(NotFound) as caught:
                await attempt
            said.add(str(caught.value))
    assert len(said) == 1


async def test_it_is_taken_before_it_is_judged(clinic: Clinic):
    with pytest.raises(Conflict) as caught:
        await decide(clinic.rosa.actor, clinic, clinic.opened.version)
    assert caught.value.code == "unclaimed"


async def test_two_decisions_at_once_leave_one_outcome(clinic: Clinic):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    outcomes = ("suitable", "not-suitable", "suitable", "not-suitable")
    results = await both(*(decide(clinic.rosa.actor, clinic, taken.version, outcome) for outcome in outcomes))
    (won,) = [r for r in results if isinstance(r, service.Evaluation)]
    lost = [r for r in results if not isinstance(r, service.Evaluation)]
    assert [(type(r), getattr(r, "code", "")) for r in lost] == [(Conflict, "completed")] * 3
    assert "already" in str(lost[0])
    kept = await db.rows("SELECT outcome FROM decision WHERE evaluation_id = {}", clinic.opened.id)
    assert [r["outcome"] for r in kept] == [won.outcome]


async def test_a_page_opened_before_a_change_decides_nothing(clinic: Clinic):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await service.ask(clinic.rosa.actor, clinic.opened.id, "Since when?", NOW)
    with pytest.raises(Conflict) as caught:
        await decide(clinic.rosa.actor, clinic, taken.version)
    assert caught.value.code == "changed"
    assert await service.decision_of(SYSTEM.scope, clinic.opened.id) is None


async def test_booking_a_visit_brings_the_evaluation_to_that_provider(clinic: Clinic):
    assert clinic.rosa.practitioner is not None
    assigned = await service.assign_for_visit(SYSTEM, clinic.paula.id, clinic.rosa.practitioner.id, NOW)
    assert assigned is not None
    assert (assigned.status, assigned.practitioner_id) == ("in-progress", clinic.rosa.practitioner.id)
    assert await service.assign_for_visit(SYSTEM, clinic.paula.id, clinic.rosa.practitioner.id, NOW) == assigned
    assert await service.assign_for_visit(SYSTEM, clinic.nora.id, clinic.rosa.practitioner.id, NOW) is None
    decided = await decide(clinic.rosa.actor, clinic, assigned.version)
    assert (decided.status, decided.outcome, decided.decided_at) == ("completed", "suitable", NOW + HOUR)


async def test_the_patient_reads_the_words_meant_for_them_and_nobody_reads_the_dump(clinic: Clinic):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await decide(clinic.rosa.actor, clinic, taken.version, "not-suitable")
    theirs = await service.decision_of(clinic.patient.scope, clinic.opened.id)
    own = await service.decision_of(clinic.rosa.actor.scope, clinic.opened.id)
    assert theirs is not None
    assert own is not None
    assert (theirs.patient_words, theirs.reason) == (WORDS, None)
    assert own.reason == "Discussed at length."
    (row,) = await db.rows("SELECT * FROM decision")
    assert WORDS.encode() not in row["patient_words_enc"]
    assert b"Discussed" not in row["reason_enc"]


async def test_others_reach_nothing(clinic: Clinic):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await decide(clinic.rosa.actor, clinic, taken.version)
    staff = [(await cast.coordinator()).actor, (await cast.admin()).actor]
    for other in [clinic.ivo.actor, cast.as_patient(clinic.nora), NOBODY, *staff]:
        assert await service.newest_of_patient(other.scope, clinic.paula.id) is None
        for attempt in (service.get, service.decision_of):
            with pytest.raises(NotFound):
                await attempt(other.scope, clinic.opened.id)  # type: ignore[operator]


async def test_a_question_waits_for_the_patient_and_the_answer_wakes_the_evaluation(clinic: Clinic):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    first = await service.ask(clinic.rosa.actor, clinic.opened.id, " Which dose? ", NOW)
    second = await service.ask(clinic.rosa.actor, clinic.opened.id, "Since when?", NOW + HOUR)
    assert first.question == "Which dose?"
    assert [q.id for q in await service.open_questions(clinic.patient.scope, clinic.paula.id)] == [first.id, second.id]
    assert (await service.answer(clinic.patient, first.id, "60 mg", NOW + HOUR)).status == "on-hold"
    assert (await service.answer(clinic.patient, second.id, "May", NOW + HOUR)).status == "in-progress"
    assert await service.is_answered(clinic.patient.scope, second.id)
    answers = [q.answer for q in await service.requests_of(clinic.rosa.actor.scope, clinic.opened.id)]
    assert answers == ["60 mg", "May"]
    with pytest.raises(Conflict) as caught:
        await service.answer(clinic.patient, first.id, "30 mg", NOW + HOUR)
    assert caught.value.code == "answered"


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
async def test_an_empty_or_endless_question_or_answer_is_not_kept(clinic: Clinic, text: str):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    with pytest.raises(Invalid):
        await service.ask(clinic.rosa.actor, clinic.opened.id, text, NOW)
    asked = await service.ask(clinic.rosa.actor, clinic.opened.id, "Since when?", NOW)
    with pytest.raises(Invalid):
        await service.answer(clinic.patient, asked.id, text, NOW)
    assert not await service.is_answered(clinic.patient.scope, asked.id)


async def test_an_answer_and_a_decision_at_once_leave_nothing_half_written(clinic: Clinic):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    asked = await service.ask(clinic.rosa.actor, clinic.opened.id, "Since when?", NOW)
    before = await service.get(clinic.rosa.actor.scope, clinic.opened.id)
    answered, decided = await both(
        service.answer(clinic.patient, asked.id, "May", NOW + HOUR), decide(clinic.rosa.actor, clinic, before.version)
    )
    assert sum(isinstance(r, CarepathError) for r in (answered, decided)) == 1, (answered, decided)
    after = await service.get(SYSTEM.scope, clinic.opened.id)
    assert (after.status == "completed") is isinstance(answered, Conflict)
    assert await service.is_answered(SYSTEM.scope, asked.id) is isinstance(decided, Conflict)


async def test_only_the_patient_who_was_asked_answers(clinic: Clinic):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    asked = await service.ask(clinic.rosa.actor, clinic.opened.id, "Since when?", NOW)
    for other in (cast.as_patient(clinic.nora), clinic.ivo.actor, (await cast.coordinator()).actor):
        with pytest.raises(NotFound):
            await service.answer(other, asked.id, "May", NOW)
    with pytest.raises(Refused):
        await service.answer(clinic.rosa.actor, asked.id, "May", NOW)
