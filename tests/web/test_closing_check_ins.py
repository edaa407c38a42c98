"""Closing a late check-in on the plan's page, and what its patient and its history say."""

import html
from collections.abc import Callable
from datetime import timedelta

import pytest

from carepath import configuration
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft
from carepath.journey import follow_up
from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in
from tests.web.test_offers import as_patient

DUE = NOW + timedelta(days=14)


async def test_closed_with_a_reason_and_everybody_reads_so(
    browser: Callable[[], Browser], database: Settings, monkeypatch: pytest.MonkeyPatch
):
    configuration.load(database.config_dir)
    rosa, paula = await cast.provider(), await cast.patient()
    await followups.write_plan(
        rosa.actor, paula.id, PlanDraft("iv", "clinic", "as agreed", 28, 14, "Sleep.", NOW.date()), NOW
    )
    await follow_up.tick(DUE)
    monkeypatch.setattr(clock, "now", lambda: DUE + timedelta(days=7))
    desk, me = await sign_in(browser(), rosa), await as_patient(browser(), paula)
    path = f"/provider/patients/{paula.id}/plan"
    assert "Overdue check-in" not in (await desk.get(path)).text, "due is not late"
    for days in (3, 7):
        await follow_up.tick(DUE + timedelta(days=days))
    [found] = await followups.check_ins_of(SYSTEM.scope, paula.id)
    its_page = f"/check-ins/{found.id}"
    assert "How have you been?" in (await me.get(its_page)).text
    page = await desk.get(path)
    assert "Overdue check-in" in page.text
    assert "Calls to make: 1" in (await (await sign_in(browser(), await cast.coordinator())).get("/coordinator")).text
    for fields, field in (({}, "close_reason"), ({"close_reason": "other", "close_words": " "}, "close_words")):
        wrong = await desk.post(f"{path}/check-in", {"check_in": str(found.id), **fields})
        assert wrong.status_code == 422
        assert f'id="{field}-error"' in wrong.text
    sent = {"check_in": str(found.id), "close_reason": "reached", "close_words": "Sleeps well."}
    page = await desk.post(f"{path}/check-in", sent)
    assert (page.url.path, "Overdue check-in" in page.text) == (path, False)
    again = await desk.post(f"{path}/check-in", sent)
    assert (again.status_code, "closed already" in again.text) == (409, True)
    history = html.unescape(main_of((await desk.get(f"/provider/check-ins/{found.id}")).text))
    for words in ("closed by Rosa Delgado", "December 22", "Reached by phone: Sleeps well.", "not needed any more"):
        assert words in history, words
    assert f"/provider/check-ins/{found.id}" in (await desk.get(f"/provider/patients/{paula.id}")).text
    for answer, status in ((await me.get(its_page), 200), (await me.post(its_page, {"shown": "x"}), 409)):
        assert answer.status_code == status
        assert "This check-in is closed" in answer.text
        assert "Sleeps well" not in answer.text
        assert ("your answers were not kept" in answer.text) == (status == 409)
    assert "Your check-in is open" not in (await me.get("/home")).text


async def test_an_answered_one_says_thanks_when_it_is_opened_again(
    browser: Callable[[], Browser], database: Settings, monkeypatch: pytest.MonkeyPatch
):
    from carepath.kit import db
    from carepath.questionnaires import service as questionnaires

    loaded = configuration.load(database.config_dir)
    rosa, paula = await cast.provider(), await cast.patient()
    await followups.write_plan(
        rosa.actor, paula.id, PlanDraft("iv", "clinic", "as agreed", 28, 14, "Sleep.", NOW.date()), NOW
    )
    await follow_up.tick(DUE)
    monkeypatch.setattr(clock, "now", lambda: DUE)
    me = await as_patient(browser(), paula)
    [found] = await followups.check_ins_of(SYSTEM.scope, paula.id)
    await me.get(f"/check-ins/{found.id}")
    [begun] = await questionnaires.responses_of(SYSTEM.scope, "check-in", found.id)
    await followups.complete(cast.as_patient(paula), found.id, begun.id, DUE)
    assert loaded.intake.check_ins.weekly == begun.questionnaire.url
    for answer, status in (
        (await me.get(f"/check-ins/{found.id}"), 200), (await me.post(f"/check-ins/{found.id}", {"shown": "x"}), 409),
    ):  # fmt: skip
        assert (answer.status_code, "Thank you" in answer.text) == (status, True)
    assert len(await db.rows("SELECT 1 FROM urgent_task")) == 0
