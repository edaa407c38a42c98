"""The coordinator's desk over HTTP: what is shown, what is refused, what is stored."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carepath import configuration
from carepath.dev import life, people
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import SLOT, Desk, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


async def test_booking_for_a_patient_tells_them_and_shows_both_zones(desk: Desk):
    visit = await booked(desk)
    page = await desk.browser.get(f"/coordinator/consults/{visit.id}")
    assert visit.status == "booked"
    for words in ("Paula Winter", "Central", "Mountain", "paula.winter@mail.example"):
        assert words in page.text
    assert await count("message", "kind = 'consult-booked' AND status = 'queued'") == 1
    assert await count("audit_event", "action = 'book' AND actor_role = 'coordinator'") == 1


@pytest.mark.parametrize("path", ["", "?from=nonsense&visit=nonsense", "?from=9999-12-31", "?from=2020-01-01"])
async def test_times_are_offered_whatever_the_address_asks(desk: Desk, path: str):
    page = await desk.browser.get(desk.book + path)
    assert page.status_code == 200
    assert SLOT.search(page.text)


async def test_without_a_free_time_the_page_says_why(desk: Desk):
    page = await desk.browser.get(f"{desk.book}?from={clock.now().date() + timedelta(days=300)}")
    assert not SLOT.search(page.text)
    assert "Dr. Rosa Delgado" in main_of(page.text)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"slot": ""},
        {"visit": "evaluation"},
        {"visit": "evaluation", "slot": "tomorrow"},
        {"visit": "evaluation", "slot": f"{new_id()}@2026-02-31T10:00:00+00:00"},
        {"visit": "party", "slot": f"{new_id()}@2026-12-01T17:00:00+00:00"},
        {"visit": ["evaluation", "evaluation"], "slot": "x"},
    ],
)
async def test_a_broken_booking_stores_nothing(desk: Desk, fields: dict[str, str | list[str]]):
    await desk.browser.get(desk.book)
    page = await desk.browser.post(desk.book, fields)
    assert page.status_code == 422
    assert "Please look at this again" in page.text
    assert SLOT.search(page.text)
    assert await count("appointment") == 0


async def test_a_time_that_went_meanwhile_is_refused_kindly(desk: Desk):
    page = await desk.browser.get(desk.book)
    slot = SLOT.findall(page.text)[0]
    who, start = slot.split("@")
    other = await cast.patient("Olaf", "Summer")
    coordinator = await cast.coordinator("Second Lind")
    at = datetime.fromisoformat(start)
    await book.book_for(coordinator.actor, other.id, UUID(who), "evaluation", at, clock.now())
    page = await desk.browser.post(desk.book, {"visit": "evaluation", "slot": slot})
    assert page.status_code == 409
    assert slot not in SLOT.findall(page.text)
    assert SLOT.search(page.text)


async def test_moving_keeps_the_visit_and_tells_the_patient(desk: Desk):
    before = await booked(desk, 60)  # not so soon that a reason is needed
    page = await desk.browser.get(f"/coordinator/consults/{before.id}")
    other = SLOT.findall(page.text)[-1]
    page = await desk.browser.post(f"/coordinator/consults/{before.id}/move", {"slot": other, "move_reason": "Asked."})
    assert page.url.path == f"/coordinator/consults/{before.id}"
    after = await scheduling.get(SYSTEM.scope, before.id)
    assert after.start_at == datetime.fromisoformat(other.split("@")[1])
    assert after.version == before.version + 1
    assert await count("message", "kind = 'consult-moved'") == 1
    assert "Moved (office)" in page.text


@pytest.mark.parametrize("slot", ["", "nonsense", f"{new_id()}@2026-02-31T10:00:00+00:00"])
async def test_a_broken_move_moves_nothing(desk: Desk, slot: str):
    before = await booked(desk)
    page = await desk.browser.post(f"/coordinator/consults/{before.id}/move", {"slot": slot})
    assert page.status_code == 422
    assert await scheduling.get(SYSTEM.scope, before.id) == before


async def test_cancelling_needs_a_reason(desk: Desk):
    visit = await booked(desk)
    path = f"/coordinator/consults/{visit.id}"
    for reason in ("", "   ", "x" * 501, "bell\x07"):
        page = await desk.browser.post(f"{path}/cancel", {"reason": reason})
        assert page.status_code == 422, reason
        assert 'id="reason-error"' in page.text
        assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "booked"
    assert "x" * 501 not in page.text
    page = await desk.browser.post(f"{path}/cancel", {"reason": "Dr. Delgado is ill <b>today</b>"})
    assert page.status_code == 200
    assert "Dr. Delgado is ill &lt;b&gt;today&lt;/b&gt;" in page.text
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "cancelled"
    assert await count("message", "kind = 'consult-cancelled'") == 1
    assert await count("message", "kind LIKE 'consult-reminder%' AND status = 'queued'") == 0


async def test_the_board_shows_the_week_in_the_chosen_zone(desk: Desk):
    visit = await booked(desk)
    week = visit.start_at.date().isoformat()
    for zone, words in (("America/Denver", "Mountain"), ("America/New_York", "Eastern")):
        page = main_of((await desk.browser.get(f"/coordinator?week={week}&zone={zone}")).text)
        assert "Paula Winter" in page
        assert words in page
        local = visit.start_at.astimezone(ZoneInfo(zone))
        assert f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}" in page
        assert "9 AM–5 PM (Denver)" in page


@pytest.mark.parametrize("query", ["?week=2026-02-31", "?week=9999-12-31", "?week=x&zone=../../etc/passwd", "?zone="])
async def test_nonsense_in_the_address_shows_this_week(desk: Desk, query: str):
    page = await desk.browser.get(f"/coordinator{query}")
    assert page.status_code == 200
    assert "today" in page.text


async def test_what_does_not_exist_is_not_found(desk: Desk):
    await desk.browser.get("/coordinator")
    nothing = new_id()
    for path in (f"book/{nothing}", f"hours/{nothing}", f"consults/{nothing}", "consults/1", "book/'--"):
        assert (await desk.browser.get(f"/coordinator/{path}")).status_code == 404, path
    for path in (f"consults/{nothing}/cancel", f"messages/{nothing}/retry", f"hours/{nothing}"):
        assert (await desk.browser.post(f"/coordinator/{path}", {"reason": "x"})).status_code == 404, path


async def test_other_roles_are_refused(browser: Fresh, desk: Desk):
    visit = await booked(desk)
    paths = ["", "/book", f"/book/{desk.paula.id}", f"/consults/{visit.id}", "/messages"]
    for member in (desk.doctor, await cast.admin()):
        stranger = await sign_in(browser(), member)
        for path in paths:
            assert (await stranger.get(f"/coordinator{path}")).status_code == 403, path
        assert (await stranger.post(f"/coordinator/consults/{visit.id}/cancel", {"reason": "x"})).status_code == 403
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "booked"


CLINICAL = re.compile(r"phq|gad-7|peg|pain|fibro|neurop|ketamin|suicid|urgent|crisis|dose|score|bladder", re.IGNORECASE)


async def test_nothing_clinical_reaches_any_page(desk: Desk, settings: Settings):
    """Lives of many stages, an urgent one among them; the pages tell nobody's apart by more than their visits."""
    catalogue = configuration.load(settings.config_dir).intake
    assert desk.doctor.practitioner is not None
    providers, now = {desk.doctor.practitioner.id: desk.doctor.actor}, clock.now()
    stages = ("crisis", "booked", "stopped-by-rule", "sent", "waiting-for-decision", "maintenance-red")
    for number, stage in enumerate(stages):
        rest = (
            f"person{number}@mail.example",
            date(1980, 1, 1),
            "CO",
            "America/Denver",
            stage,
            7,
            "Walk the dog again.",
        )
        person = people.DemoPatient(number, f"Person{number}", "Vale", *rest)
        await life.live(person, providers, catalogue, Random(number), now)
    pages = ["/coordinator", "/coordinator/book", desk.hours]
    found = await db.rows("SELECT id FROM appointment")
    pages += [f"/coordinator/consults/{row['id']}" for row in found]
    pages += [f"/coordinator/book/{row['id']}" for row in await db.rows("SELECT id FROM patient LIMIT 3")]
    assert found
    for path in pages:
        page = await desk.browser.get(path)
        assert page.status_code == 200
        assert not CLINICAL.search(main_of(page.text)), (path, CLINICAL.search(main_of(page.text)))
        assert "Walk the dog" not in page.text
    lines = dict(re.findall(r"<tr><td>(.*?)</td>(.*?)</tr>", (await desk.browser.get("/coordinator/book")).text))
    told = [line for name, line in lines.items() if re.search(r"Person[023] ", name)]
    assert len(told) == 3
    assert len(set(told)) == 1, "whoever sent their answers looks the same, whatever they answered"
    messages = main_of((await desk.browser.get("/coordinator/messages")).text)
    assert "mail.example" not in messages
    assert not CLINICAL.search(messages), CLINICAL.search(messages)
    told = [
        sorted(re.findall(rf">([^<>]+)</a></td><td data-label=\"To\"><a [^>]*>Person{n} ", messages)) for n in (0, 2, 3)
    ]
    assert "Person1" in messages
    assert told[0] == told[1] == told[2], "whatever they answered, they got the same mails"
