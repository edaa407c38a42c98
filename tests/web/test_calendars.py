"""The pages of calendars from outside: for the office and for providers themselves."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from carepath.journey import busy
from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Outside
from tests import cast
from tests.servers import answer, stranger
from tests.web.client import Browser
from tests.web.desks import SLOT, Desk, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]
HERE = Outside("localhost", allow_private=True, seconds=5)


def calendar(start_at: datetime, uid: str = "one") -> str:
    start = start_at.astimezone(UTC)
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Dentist with Bo",
             f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", "END:VEVENT", "END:VCALENDAR")  # fmt: skip
    return "\n".join(lines)


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


def errors(text: str) -> set[str]:
    return set(re.findall(r'class="error" id="(\w+)-error"', text))


async def test_the_office_adds_reads_and_removes_a_calendar(desk: Desk):
    visit = await booked(desk)
    page = await desk.browser.get(desk.hours)
    assert f'href="{desk.hours}/calendars"' in page.text
    await desk.browser.get(f"{desk.hours}/calendars")
    async with stranger(answer(calendar(visit.start_at).encode())) as other:
        page = await desk.browser.post(f"{desk.hours}/calendars", {"name": "Practice", "url": other.url})
        assert page.url.path == f"{desk.hours}/calendars"
        assert "not read yet" in page.text
        await busy.tick(HERE, clock.now())
        page = await desk.browser.get(f"{desk.hours}/calendars")
        assert "Busy times kept from it: 1" in page.text
        assert "secret-token" not in page.text
        assert "Dentist" not in page.text
        other.reply = answer(b"", "500 Broken")
        (action,) = re.findall(r'action="([^"]+/read)"', page.text)
        await desk.browser.post(action)
        await busy.tick(HERE, clock.now() + timedelta(seconds=1))
        page = await desk.browser.get(f"{desk.hours}/calendars")
        assert "The server answers 500 instead of the calendar." in page.text
        assert "Busy times kept from it: 1" in page.text
        assert "Next try" in page.text
    flagged = f'href="/coordinator/consults/{visit.id}"'
    hours = await desk.browser.get(desk.hours)
    assert flagged in hours.text
    assert "provider busy in another calendar" in hours.text
    (action,) = re.findall(r'action="([^"]+/remove)"', page.text)
    page = await desk.browser.post(action)
    assert "None yet." in page.text
    assert flagged not in (await desk.browser.get(desk.hours)).text
    assert await count("busy_time") == 0


async def test_a_provider_pastes_a_calendar_and_the_time_is_gone(desk: Desk, browser: Fresh):
    free = SLOT.findall((await desk.browser.get(desk.book)).text)[20]
    doctor = await sign_in(browser(), desk.doctor)
    page = await doctor.get("/provider")
    assert 'href="/provider/calendar"' in page.text
    await doctor.get("/provider/calendar")
    start_at = datetime.fromisoformat(free.split("@")[1])
    page = await doctor.post("/provider/calendar/feeds/file", {"file": calendar(start_at), "file_name": "Old"})
    assert page.url.path == "/provider/calendar"
    assert "pasted" in page.text
    assert free not in SLOT.findall((await desk.browser.get(desk.book)).text)
    (action,) = re.findall(r'action="([^"]+/remove)"', page.text)
    await doctor.post(action)
    assert free in SLOT.findall((await desk.browser.get(desk.book)).text)


@pytest.mark.parametrize(
    ("path", "fields", "wrong"),
    [
        ("", {}, {"url"}),
        ("", {"url": "ftp://calendar.example/a", "name": "Mine"}, {"url"}),
        ("", {"url": "https://a:b@calendar.example/", "name": "Mine"}, {"url"}),
        ("", {"url": "https://calendar.example/", "name": "x" * 61}, {"name"}),
        ("/file", {}, {"file"}),
        ("/file", {"file": "BEGIN:VCALENDAR", "file_name": "Old"}, {"file"}),
        ("/file", {"file": "<html></html>", "file_name": "Old"}, {"file"}),
        ("/file", {"file": "BEGIN:VCALENDAR\nEND:VCALENDAR", "file_name": "x\ty"}, {"file_name"}),
    ],
)
async def test_what_cannot_be_used_comes_back_with_its_words(
    desk: Desk, path: str, fields: dict[str, str], wrong: set[str]
):
    await desk.browser.get(f"{desk.hours}/calendars")
    page = await desk.browser.post(f"{desk.hours}/calendars{path}", fields)
    assert page.status_code == 422
    assert errors(page.text) == wrong
    assert await count("busy_feed") == 0


async def test_a_provider_reaches_no_colleague_s_calendars(desk: Desk, browser: Fresh):
    assert desk.doctor.practitioner is not None
    await busy.add_address(SYSTEM, desk.doctor.practitioner.id, "", "https://calendar.example/", HERE, clock.now())
    (feed,) = await scheduling.busy_feeds(SYSTEM, desk.doctor.practitioner.id)
    ned = await sign_in(browser(), await cast.provider("Ned Okafor", "America/Denver", ("CO",)))
    page = await ned.get("/provider/calendar")
    assert "calendar.example" not in main_of(page.text)
    for act in ("remove", "read"):
        assert (await ned.post(f"/provider/calendar/feeds/{feed.id}/{act}")).status_code == 404
        assert (await ned.post(f"{desk.hours}/calendars/{feed.id}/{act}")).status_code == 403
    assert await count("busy_feed") == 1
