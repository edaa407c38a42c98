"""The coordinator's page of calls: who, how to reach them, since when; not a word of health."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from carepath import configuration
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft
from carepath.journey import follow_up
from carepath.kit import clock, crypto, db
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.letters import TELLING
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in

PLAN = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Sleep.", NOW.date())
DUE = NOW + timedelta(days=14)


async def test_called_or_not_reached_and_nothing_said_of_why(
    browser: Callable[[], Browser], database: Settings, monkeypatch: pytest.MonkeyPatch
):
    configuration.load(database.config_dir)
    rosa, paula = await cast.provider(), await cast.patient()
    await db.execute(
        "UPDATE patient SET phone_enc = {} WHERE id = {}",
        crypto.seal("+1 555 0142", f"patient.phone_enc:{paula.id}"), paula.id,
    )  # fmt: skip
    await followups.write_plan(rosa.actor, paula.id, PLAN, NOW)
    for days in (0, 3, 7):
        await follow_up.tick(DUE + timedelta(days=days))
    monkeypatch.setattr(clock, "now", lambda: DUE + timedelta(days=7))
    desk = await sign_in(browser(), await cast.coordinator())
    assert "Calls to make: 1" in (await desk.get("/coordinator")).text
    page = main_of((await desk.get("/coordinator/calls")).text)
    for words in ("Paula Winter", "tel:+15550142", "Tuesday, December 15, 2026"):
        assert words in page, words
    assert not TELLING.search(page.replace("Larkspur Pain Clinic", "")), TELLING.search(page)
    [row] = await db.rows("SELECT id FROM patient_call")
    path = f"/coordinator/calls/{row['id']}"
    empty = await desk.post(path, {"outcome": ["called"], "note": [""]})
    assert empty.status_code == 422
    assert "Write what was said." in empty.text
    page = main_of((await desk.post(path, {"outcome": ["not-reached"], "note": [""]})).text)
    assert "Not reached so far: 1 times" in page
    assert "Calls to make" not in main_of((await desk.get("/coordinator")).text), "not before it is to be tried again"
    page = main_of((await desk.post(path, {"outcome": ["called"], "note": ["Will answer tonight."]})).text)
    assert "Nobody is to be called." in page
    assert (await desk.post(path, {"outcome": ["called"], "note": ["Again."]})).status_code == 409
    assert await count("audit_event", "subject = 'call-list'") == 4, "a look each, the one with the error too"
    doctor = await sign_in(browser(), rosa)
    [found] = await followups.check_ins_of(rosa.actor.scope, paula.id)
    assert "Will answer tonight." in (await doctor.get(f"/provider/check-ins/{found.id}")).text
    assert (await doctor.get("/coordinator/calls")).status_code == 403
