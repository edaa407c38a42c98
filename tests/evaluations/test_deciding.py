"""The four outcomes: what is kept, who is told, and what comes before an approval."""

import pytest

from carepath.evaluations import service
from carepath.evaluations.service import Evaluation
from carepath.journey import decide, evaluate
from carepath.kit import crypto, db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.ids import new_id
from tests.cast import NOW
from tests.letters import check_discreet
from tests.mailroom import Mailroom
from tests.web.desks import count

from .conftest import Clinic, make_ready

OUTCOMES = ("suitable", "not-suitable", "refer-elsewhere")


@pytest.fixture
async def taken(clinic: Clinic) -> Evaluation:
    found = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await make_ready(clinic, found)
    return await service.get(clinic.rosa.actor.scope, found.id)


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_three_outcomes_end_it_and_the_patient_reads_the_words(
    clinic: Clinic, taken: Evaluation, room: Mailroom, outcome: str
):
    rosa = clinic.rosa.actor
    done = await decide.decide(rosa, taken.id, outcome, "Talked it over.", "These words.", taken.version, NOW)
    assert (done.status, done.outcome) == ("completed", outcome)
    read = await service.decision_of(clinic.patient.scope, taken.id)
    assert read is not None
    assert (read.outcome, read.patient_words, read.reason) == (outcome, "These words.", None)
    await room.drain(NOW)
    [mail] = room.to(clinic.paula.email)
    check_discreet(mail, "These words", "Talked")
    for again in OUTCOMES:
        with pytest.raises(Conflict, match="decided already"):
            await decide.decide(rosa, taken.id, again, "Why.", "Other words.", done.version, NOW)
    assert await count("decision") == 1


async def test_more_information_asks_the_patient_and_stays_on_record(clinic: Clinic, taken: Evaluation, room: Mailroom):
    rosa = clinic.rosa.actor
    waits = await decide.decide(
        rosa, taken.id, "more-information", "Dose is missing.", "Which dose?", taken.version, NOW
    )
    assert (waits.status, waits.outcome) == ("on-hold", None)
    [asked] = await service.open_questions(clinic.patient.scope, clinic.paula.id)
    assert asked.question == "Which dose?"
    (row,) = await db.rows("SELECT * FROM decision")
    assert row["outcome"] == "more-information"
    assert crypto.unseal(row["reason_enc"], f"decision.reason_enc:{row['id']}") == "Dose is missing."
    assert await service.decision_of(clinic.patient.scope, taken.id) is None, "nothing is decided by a question"
    await room.drain(NOW)
    [mail] = room.to(clinic.paula.email)
    check_discreet(mail, "dose")
    await evaluate.answer(clinic.patient, asked.id, "60 mg", NOW)
    woken = await service.get(rosa.scope, taken.id)
    done = await decide.decide(rosa, taken.id, "suitable", "", "We begin.", woken.version, NOW)
    read = await service.decision_of(rosa.scope, taken.id)
    assert read is not None
    assert (done.status, read.outcome) == ("completed", "suitable")


async def test_an_answer_to_one_of_two_questions_sends_the_provider_back_to_the_page(clinic: Clinic, taken: Evaluation):
    rosa = clinic.rosa.actor
    first = await service.ask(rosa, taken.id, "Which dose?", NOW)
    await service.ask(rosa, taken.id, "Since when?", NOW)
    seen = await service.get(rosa.scope, taken.id)
    await evaluate.answer(clinic.patient, first.id, "60 mg", NOW)
    with pytest.raises(Conflict) as caught:
        await decide.decide(rosa, taken.id, "suitable", "", "We begin.", seen.version, NOW)
    assert caught.value.code == "changed"
    with pytest.raises(Conflict):
        await decide.decide(rosa, taken.id, "more-information", "", "And?", seen.version, NOW)
    assert await count("information_request") == 2


async def test_words_of_the_clinics_file_that_are_only_a_beginning_are_not_sent(clinic: Clinic, taken: Evaluation):
    sheet = await decide.sheet(clinic.rosa.actor, taken, clinic.paula, NOW)
    words = {one.code: one.words for one in sheet.choices}
    assert list(words) == ["suitable", "not-suitable", "refer-elsewhere", "more-information"]
    assert all("Hello Paula" in one for one in words.values())
    assert "Larkspur" in words["suitable"]
    for outcome in ("refer-elsewhere", "more-information"):
        with pytest.raises(Invalid) as caught:
            await decide.decide(clinic.rosa.actor, taken.id, outcome, "Why.", words[outcome], taken.version, NOW)
        assert set(caught.value.fields) == {"patient_words"}
    await decide.decide(clinic.rosa.actor, taken.id, "suitable", "", words["suitable"], taken.version, NOW)


async def test_nobody_is_approved_while_something_urgent_is_open(clinic: Clinic, taken: Evaluation):
    rosa = clinic.rosa.actor
    task, _new = await service.urgent(clinic.paula.id, None, "intake", new_id(), "phq-item9", "1", "Item 9.", NOW)
    seen = await service.get(rosa.scope, taken.id)
    [said] = (await decide.sheet(rosa, seen, clinic.paula, NOW)).open_items
    with pytest.raises(Invalid) as caught:
        await decide.decide(rosa, taken.id, "suitable", "", "We begin.", seen.version, NOW)
    assert said in caught.value.fields["outcome"]
    assert await service.get(rosa.scope, taken.id) == seen
    assert await count("decision") == await count("message", "kind = 'decision-ready'") == 0
    await evaluate.finish_urgent(rosa, task.id, "Called her, she is safe.", NOW)
    done = await decide.decide(rosa, taken.id, "suitable", "", "We begin.", seen.version, NOW)
    assert done.status == "completed"


async def test_somebody_who_must_be_sent_elsewhere_need_not_wait_for_that(clinic: Clinic, taken: Evaluation):
    await service.urgent(clinic.paula.id, None, "intake", new_id(), "phq-item9", "1", "Item 9.", NOW)
    seen = await service.get(SYSTEM.scope, taken.id)
    done = await decide.decide(
        clinic.rosa.actor, taken.id, "refer-elsewhere", "Needs a ward.", "Go there.", seen.version, NOW
    )
    assert done.outcome == "refer-elsewhere"
