"""Open hours, days off and extra hours over HTTP."""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from carepath.journey import hours
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.web.coordinator import hours_views
from carepath.web.coordinator.hours_views import WEEKDAYS
from tests import cast
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


NOW_WEEK = {"week_from": "2020-01-01", "week_until": ""}
NINE_TO_FIVE = {f"{name}_{day}_0": at for day in range(5) for name, at in (("opens", "09:00"), ("closes", "17:00"))}


def march() -> date:
    """A Monday of next March: no public holiday is in that month."""
    first = date(clock.now().year + 1, 3, 1)
    return first + timedelta(days=-first.weekday() % 7)


async def lines(desk: Desk) -> list[tuple[str, str, str, str, bool]]:
    """What is stored: (weekday, opens, from, until, is it a break?)."""
    rows = await db.rows(
        """SELECT weekday, to_char(opens, 'HH24:MI') AS opens, valid_from, valid_until, is_break FROM opening_hours
           ORDER BY valid_from, weekday, opens"""
    )
    return [
        (WEEKDAYS[r["weekday"]], r["opens"], str(r["valid_from"]), str(r["valid_until"]), r["is_break"]) for r in rows
    ]


async def test_a_new_week_replaces_the_old_one(desk: Desk):
    page = await desk.browser.get(desk.hours)
    assert 'name="opens_0_0" value="09:00"' in page.text
    week = {"opens_1_0": "08:00", "closes_1_0": "12:00", "opens_1_1": "13:00", "closes_1_1": "15:30"}
    page = await desk.browser.post(desk.hours, {**NOW_WEEK, **week})
    assert page.url.path == desk.hours
    assert 'name="opens_0_0" value=""' in page.text
    assert 'name="closes_1_1" value="15:30"' in page.text
    rows = await db.rows("SELECT weekday, opens::text AS opens FROM opening_hours ORDER BY opens")
    assert [(r["weekday"], r["opens"]) for r in rows] == [(1, "08:00:00"), (1, "13:00:00")]


async def test_breaks_are_written_shown_and_kept(desk: Desk):
    await desk.browser.get(desk.hours)
    lunch = {"break_from_0_0": "12:00", "break_to_0_0": "13:00"}
    page = await desk.browser.post(desk.hours, {**NOW_WEEK, **NINE_TO_FIVE, **lunch})
    assert 'name="break_from_0_0" value="12:00"' in page.text
    assert ("Monday", "12:00", "2020-01-01", "None", True) in await lines(desk)
    page = await desk.browser.post(desk.hours, {**NOW_WEEK, **NINE_TO_FIVE, **lunch, "closes_4_0": "13:00"})
    assert ("Monday", "12:00", "2020-01-01", "None", True) in await lines(desk)
    assert "9 AM–12 PM, 1 PM–5 PM (Denver)" in (await desk.browser.get(f"/coordinator?week={march()}")).text


async def test_a_dated_week_is_written_changed_and_removed_without_touching_others(desk: Desk):
    today = clock.now().date()
    begin, end = today + timedelta(days=30), today + timedelta(days=43)
    page = await desk.browser.get(f"{desk.hours}/week?from_on={begin}&until_on={end}")
    assert 'name="opens_0_0" value="09:00"' in page.text
    assert "changes nothing until you save it" in page.text
    dates = {"week_from": str(begin), "week_until": str(end)}
    page = await desk.browser.post(desk.hours, {**dates, "opens_2_0": "10:00", "closes_2_0": "11:00"})
    assert page.url.path == desk.hours
    assert "10 AM–11 AM" in page.text
    assert 'name="opens_0_0" value="09:00"' in page.text
    stored = await lines(desk)
    assert [one for one in stored if one[2] == str(begin)] == [("Wednesday", "10:00", str(begin), str(end), False)]
    assert {one[3] for one in stored if one[2] == "2020-01-01"} == {str(begin - timedelta(days=1))}
    assert len([one for one in stored if one[2] == str(end + timedelta(days=1))]) == 5
    now_until = {"week_from": "2020-01-01", "week_until": str(begin - timedelta(days=1))}
    page = await desk.browser.post(desk.hours, {**now_until, "opens_0_0": "07:00", "closes_0_0": "08:00"})
    assert [one for one in await lines(desk) if one[2] != "2020-01-01"] == [
        one for one in stored if one[2] != "2020-01-01"
    ]
    page = await desk.browser.post(f"{desk.hours}/week/remove", {"week_from": str(begin)})
    assert page.url.path == desk.hours
    left = await lines(desk)
    assert [one for one in left if one[2] == "2020-01-01"] == [("Monday", "07:00", "2020-01-01", str(end), False)]
    assert len([one for one in left if one[2] == str(end + timedelta(days=1))]) == 5


