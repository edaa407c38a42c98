"""Licenses over HTTP: who keeps them, what a last day does, and what is said ahead."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from tests import cast
from tests.web.client import Browser
from tests.web.desks import Desk, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


def path(desk: Desk) -> str:
    return f"{desk.hours}/licenses"


def option(text: str, place: str) -> str:
    found = re.search(rf'<option value="([0-9a-f-]+)">{place}', text)
    assert found is not None, text
    return found[1]


async def test_a_last_day_keeps_the_visits_behind_it_and_says_how_many(desk: Desk):
    visit = await booked(desk)
    page = await desk.browser.get(path(desk))
    assert re.search(r"Colorado</strong></td><td>since .*?, without an end</td><td[^>]*>1</td>", page.text)
    yesterday = (clock.now().date() - timedelta(days=1)).isoformat()
    licence = {"license_id": option(page.text, "Colorado"), "last_on": yesterday}
    page = await desk.browser.post(f"{path(desk)}/end", licence)
    assert page.url.path == path(desk)
    assert "Visits to come without a valid license: 1." in page.text
    after = await scheduling.get(SYSTEM.scope, visit.id)
    assert (after.status, after.attention) == ("booked", "not-licensed")
    assert "provider not licensed there" in (await desk.browser.get("/coordinator")).text
    page = await desk.browser.post(path(desk), {"jurisdiction": "CO", "valid_from": "2020-01-01", "valid_until": ""})
    assert "Visits to come without" not in page.text
    assert (await scheduling.get(SYSTEM.scope, visit.id)).attention is None
    assert await count("licence") == 2
    assert await count("audit_event", "action = 'end-license'") == 1
    assert await count("audit_event", "action = 'grant-license'") == 1
    assert await count("audit_event", "action = 'read' AND subject = 'licenses'") == 3


@pytest.mark.parametrize(
    ("where", "fields", "wrong"),
    [
        ("", {}, {"jurisdiction", "valid_from"}),
        ("", {"jurisdiction": "XX", "valid_from": "2026-01-01"}, {"jurisdiction"}),
        ("", {"jurisdiction": "UT", "valid_from": "2026-01-01", "valid_until": "2025-01-01"}, {"valid_until"}),
        ("/end", {}, {"license_id", "last_on"}),
        ("/end", {"license_id": "0190c000-0000-7000-8000-000000000001", "last_on": "2026-01-01"}, {"license_id"}),
        ("/end", {"license_id": "Colorado", "last_on": "2019-12-31"}, {"last_on"}),
    ],
)
async def test_broken_licenses_change_nothing(desk: Desk, where: str, fields: dict[str, str], wrong: set[str]):
    page = await desk.browser.get(path(desk))
    if fields.get("license_id") == "Colorado":
        fields = {**fields, "license_id": option(page.text, "Colorado")}
    page = await desk.browser.post(path(desk) + where, fields)
    assert page.status_code == 422
    assert set(re.findall(r'class="error" id="(\w+)-error"', page.text)) == wrong
    assert await count("licence", "valid_until IS NOT NULL") == 0
    assert await count("licence") == 2


async def test_an_admin_keeps_licenses_too_and_sees_no_patient(desk: Desk, browser: Fresh):
    await booked(desk)
    theirs = await sign_in(browser(), await cast.admin())
    accounts = (await theirs.get("/admin")).text
    assert f'href="{path(desk)}"' in accounts
    page = await theirs.get(path(desk))
    assert page.status_code == 200
    assert 'href="/admin"' in main_of(page.text)
    assert "Paula" not in page.text
    page = await theirs.post(path(desk), {"jurisdiction": "NV", "valid_from": "2026-01-01"})
    assert "Nevada" in page.text
    assert await count("licence", "jurisdiction = 'NV'") == 1


async def test_providers_and_patients_keep_none(desk: Desk, browser: Fresh):
    theirs = await sign_in(browser(), desk.doctor)
    assert (await theirs.get(path(desk))).status_code == 403
    assert (await browser().get(path(desk))).url.path == "/staff/sign-in"


async def test_what_changes_soon_stands_on_the_board_and_on_the_providers_desk(desk: Desk, browser: Fresh):
    soon = clock.now().date() + timedelta(days=20)
    [licence] = [one for one in await licences(desk) if one.jurisdiction == "UT"]
    await scheduling.end_licence(SYSTEM, licence.id, soon, clock.now())
    board = main_of((await desk.browser.get("/coordinator")).text)
    words = f"The license of Dr. Rosa Delgado for Utah ends on {day(soon)}. No visit is booked after it."
    assert words in board
    theirs = await sign_in(browser(), desk.doctor)
    assert words in (await theirs.get("/provider")).text
    colleague = await sign_in(browser(), await cast.provider("Ned Okafor", "America/New_York", ("NY",)))
    assert "Delgado" not in main_of((await colleague.get("/provider")).text)


async def licences(desk: Desk) -> list[scheduling.Licence]:
    assert desk.doctor.practitioner is not None
    return await scheduling.licences_of(SYSTEM.scope, desk.doctor.practitioner.id)


def day(on: date) -> str:
    return f"{on:%A}, {on:%B} {on.day}, {on.year}"


async def test_without_anything_ahead_there_is_no_panel(desk: Desk, browser: Fresh, monkeypatch: pytest.MonkeyPatch):
    for days, is_there in ((0, True), (70, False)):
        moment = cast.NOW + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda at=moment: at)
        coordinator = await sign_in(browser(), await cast.coordinator(f"C {days}"))
        text = (await coordinator.get("/coordinator")).text
        assert ("Changes ahead" in text) is is_there
        assert ("Federal Register 2025-24123" in text) is is_there
        assert ("Verify it before you rely on it." in text) is is_there
