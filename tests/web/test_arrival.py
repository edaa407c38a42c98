"""Entering a visit over HTTP: the question where one is, the room, being turned away, the way back."""

import re
from collections.abc import Callable

import pytest

from carepath.accounts import sessions
from carepath.accounts.people import Link
from carepath.evaluations import service as evaluations
from carepath.intake import service as intakes
from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id, new_token
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from tests.web.client import Browser
from tests.web.desks import Desk, begins_in, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]
ROOM = "Open the video room"


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


async def by_mail(fresh: Fresh, visit: Appointment) -> Browser:
    """A patient's browser that came by the reminder's link: it reaches this visit only."""
    token, now = new_token(), clock.now()
    link = Link(new_id(), "appointment", visit.patient_id, None, visit.id)
    await sessions.store_link(link, token, now, visit.end_at)
    mine = fresh()
    await mine.get(f"/link/{token}")
    page = await mine.post(f"/link/{token}")
    assert page.url.path == f"/visits/{visit.id}", page.text
    return mine


async def at_the_door(fresh: Fresh, visit: Appointment) -> Browser:
    """The same, ten minutes before the visit."""
    mine = await by_mail(fresh, visit)
    await begins_in(visit.id)
    await mine.get(f"/visits/{visit.id}")
    return mine


async def test_the_reminders_link_leads_through_the_question_into_the_room(desk: Desk, browser: Fresh):
    visit = await booked(desk)
    mine = await by_mail(browser, visit)
    early = (await mine.get(f"/visits/{visit.id}")).text
    assert ROOM not in early
    assert visit.room not in early
    assert "You can enter the video room here from" in early, early
    await begins_in(visit.id)
    page = await mine.get(f"/visits/{visit.id}")
    assert ROOM not in page.text
    assert visit.room not in page.text
    assert '<option value="" selected>' in page.text
    page = await mine.post(f"/visits/{visit.id}/location", {"located_in": "CO"})
    assert page.url.path == f"/visits/{visit.id}"
    assert f'href="{visit.room}"' in page.text
    assert "You said you are in Colorado" in page.text
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "checked-in"
    assert await count("audit_event", "action = 'check-in' AND actor_role = 'patient'") == 1


async def test_a_patient_elsewhere_reads_why_and_the_clinic_sees_it(desk: Desk, browser: Fresh):
    visit = await booked(desk)
    mine = await at_the_door(browser, visit)
    page = await mine.post(f"/visits/{visit.id}/location", {"located_in": "NV"})
    words = main_of(page.text)
    assert "Dr. Rosa Delgado is not licensed in Nevada, so this visit cannot take place while you are there." in words
    assert "Please call Larkspur Pain Clinic at +1 555 0100." in words
    assert ROOM not in words
    board = (await desk.browser.get("/coordinator")).text
    assert re.search(rf'href="/coordinator/consults/{visit.id}">[^<]*Paula Winter</a>[^<]*they are where', board)
    consult = (await desk.browser.get(f"/coordinator/consults/{visit.id}")).text
    assert "Says to be in now" in consult
    assert "Turned away: may not be seen where they are (patient)" in consult
    assert await count("audit_event", "action = 'turn-away'") == 1
    page = await mine.post(f"/visits/{visit.id}/location", {"located_in": "CO"})
    assert f'href="{visit.room}"' in page.text
    assert "they are where" not in flagged_part((await desk.browser.get("/coordinator")).text)


def flagged_part(text: str) -> str:
    return "".join(re.findall(r'<section class="notice notice-red".*?</section>', text, re.DOTALL))


async def test_a_patient_turned_away_stays_listed_after_the_time_and_can_be_moved(desk: Desk, browser: Fresh):
    visit = await booked(desk)
    mine = await at_the_door(browser, visit)
    await mine.post(f"/visits/{visit.id}/location", {"located_in": "NV"})
    await begins_in(visit.id, -300)
    assert f"/coordinator/consults/{visit.id}" in flagged_part((await desk.browser.get("/coordinator")).text)
    page = await desk.browser.get(f"/coordinator/consults/{visit.id}")
    assert 'name="slot"' in page.text


@pytest.mark.parametrize("fields", [{}, {"located_in": ""}, {"located_in": "XX"}, {"located_in": ["CO", "UT"]}])
async def test_an_answer_that_is_none_opens_nothing(desk: Desk, browser: Fresh, fields: dict[str, str | list[str]]):
    visit = await booked(desk)
    mine = await at_the_door(browser, visit)
    page = await mine.post(f"/visits/{visit.id}/location", fields)
    assert page.status_code == 422
    assert 'id="located_in-error"' in page.text
    assert ROOM not in page.text
    assert (await scheduling.get(SYSTEM.scope, visit.id)).located_in is None


async def test_before_the_time_nothing_is_asked_or_taken(desk: Desk, browser: Fresh):
    visit = await booked(desk)
    mine = await at_the_door(browser, visit)
    await begins_in(visit.id, 45)
    page = await mine.post(f"/visits/{visit.id}/location", {"located_in": "CO"})
    assert page.status_code == 409
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "booked"


async def test_the_provider_reads_where_the_patient_is(desk: Desk, browser: Fresh):
    visit = await booked(desk)
    mine = await at_the_door(browser, visit)
    await mine.post(f"/visits/{visit.id}/location", {"located_in": "NV"})
    intake, now = await intakes.newest(SYSTEM, visit.patient_id), clock.now()
    assert intake is not None
    opened = await evaluations.open_for(SYSTEM, visit.patient_id, intake.id, "routine", now)
    await evaluations.assign_for_visit(SYSTEM, visit.patient_id, visit.practitioner_id, now)
    theirs = await sign_in(browser(), desk.doctor)
    text = (await theirs.get(f"/provider/evaluations/{opened.id}")).text
    assert "The patient says they are in NV. You may not see them there" in text