async def test_a_week_that_is_closed_can_be_dated_and_opened_again(desk: Desk):
    begin = clock.now().date() + timedelta(days=30)
    await desk.browser.get(f"{desk.hours}/week?from_on={begin}")
    page = await desk.browser.post(desk.hours, {"week_from": str(begin), "week_until": "", "opens_0_0": ""})
    assert "Closed on all days." in page.text
    page = await desk.browser.get(f"{desk.hours}/week?from_on={begin}")
    assert 'name="opens_0_0" value=""' in page.text
    page = await desk.browser.post(f"{desk.hours}/week/remove", {"week_from": str(begin)})
    assert {one[3] for one in await lines(desk)} == {"None"}


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("", "from_on"),
        ("?from_on=tomorrow", "from_on"),
        ("?from_on=2021-05-05", "from_on"),
        ("?from_on=9999-12-31", "from_on"),
        ("?from_on=2190-01-02&until_on=2190-01-01", "until_on"),
    ],
)
async def test_a_week_for_no_dates_is_not_begun(desk: Desk, asked: str, wrong: str):
    page = await desk.browser.get(f"{desk.hours}/week{asked}")
    assert page.status_code == 422
    assert f'id="{wrong}-error"' in page.text


async def test_a_week_that_would_run_into_another_is_refused(desk: Desk):
    begin = clock.now().date() + timedelta(days=30)
    await desk.browser.get(f"{desk.hours}/week?from_on={begin}")
    await desk.browser.post(desk.hours, {"week_from": str(begin), "week_until": "", "opens_0_0": ""})
    early, late = begin - timedelta(days=7), begin + timedelta(days=7)
    page = await desk.browser.get(f"{desk.hours}/week?from_on={early}&until_on={late}")
    assert page.status_code == 422
    assert "Another dated week begins on" in page.text
    before = await lines(desk)
    page = await desk.browser.post(desk.hours, {"week_from": str(early), "week_until": str(late), **NINE_TO_FIVE})
    assert page.status_code == 422
    assert await lines(desk) == before


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"opens_0_0": "09:00"}, "closes_0_0"),
        ({"opens_0_0": "17:00", "closes_0_0": "09:00"}, "closes_0_0"),
        ({"opens_0_0": "nine", "closes_0_0": "17:00"}, "opens_0_0"),
        ({"opens_0_0": "09:00", "closes_0_0": "13:00", "opens_0_1": "12:00", "closes_0_1": "17:00"}, "opens_0_1"),
        ({"opens_6_0": "09:00", "closes_6_0": "24:00"}, "closes_6_0"),
        ({"opens_0_0": "09:00", "closes_0_0": "17:00", "break_from_0_0": "12:00"}, "break_to_0_0"),
        (
            {"opens_0_0": "09:00", "closes_0_0": "17:00", "break_from_0_0": "17:00", "break_to_0_0": "18:00"},
            "break_from_0_0",
        ),
        (
            {"opens_0_0": "09:00", "closes_0_0": "17:00", "break_from_0_0": "13:00", "break_to_0_0": "12:00"},
            "break_to_0_0",
        ),
    ],
)
async def test_a_broken_week_changes_nothing(desk: Desk, fields: dict[str, str], wrong: str):
    before = await db.rows("SELECT * FROM opening_hours ORDER BY id")
    await desk.browser.get(desk.hours)
    dated = {"week_from": (clock.now().date() + timedelta(days=9)).isoformat(), "week_until": ""}
    for dates in (NOW_WEEK, dated):
        page = await desk.browser.post(desk.hours, {"opens_0_0": "", **fields, **dates})
        assert page.status_code == 422
        assert f'id="{wrong}-error"' in page.text
        assert f'name="week_from" value="{dates["week_from"]}"' in page.text
        assert all(f'name="{name}" value="{value}"' in page.text for name, value in fields.items())
        assert await db.rows("SELECT * FROM opening_hours ORDER BY id") == before


