"""A provider keeps their own hours over HTTP; nobody else's are there for them."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from carepath.journey import hours
from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound, Refused
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import ExceptionDraft
from tests import cast
from tests.web.client import Browser
from tests.web.desks import Desk, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]
PAGE = "/provider/hours"
OFF = ExceptionDraft("off", date(2027, 3, 1), date(2027, 3, 2), None, None)


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


@pytest.fixture
async def rosa(desk: Desk, browser: Fresh) -> Browser:
    return await sign_in(browser(), desk.doctor)


async def test_time_off_keeps_the_visit_flags_it_and_can_be_taken_back(desk: Desk, rosa: Browser):
    found = await booked(desk)
    day = found.start_at.astimezone(ZoneInfo("America/Denver")).date().isoformat()
    page = await rosa.post(f"{PAGE}/exceptions", {"kind": "off", "first_on": day})
    assert page.url.path == PAGE
    words = main_of(page.text)
    assert "Booked visits that do not stand any more: 1" in words
    assert "Paula Winter" in words
    assert "/coordinator" not in words, "a provider is led nowhere they may not go"
    assert (await scheduling.get(SYSTEM.scope, found.id)).status == "booked"
    assert f"/coordinator/consults/{found.id}" in (await desk.browser.get("/coordinator")).text
    (mine,) = await scheduling.exceptions_of(SYSTEM.scope, found.practitioner_id, date.min)
    page = await rosa.post(f"{PAGE}/exceptions/{mine.id}/remove")
    assert "do not stand any more" not in page.text


async def test_the_week_extra_hours_and_dated_weeks_are_ones_own(desk: Desk, rosa: Browser):
    assert desk.doctor.practitioner is not None
    who, since = desk.doctor.practitioner.id, (clock.now().date() + timedelta(days=40)).isoformat()
    await rosa.get(PAGE)
    page = await rosa.post(
        f"{PAGE}/exceptions", {"kind": "extra", "first_on": since, "from_time": "18:00", "to_time": "20:00"}
    )
    assert "Extra hours" in main_of(page.text)
    page = await rosa.get(f"{PAGE}/week?from_on={since}")
    assert f'action="{PAGE}"' in page.text
    page = await rosa.post(PAGE, {"week_from": since, "opens_0_0": "10:00", "closes_0_0": "12:00"})
    assert page.url.path == PAGE
    assert [w.first_on.isoformat() for w in await scheduling.weeks_of(SYSTEM.scope, who)][-1] == since
    page = await rosa.post(f"{PAGE}/week/remove", {"week_from": since})
    assert since not in {w.first_on.isoformat() for w in await scheduling.weeks_of(SYSTEM.scope, who)}
    page = await rosa.post(PAGE, {"week_from": "2020-01-01", "opens_0_0": "12:00", "closes_0_0": "10:00"})
    assert page.status_code == 422
    assert 'value="12:00"' in page.text, "what was typed is kept"
    assert await count("audit_event", "subject = 'practitioner' AND actor_role = 'provider'") == 3


async def test_anothers_hours_are_not_there(desk: Desk, browser: Fresh):
    assert desk.doctor.practitioner is not None
    ivo, now, who = (
        await cast.provider("Ivo Brandt", "America/New_York", ("NY",)),
        clock.now(),
        desk.doctor.practitioner.id,
    )
    await scheduling.add_exception(SYSTEM, who, OFF, now)
    (theirs,) = await scheduling.exceptions_of(SYSTEM.scope, who, date.min)
    for verb in (
        hours.calendar(ivo.actor, who, now), hours.set_week(ivo.actor, who, date(2027, 3, 1), None, [], now),
        hours.week_to_edit(ivo.actor, who, date(2027, 3, 1), None, now),
        hours.remove_week(ivo.actor, who, date(2027, 3, 1), now), hours.add_exception(ivo.actor, who, OFF, now),
        hours.remove_exception(ivo.actor, who, theirs.id, now),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await verb
    assert ivo.practitioner is not None
    with pytest.raises(NotFound):
        await hours.remove_exception(ivo.actor, ivo.practitioner.id, theirs.id, now)
    with pytest.raises(Refused):
        await hours.set_limits(ivo.actor, ivo.practitioner.id, 3, None, 100, now)
    other = await sign_in(browser(), ivo)
    assert (await other.get(f"/coordinator/hours/{who}")).status_code == 403
    assert (await other.post(f"{PAGE}/exceptions/{theirs.id}/remove")).status_code == 404
    assert "limits" not in main_of((await other.get(PAGE)).text)
    assert len(await scheduling.exceptions_of(SYSTEM.scope, who, date.min)) == 1
