"""The admin's pages of messages: every kind as it would leave, its HTML locked away from the page."""

from collections.abc import Callable

import pytest

from carepath.notifications.rules.kinds import KINDS
from tests import cast
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

Fresh = Callable[[], Browser]
PATH = "/admin/messages"


@pytest.fixture
async def desk(browser: Fresh) -> Browser:
    return await sign_in(browser(), await cast.admin())


async def test_every_kind_is_listed_and_leads_to_its_page(desk: Browser):
    page = await desk.get(PATH)
    for kind in KINDS:
        assert f'href="{PATH}/{kind}"' in page.text
        assert (await desk.get(f"{PATH}/{kind}")).status_code == 200


async def test_a_kind_shows_subject_text_and_calendar_file(desk: Browser):
    page = main_of((await desk.get(f"{PATH}/consult-booked")).text)
    for words in ("Your visit on Tuesday, March 9, 2027", "Hello Jordan,", "BEGIN:VCALENDAR", "Mountain Standard Time"):
        assert words in page
    assert "BEGIN:VCALENDAR" not in main_of((await desk.get(f"{PATH}/decision-ready")).text)


async def test_the_mail_is_locked_away_from_the_page(desk: Browser):
    page = await desk.get(f"{PATH}/consult-booked")
    assert f'src="{PATH}/consult-booked/html" sandbox ' in page.text
    policy = page.headers["content-security-policy"]
    assert "frame-src 'self'" in policy
    assert "unsafe" not in policy
    frame = await desk.get(f"{PATH}/consult-booked/html")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "allow-" not in policy
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<script" not in frame.text


@pytest.mark.parametrize("kind", ["nothing", "..%2f..%2fbase", "base.html", "%00", "consult-booked%00", "x" * 3000])
async def test_a_kind_that_is_none_is_not_found(desk: Browser, kind: str):
    for path in (f"{PATH}/{kind}", f"{PATH}/{kind}/html"):
        assert (await desk.get(path)).status_code == 404


async def test_others_are_refused(browser: Fresh, desk: Browser):
    for member in (await cast.provider(), await cast.coordinator()):
        stranger = await sign_in(browser(), member)
        for path in (PATH, f"{PATH}/sign-in", f"{PATH}/sign-in/html"):
            assert (await stranger.get(path)).status_code == 403
    nobody = browser()
    assert (await nobody.get(f"{PATH}/sign-in/html")).url.path == "/staff/sign-in"
