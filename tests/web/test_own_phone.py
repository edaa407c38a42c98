"""A patient says where they can be called: who reads it, how it is kept, and that it can be taken back."""

import html
from collections.abc import Callable
from datetime import timedelta

import pytest

from carepath import configuration
from carepath.accounts import service as accounts
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft
from carepath.journey import follow_up
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in
from tests.web.hostile_world import open_world
from tests.web.test_offers import as_patient

Fresh = Callable[[], Browser]
NUMBER = "+1 (555) 010-0142"
DUE = NOW + timedelta(days=14)


@pytest.fixture
def loaded(database: Settings) -> None:
    configuration.load(database.config_dir)


async def read(by: Browser, path: str) -> str:
    answer = await by.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(main_of(answer.text))


async def test_said_changed_and_taken_back(browser: Fresh, loaded: None):
    paula = await cast.patient()
    mine = await as_patient(browser(), paula)
    assert "We have no number of yours." in await read(mine, "/home")
    await mine.get("/home/phone")
    home = await mine.post("/home/phone", {"phone": f" {NUMBER} "})
    assert home.url.path == "/home"
    assert f"At {NUMBER}." in html.unescape(home.text)
    [row] = await db.rows("SELECT phone_enc, phone_index FROM patient")
    assert b"0142" not in bytes(row["phone_enc"]), "kept sealed"
    assert (await accounts.patient(SYSTEM, paula.id)).phone == NUMBER
    assert f'value="{NUMBER}"' in await read(mine, "/home/phone"), "what is known stands in the field"
    wrong = await mine.post("/home/phone", {"phone": "call me"})
    assert wrong.status_code == 422
    for words in ('id="phone-error"', 'href="#phone"', 'value="call me"', "Enter a phone number with digits only"):
        assert words in wrong.text, words
    assert (await accounts.patient(SYSTEM, paula.id)).phone == NUMBER, "an error changes nothing"
    home = await mine.post("/home/phone", {"phone": "  "})
    assert "We have no number of yours." in home.text
    [row] = await db.rows("SELECT phone_enc, phone_index FROM patient")
    assert (row["phone_enc"], row["phone_index"]) == (None, None)
    rows = await db.rows(
        "SELECT action, detail::text AS detail FROM audit_event WHERE action LIKE '%-phone' ORDER BY seq"
    )
    assert [one["action"] for one in rows] == ["say-phone", "remove-phone"]
    assert "0142" not in str(rows)


async def test_one_number_however_it_is_written_is_one_person(browser: Fresh, loaded: None):
    for first, number in (("Paula", NUMBER), ("Peter", "555.010.0142")):
        mine = await as_patient(browser(), await cast.patient(first))
        await mine.get("/home/phone")
        await mine.post("/home/phone", {"phone": number})
    assert await count("(SELECT DISTINCT phone_index FROM patient WHERE phone_index IS NOT NULL) one") == 1


async def test_who_is_to_be_called_is_told_and_may_still_take_the_number_back(
    browser: Fresh, database: Settings, loaded: None, monkeypatch: pytest.MonkeyPatch
):
    rosa, paula = await cast.provider(), await cast.patient()
    plan = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Sleep.", NOW.date())
    await followups.write_plan(rosa.actor, paula.id, plan, NOW)
    monkeypatch.setattr(clock, "now", lambda: DUE + timedelta(days=7))
    mine, desk = await as_patient(browser(), paula), await sign_in(browser(), await cast.coordinator())
    assert "We are about to call you" not in await read(mine, "/home/phone")
    for days in (0, 3, 7):
        await follow_up.tick(DUE + timedelta(days=days))
    assert "No phone number is known." in await read(desk, "/coordinator/calls")
    assert "We are about to call you" in await read(mine, "/home/phone")
    await mine.post("/home/phone", {"phone": NUMBER})
    for page in ("/coordinator/calls", f"/coordinator/book/{paula.id}"):
        assert NUMBER in await read(desk, page), page
    doctor = await sign_in(browser(), rosa)
    assert NUMBER in await read(doctor, f"/provider/patients/{paula.id}")
    await mine.get("/home/phone")
    await mine.post("/home/phone", {"phone": ""})
    assert "No phone number is known." in await read(desk, "/coordinator/calls"), "the call stays, by mail"
    other = await as_patient(browser(), await cast.patient("Peter"))
    assert "We are about to call you" not in await read(other, "/home/phone"), "somebody else's call"


async def test_it_can_be_said_with_the_answers_and_need_not_be(settings: Settings, browser: Fresh):
    """Whoever reads of danger in them has a telephone to use."""
    world = await open_world(settings, browser)
    for said, kept in ((f" {NUMBER} ", NUMBER), ("", None)):
        patient_id = await world.ready(is_sent=False)
        mine = await world.signed_in(patient_id)
        await mine.get("/send")
        wrong = await mine.post("/send", {"phone": "call me"})
        assert (wrong.status_code, 'value="call me"' in wrong.text) == (422, True)
        assert "Your phone number: " in html.unescape(wrong.text)
        assert await count("intake", f"patient_id = '{patient_id}' AND status = 'submitted'") == 0
        assert (await mine.post("/send", {"phone": said})).url.path == "/verdict"
        assert (await accounts.patient(SYSTEM, patient_id)).phone == kept
