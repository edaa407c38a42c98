"""The development pages: the inbox and the clock; and that production has neither."""

import mailbox
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from carepath.app import Application
from carepath.kit import clock
from carepath.settings import Settings
from carepath.web import dev, routes
from tests.web.client import Browser

Fresh = Callable[[], Browser]
ICS = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def inbox(settings: Settings, app: Application) -> Iterator[mailbox.Maildir]:
    """The catcher's folder, empty before and after."""
    box = mailbox.Maildir(settings.data_dir / "mail", create=True)
    box.clear()
    yield box
    box.clear()


@pytest.fixture
def travelling(settings: Settings, app: Application) -> Iterator[None]:
    clock.follow(settings.data_dir)
    clock.reset()
    yield
    clock.reset()


def put(box: mailbox.Maildir, subject: str, has_calendar: bool = False) -> str:
    mail = EmailMessage()
    mail["To"], mail["Subject"], mail["Date"] = "Ada <ada@mail.example>", subject, "Mon, 23 Nov 2026 12:00:00 +0000"
    mail.set_content("See http://localhost:8000/link/abc <script>alert(1)</script>")
    mail.add_alternative("<p style='color:red'>Hello</p><script>alert(1)</script>", subtype="html")
    if has_calendar:
        mail.add_alternative(ICS, subtype="calendar")
    return box.add(mail.as_bytes())


async def test_the_inbox_lists_the_newest_first(browser: Fresh, inbox: mailbox.Maildir):
    assert "No mail yet" in (await browser().get("/dev/mail")).text
    put(inbox, "The first")
    put(inbox, "A visit", has_calendar=True)
    page = (await browser().get("/dev/mail")).text
    assert page.index("A visit") < page.index("The first")
    assert page.count("badge-blue") == 1
    assert "2 mails" in page


async def test_a_mail_is_shown_as_text_and_in_a_locked_frame(browser: Fresh, inbox: mailbox.Maildir):
    key = put(inbox, "A visit", has_calendar=True)
    page = await browser().get(f"/dev/mail/{key}")
    assert 'href="http://localhost:8000/link/abc"' in page.text
    assert "<script>alert(1)" not in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    frame = await browser().get(f"/dev/mail/{key}/html")
    assert "Hello" in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "script-src" not in frame.headers["content-security-policy"]
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"


async def test_the_calendar_file_can_be_taken(browser: Fresh, inbox: mailbox.Maildir):
    key = put(inbox, "A visit", has_calendar=True)
    file = await browser().get(f"/dev/mail/{key}/visit.ics")
    assert "BEGIN:VCALENDAR" in file.text
    assert file.headers["content-type"].startswith("text/calendar")
    assert "attachment" in file.headers["content-disposition"]
    plain = put(inbox, "No calendar")
    assert (await browser().get(f"/dev/mail/{plain}/visit.ics")).status_code == 404


@pytest.mark.parametrize("key", ["nothing", "..", "..%2f..%2fclock.json", "%00", "a:2,S"])
async def test_unknown_mails_are_not_found(browser: Fresh, inbox: mailbox.Maildir, key: str):
    for tail in ("", "/html", "/visit.ics"):
        assert (await browser().get(f"/dev/mail/{key}{tail}")).status_code == 404


async def test_a_mail_without_anything_is_still_a_page(browser: Fresh, inbox: mailbox.Maildir):
    key = inbox.add(b"\xff\xfe not a mail at all")
    assert (await browser().get("/dev/mail")).status_code == 200
    assert (await browser().get(f"/dev/mail/{key}")).status_code == 200
    assert (await browser().get(f"/dev/mail/{key}/html")).status_code == 404


@pytest.mark.usefixtures("travelling")
@pytest.mark.parametrize(("jump", "hours"), [("hour", 1), ("day", 24), ("reminder", 26), ("week", 168)])
async def test_the_clock_travels_and_returns(browser: Fresh, jump: str, hours: int):
    mine = browser()
    page = await mine.get("/dev/clock")
    assert "Back to true time" not in page.text
    page = await mine.post("/dev/clock", {"jump": jump})
    assert page.url.path == "/dev/clock"
    assert clock.offset() == timedelta(hours=hours)
    assert "Back to true time" in page.text
    await mine.post("/dev/clock", {"jump": "reset"})
    assert clock.offset() == timedelta()


@pytest.mark.usefixtures("travelling")
@pytest.mark.parametrize("fields", [{}, {"jump": ""}, {"jump": "century"}, {"jump": ["hour", "hour"]}])
async def test_a_broken_jump_moves_nothing(browser: Fresh, fields: dict[str, str | list[str]]):
    mine = browser()
    await mine.get("/dev/clock")
    assert (await mine.post("/dev/clock", fields)).status_code == 422
    assert clock.offset() == timedelta()


def test_production_has_none_of_these_pages(settings: Settings, tmp_path: Path):
    assert dev.router in routes.all_routes(settings)
    assert dev.router not in routes.all_routes(replace(settings, environment="production"))
