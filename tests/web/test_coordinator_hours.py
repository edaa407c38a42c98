"""Open hours, days off and extra hours over HTTP."""

import html
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from tests.web.client import Browser
from tests.web.desks import SLOT, Desk, booked, count, open_desk

Fresh = Callable[[], Browser]


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


async def test_a_day_off_keeps_the_visit_and_flags_it_everywhere(desk: Desk):
    visit = await booked(desk)
    day = visit.start_at.astimezone(ZoneInfo("America/Denver")).date().isoformat()
    page = await desk.browser.post(f"{desk.hours}/exceptions", {"kind": "off", "first_on": day, "last_on": day})
    assert page.url.path == desk.hours
    flagged = f'href="/coordinator/consults/{visit.id}"'
    assert flagged in page.text
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "booked"
    assert flagged in (await desk.browser.get("/coordinator?week=2020-01-06")).text
    remove = re.findall(r'action="([^"]+/remove)"', page.text)
    page = await desk.browser.post(remove[0])
    assert flagged not in page.text
    assert await count("availability_exception") == 0


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"kind", "first_on"}),
        ({"kind": "party", "first_on": "2026-12-24"}, {"kind"}),
        ({"kind": "off", "first_on": "2026-02-31"}, {"first_on"}),
        ({"kind": "off", "first_on": "2026-12-24", "last_on": "2026-12-20"}, {"first_on"}),
        ({"kind": "off", "first_on": "2026-12-24", "from_time": "09:00"}, {"to_time"}),
        ({"kind": "off", "first_on": "2026-12-24", "to_time": "09:00"}, {"from_time"}),
        ({"kind": "off", "first_on": "2026-12-24", "from_time": "11:00", "to_time": "09:00"}, {"to_time"}),
        ({"kind": "extra", "first_on": "2026-12-24"}, {"from_time"}),
        (
            {"kind": "extra", "first_on": "2026-12-24", "from_time": "25:00", "to_time": "26:00"},
            {"from_time", "to_time"},
        ),
    ],
)
async def test_broken_exceptions_come_back_with_their_values(desk: Desk, fields: dict[str, str], wrong: set[str]):
    await desk.browser.get(desk.hours)
    page = await desk.browser.post(f"{desk.hours}/exceptions", fields)
    assert page.status_code == 422
    assert set(re.findall(r'class="error" id="(\w+)-error"', page.text)) == wrong
    assert all(f'value="{html.escape(value)}"' in page.text for name, value in fields.items() if name != "kind")
    assert await count("availability_exception") == 0


async def test_extra_hours_open_a_saturday(desk: Desk):
    today = clock.now().date()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 7)
    extra = {"kind": "extra", "first_on": saturday.isoformat(), "from_time": "10:00", "to_time": "12:00"}
    await desk.browser.get(desk.hours)
    page = await desk.browser.post(f"{desk.hours}/exceptions", extra)
    assert "10 AM–12 PM" in page.text
    offers = SLOT.findall((await desk.browser.get(f"{desk.book}?from={saturday}")).text)
    assert any(start_day(slot) == saturday for slot in offers)


def start_day(slot: str) -> date:
    return datetime.fromisoformat(slot.split("@")[1]).astimezone(ZoneInfo("America/Denver")).date()


async def test_a_new_week_replaces_the_old_one(desk: Desk):
    page = await desk.browser.get(desk.hours)
    assert 'name="opens_0" value="09:00"' in page.text
    page = await desk.browser.post(
        desk.hours, {"opens_2": "08:00", "closes_2": "12:00", "opens_3": "13:00", "closes_3": "15:30"}
    )
    assert page.url.path == desk.hours
    assert 'name="opens_0" value=""' in page.text
    assert 'name="closes_3" value="15:30"' in page.text
    rows = await db.rows("SELECT weekday, opens::text AS opens FROM opening_hours ORDER BY opens")
    assert [(r["weekday"], r["opens"]) for r in rows] == [(1, "08:00:00"), (1, "13:00:00")]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"opens_0": "09:00"}, "closes_0"),
        ({"opens_0": "17:00", "closes_0": "09:00"}, "closes_0"),
        ({"opens_0": "nine", "closes_0": "17:00"}, "opens_0"),
        ({"opens_0": "09:00", "closes_0": "13:00", "opens_1": "12:00", "closes_1": "17:00"}, "opens_1"),
        ({"opens_12": "09:00", "closes_12": "24:00"}, "closes_12"),
    ],
)
async def test_a_broken_week_changes_nothing(desk: Desk, fields: dict[str, str], wrong: str):
    before = await db.rows("SELECT * FROM opening_hours ORDER BY id")
    await desk.browser.get(desk.hours)
    page = await desk.browser.post(desk.hours, fields)
    assert page.status_code == 422
    assert f'id="{wrong}-error"' in page.text
    assert all(f'name="{name}" value="{value}"' in page.text for name, value in fields.items() if len(value) <= 5)
    assert await db.rows("SELECT * FROM opening_hours ORDER BY id") == before