async def test_shortened_days_are_written_and_shown(desk: Desk):
    monday = march()
    await desk.browser.get(desk.hours)
    page = await desk.browser.post(f"{desk.hours}/exceptions", {"kind": "shortened", "first_on": str(monday)})
    assert 'id="from_time-error"' in page.text
    short = {"kind": "shortened", "first_on": str(monday), "from_time": "10:00", "to_time": "14:30"}
    page = await desk.browser.post(f"{desk.hours}/exceptions", short)
    assert "Shortened to 10 AM–2:30 PM" in page.text
    assert "10 AM–2:30 PM (Denver)" in (await desk.browser.get(f"/coordinator?week={monday}")).text


async def test_limits_are_set_shown_and_taken_away(desk: Desk):
    await desk.browser.get(desk.hours)
    page = await desk.browser.post(f"{desk.hours}/limits", {"max_per_day": "4", "max_per_week": "", "weight": "50"})
    assert page.url.path == desk.hours
    assert desk.doctor.practitioner is not None
    person = await scheduling.practitioner(SYSTEM.scope, desk.doctor.practitioner.id)
    assert (person.max_per_day, person.max_per_week, person.weight) == (4, None, 50)
    assert re.search(r'name="max_per_day" value="4"', page.text)
    await desk.browser.post(f"{desk.hours}/limits", {"max_per_day": "", "max_per_week": "", "weight": "100"})
    assert (await scheduling.practitioner(SYSTEM.scope, person.id)).max_per_day is None
    assert await count("audit_event", "action = 'set-limits'") == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"weight": "100", "max_per_day": "0"}, "max_per_day"),
        ({"weight": "100", "max_per_week": "many"}, "max_per_week"),
        ({"weight": "0"}, "weight"),
        ({}, "weight"),
    ],
)
async def test_limits_that_are_none_come_back(desk: Desk, fields: dict[str, str], wrong: str):
    await desk.browser.get(desk.hours)
    page = await desk.browser.post(f"{desk.hours}/limits", fields)
    assert page.status_code == 422
    assert f'id="{wrong}-error"' in page.text
    assert await count("practitioner", "max_per_day IS NOT NULL OR weight <> 100") == 0


async def test_holidays_and_clock_changes_ahead_are_stated(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 2, 1, 18, tzinfo=UTC))
    person = await scheduling.practitioners(SYSTEM.scope)
    coordinator = await cast.coordinator("Clara Lind")
    found = hours_views.hours(await hours.calendar(coordinator.actor, person[0].id, clock.now()), "UTC")
    assert found.clock_changes == (
        "Sunday, March 14, 2027: the clocks in Denver jump from 2 AM to 3 AM. That time does not exist, so nothing is "
        "open in it.",
    )
    assert "Monday, February 15, 2027: Washington's Birthday" in found.closed
    autumn = await hours.calendar(coordinator.actor, person[0].id, datetime(2026, 10, 1, tzinfo=UTC))
    assert "go back from 2 AM to 1 AM, so that time comes twice" in hours_views.hours(autumn, "UTC").clock_changes[0]
