"""Drafts, versions and scores in PostgreSQL."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Role, Scope
from carepath.kit.errors import ConfigProblem, Conflict, Invalid, NotFound
from carepath.questionnaires import service
from carepath.questionnaires.definition import Answers
from carepath.questionnaires.service import Library, StaleRevision
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.questionnaires.forms import BASE, library, phq9

PHQ = f"{BASE}phq-9"
PEG: Answers = {"peg.q1": (5,), "peg.q2": (6,), "peg.q3": (6,), "nrs.now": (5,), "nrs.worst": (8,), "nrs.least": (2,)}


@pytest.fixture(autouse=True)
async def _registered(database: Settings) -> None:
    service.configure(library())
    await service.register_all(NOW)


async def paula() -> Scope:
    return cast.as_patient(await cast.patient()).scope


async def opened(scope: Scope, url: str = PHQ, subject_id: UUID | None = None) -> UUID:
    return await service.open_response(scope, "intake", subject_id or uuid4(), scope.patient_id, url, NOW)


async def test_registering_twice_changes_nothing() -> None:
    await service.register_all(NOW)
    assert len(await db.rows("SELECT id FROM questionnaire_version")) == len(library().forms)


async def test_the_same_version_with_other_content_is_refused() -> None:
    changed = replace(library().forms[PHQ], sha256=b"another")
    service.configure(Library({PHQ: changed}, []))
    with pytest.raises(ConfigProblem, match="raise the version"):
        await service.register_all(NOW)


async def test_a_draft_is_opened_once_and_comes_back() -> None:
    scope, intake_id = await paula(), uuid4()
    response_id = await opened(scope, subject_id=intake_id)
    assert await opened(scope, subject_id=intake_id) == response_id
    assert await service.save(scope, response_id, 0, phq9(1, 2), NOW) == 1
    found = await service.load(scope, response_id)
    assert (found.answers, found.revision, found.status) == (phq9(1, 2), 1, "in-progress")


async def test_an_older_window_overwrites_nothing() -> None:
    scope = await paula()
    response_id = await opened(scope)
    await service.save(scope, response_id, 0, phq9(1), NOW)
    with pytest.raises(StaleRevision) as stale:
        await service.save(scope, response_id, 0, phq9(3), NOW)
    assert stale.value.code == "stale-revision"
    stored = (await service.load(scope, response_id)).answers
    assert stored == phq9(1)
    (row,) = service.differences(library().forms[PHQ], phq9(3), stored)
    assert (row.here, row.there) == ("Nearly every day", "Several days")


async def test_completing_prunes_scores_and_closes() -> None:
    scope = await paula()
    response_id = await opened(scope, f"{BASE}medical-history")
    answers: Answers = {
        **{f"medical.{name}": ("none",) for name in ("heart", "brain", "organs", "mind", "substances")},
        "medical.drug-use": (0,), "medical.pregnancy": ("no",), "medical.allergy": (False,), "medical.sex": ("female",), "medical.reading": (False,),
        "medical.systolic": (190,),
    }  # fmt: skip
    await service.save(scope, response_id, 0, answers, NOW)
    assert "medical.systolic" in (await service.load(scope, response_id)).answers
    await service.complete(scope, response_id, NOW)
    found = await service.load(scope, response_id)
    assert found.status == "completed"
    assert "medical.systolic" not in found.answers
    with pytest.raises(Conflict):
        await service.save(scope, response_id, 1, {}, NOW)
    with pytest.raises(Conflict):
        await service.complete(scope, response_id, NOW)


async def test_scores_are_typed_rows() -> None:
    scope = await paula()
    for url, answers in ((f"{BASE}peg", PEG), (PHQ, phq9(*[2] * 8, 0))):
        response_id = await opened(scope, url)
        await service.save(scope, response_id, 0, answers, NOW)
        await service.complete(scope, response_id, NOW)
    assert scope.patient_id is not None
    found = {r.code: r for r in await service.scores_of_patient(scope, scope.patient_id)}
    assert (str(found["peg"].value), found["peg"].band) == ("5.7", None)
    assert found["phq-9"].value == 16
    assert (found["phq-9"].band, found["phq-9"].answered) == ("moderately severe", 9)
    assert [r.code for r in await service.scores_of_patient(scope, scope.patient_id, "peg")] == ["peg"]


async def test_what_is_missing_is_named_and_nothing_is_completed() -> None:
    scope = await paula()
    response_id = await opened(scope)
    await service.save(scope, response_id, 0, phq9(1, 1, 1), NOW)
    with pytest.raises(Invalid) as missing:
        await service.complete(scope, response_id, NOW)
    assert len(missing.value.fields) == 6
    assert (await service.load(scope, response_id)).status == "in-progress"
    assert await db.rows("SELECT 1 FROM score") == []


async def test_answers_are_sealed() -> None:
    scope = await paula()
    response_id = await opened(scope, f"{BASE}pain-history")
    await service.save(scope, response_id, 0, {"pain.goal": ("dance at the wedding",)}, NOW)
    row = await db.row("SELECT resource_enc FROM questionnaire_response WHERE id = {}", response_id)
    assert row is not None
    assert b"wedding" not in bytes(row["resource_enc"])
    assert b"pain.goal" not in bytes(row["resource_enc"])


async def test_others_reach_nothing() -> None:
    scope = await paula()
    response_id = await opened(scope)
    others = [
        cast.as_patient(await cast.patient("Nora")).scope,
        Scope(Role.PROVIDER, practitioner_id=uuid4()),
        Scope(Role.COORDINATOR, uuid4()),
        Scope(Role.ADMIN, uuid4()),
        Scope(Role.ANONYMOUS),
    ]
    assert scope.patient_id is not None
    for other in others:
        with pytest.raises(NotFound):
            await service.load(other, response_id)
        with pytest.raises(NotFound):
            await service.save(other, response_id, 0, {}, NOW)
        assert await service.scores_of_patient(other, scope.patient_id) == []
    with pytest.raises(NotFound):
        await service.open_response(others[0], "intake", uuid4(), scope.patient_id, PHQ, NOW)


async def test_answers_given_before_the_address_was_proved_are_adopted() -> None:
    intake_id, scope = uuid4(), await paula()
    response_id = await service.open_response(SYSTEM.scope, "intake", intake_id, None, PHQ, NOW)
    assert scope.patient_id is not None
    await service.adopt(SYSTEM.scope, "intake", intake_id, scope.patient_id)
    assert [r.id for r in await service.responses_of(scope, "intake", intake_id)] == [response_id]


async def test_a_response_stays_on_the_version_it_was_begun_on() -> None:
    scope = await paula()
    response_id = await opened(scope)
    await service.save(scope, response_id, 0, phq9(1), NOW)
    newer = replace(library().forms[PHQ], version="2.0.0", sha256=b"newer")
    service.configure(Library(library().forms | {PHQ: newer}, library().instruments))
    found = await service.load(scope, response_id)
    assert found.questionnaire.canonical == f"{PHQ}|{library().forms[PHQ].version}"
    assert found.answers == phq9(1)
