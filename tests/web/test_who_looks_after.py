"""Who looks after a patient, when providers come and go: nobody keeps what is a colleague's now, and nobody's cry for help
stands on a desk that nobody opens."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from carepath import configuration
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Evaluation
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft, Reading
from carepath.intake import service as intakes
from carepath.journey import administer, evaluate, signal
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.screening.service import Finding
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in

Fresh = Callable[[], Browser]
LATER = NOW + timedelta(days=200)


@pytest.fixture
async def clinic(database: Settings) -> tuple[Staff, Staff]:
    """Rosa and Ivo."""
    configuration.load(database.config_dir)
    await questionnaires.register_all(NOW)
    return await cast.provider(), await cast.provider("Ivo Brandt", "America/Denver", ("CO", "NY"))


async def evaluation(patient_id: UUID, of: Staff, at: datetime = NOW) -> Evaluation:
    """Of a fresh intake, taken by this provider."""
    draft = await intakes.begin(SYSTEM, date(1975, 4, 23), "CO", "America/Denver", at)
    await intakes.attach(draft.id, patient_id, at)
    await intakes.step(SYSTEM, draft.id, "submit", at)
    found = await evaluations.open_for(SYSTEM, patient_id, draft.id, "routine", at)
    return await evaluations.claim(of.actor, found.id, at)


@pytest.mark.parametrize("outcome", ["not-suitable", "suitable", "withdrawn"])
async def test_who_had_a_patient_before_somebody_else_has_them_no_longer(
    clinic: tuple[Staff, Staff], browser: Fresh, outcome: str
):
    (rosa, ivo), paula = clinic, await cast.patient()
    first = await evaluation(paula.id, rosa)
    if outcome == "withdrawn":
        await evaluations.withdraw(cast.as_patient(paula), NOW)
    else:
        await evaluations.decide(rosa.actor, first.id, outcome, "r", "w", first.version, NOW)
    desk, base = await sign_in(browser(), rosa), f"/provider/patients/{paula.id}"
    assert (await desk.get(base)).status_code == 200, "until then they are hers"
    second = await evaluation(paula.id, ivo, LATER)
    await evaluations.decide(ivo.actor, second.id, "suitable", "r", "w", second.version, LATER)
    await followups.write_plan(
        ivo.actor, paula.id, PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk.", LATER.date()), LATER
    )
    for path in ("", "/timeline?range=all", "/plan", "/sessions", "/book"):
        assert (await desk.get(base + path)).status_code == 404, path
    assert (await desk.get(f"/provider/evaluations/{first.id}")).status_code == 404
    assert "Paula" not in main_of((await desk.get("/provider")).text)
    opened = await desk.post(f"{base}/emergency", {"reason": "She is on the phone to me."})
    assert opened.status_code == 200, "and an emergency is one, as for any colleague"
    assert paula.first_name in main_of(opened.text)
    assert (await (await sign_in(browser(), ivo)).get(base)).status_code == 200


async def test_what_waits_for_a_provider_who_is_switched_off_is_everybodys(clinic: tuple[Staff, Staff], browser: Fresh):
    (rosa, ivo), paula, admin = clinic, await cast.patient(), await cast.admin()
    found = await evaluation(paula.id, rosa)
    (task,) = await evaluate.raise_urgent(
        SYSTEM, paula.id, None, "intake", found.intake_id, (_finding("phq-item9", "PHQ-9 item 9 above zero."),), NOW
    )
    assert rosa.practitioner is not None
    assert task.practitioner_id == rosa.practitioner.id
    assert await _mailed(ivo) == 0
    await administer.set_active(admin.actor, rosa.account.id, False, NOW)
    assert await _mailed(ivo) == 1
    desk = await sign_in(browser(), ivo)
    assert "Paula" in main_of((await desk.get("/provider")).text)
    assert (await desk.get(f"/provider/urgent/{task.id}")).status_code == 200
    assert (await desk.post(f"/provider/evaluations/{found.id}/claim", {})).status_code == 200
    assert (await desk.get(f"/provider/evaluations/{found.id}")).status_code == 200
    assert await count("status_change", "action = 'lose-provider'") == 1
    assert await count("audit_event", f"action = 'give-to-all' AND subject_id = '{task.id}'") == 1


async def test_a_red_signal_of_one_without_a_provider_stands_on_every_desk(clinic: tuple[Staff, Staff], browser: Fresh):
    (rosa, ivo), paula, admin = clinic, await cast.patient(), await cast.admin()
    draft = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk.", NOW.date())
    plan = await followups.write_plan(rosa.actor, paula.id, draft, NOW)
    reading = Reading(new_id(), NOW, "staff", bladder=frozenset({"blood"}))
    await signal.take(SYSTEM, plan, reading, new_id(), None, NOW)
    desk, way = await sign_in(browser(), ivo), f"/provider/patients/{paula.id}/emergency"
    assert way not in (await desk.get("/provider")).text, "it is Rosa's"
    await administer.set_active(admin.actor, rosa.account.id, False, NOW)
    page = main_of((await desk.get("/provider")).text)
    assert (way in page, "P. W. · CO" in page, "Paula" in page) == (True, True, False)
    opened = await desk.post(way, {"reason": "Blood in the urine, nobody else is there."})
    assert "Paula" in main_of(opened.text)


async def test_one_that_waits_for_an_answer_reaches_whoever_takes_it(clinic: tuple[Staff, Staff]):
    (rosa, ivo), paula, admin = clinic, await cast.patient(), await cast.admin()
    found = await evaluation(paula.id, rosa)
    asked = await evaluations.ask(rosa.actor, found.id, "Which dose?", NOW, found.version)
    await administer.set_active(admin.actor, rosa.account.id, False, NOW)
    left = await evaluations.get(SYSTEM.scope, found.id)
    assert (left.practitioner_id, left.status) == (None, "on-hold")
    await evaluations.answer(cast.as_patient(paula), asked.id, "Ten.", NOW)
    taken = await evaluations.claim(ivo.actor, found.id, NOW)
    assert ivo.practitioner is not None
    assert (taken.practitioner_id, taken.status) == (ivo.practitioner.id, "in-progress")


async def test_what_becomes_urgent_later_is_everybodys_too(clinic: tuple[Staff, Staff], browser: Fresh):
    (rosa, ivo), paula, admin = clinic, await cast.patient(), await cast.admin()
    assert rosa.practitioner is not None
    await administer.set_active(admin.actor, rosa.account.id, False, NOW)
    (task,) = await evaluate.raise_urgent(
        SYSTEM, paula.id, rosa.practitioner.id, "check-in", new_id(), (_finding("checkin-item9", "Item 9."),), NOW
    )
    assert task.practitioner_id is None
    desk = await sign_in(browser(), ivo)
    assert (await desk.get(f"/provider/urgent/{task.id}")).status_code == 200


async def test_once_seen_to_it_is_only_whose_it_was(clinic: tuple[Staff, Staff], browser: Fresh):
    (rosa, ivo), paula = clinic, await cast.patient()
    (task,) = await evaluate.raise_urgent(SYSTEM, paula.id, None, "intake", new_id(), (_finding("x", "Item 9."),), NOW)
    await evaluate.finish_urgent(rosa.actor, task.id, "Called.", NOW)
    assert (await (await sign_in(browser(), rosa)).get(f"/provider/urgent/{task.id}")).status_code == 200
    assert (await (await sign_in(browser(), ivo)).get(f"/provider/urgent/{task.id}")).status_code == 404
    with pytest.raises(Conflict):
        await evaluate.finish_urgent(ivo.actor, task.id, "Called too.", NOW)


async def test_who_is_found_suitable_stands_on_the_desk_until_there_is_a_plan(
    clinic: tuple[Staff, Staff], browser: Fresh
):
    (rosa, _ivo), paula = clinic, await cast.patient()
    found = await evaluation(paula.id, rosa)
    await evaluations.decide(rosa.actor, found.id, "suitable", "", "We begin.", found.version, NOW)
    desk = await sign_in(browser(), rosa)
    page = main_of((await desk.get("/provider")).text)
    assert "Suitable, without a plan" in page
    assert f'href="/provider/patients/{paula.id}/plan"' in page
    assert f'href="/provider/evaluations/{found.id}"' in (await desk.get(f"/provider/patients/{paula.id}")).text
    draft = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk.", NOW.date())
    await followups.write_plan(rosa.actor, paula.id, draft, NOW)
    assert "Suitable, without a plan" not in main_of((await desk.get("/provider")).text)


def _finding(rule_id: str, words: str) -> Finding:
    return Finding(rule_id, "1", "urgent", "", words, "test", ())


async def _mailed(to: Staff) -> int:
    return await count("message", f"kind = 'urgent-task' AND recipient_id = '{to.account.id}'")
