"""The coordinator's desk over HTTP: what is shown, what is refused, what is stored."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.dev import life, people
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

Fresh = Callable[[], Browser]
SLOT = re.compile(r'name="slot" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Desk:
    """A coordinator at work, a provider and somebody to book for."""

    browser: Browser
    doctor: cast.Staff
    paula: Patient

    @property
    def hours(self) -> str:
        assert self.doctor.practitioner is not None
        return f"/coordinator/hours/{self.doctor.practitioner.id}"

    @property
    def book(self) -> str:
        return f"/coordinator/book/{self.paula.id}"


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    made = Desk(browser(), await cast.provider(), await cast.patient())
    await sign_in(made.browser, await cast.coordinator())
    return made


async def count(table: str, where: str = "true") -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    assert found is not None
    return int(found["n"])


async def booked(desk: Desk, which: int = 0) -> Appointment:
    """Paula has a visit, booked over the page."""
    page = await desk.browser.get(desk.book)
    page = await desk.browser.post(desk.book, {"visit": "evaluation", "slot": SLOT.findall(page.text)[which]})
    assert page.url.path.startswith("/coordinator/consults/"), page.text
    return (await scheduling.appointments_of(SYSTEM.scope, desk.paula.id))[-1]


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
    before = await booked(desk)
    page = await desk.browser.get(f"/coordinator/consults/{before.id}")
    other = SLOT.findall(page.text)[-1]
    page = await desk.browser.post(f"/coordinator/consults/{before.id}/move", {"slot": other})
    assert page.url.path == f"/coordinator/consults/{before.id}"
    after = await scheduling.get(SYSTEM.scope, before.id)
    assert after.start_at == datetime.fromisoformat(other.split("@")[1])
    assert after.version == before.version + 1
    assert await count("message", "kind = 'consult-moved'") == 1
    assert "move (coordinator)" in page.text


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
        ({"opens_0": "09:00"}, "opens_0"),
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


async def test_a_failed_message_is_seen_and_tried_again(desk: Desk):
    await booked(desk)
    page = await desk.browser.get("/coordinator/messages")
    message = await db.row("SELECT id FROM message WHERE kind = 'consult-booked'")
    assert message is not None
    path = f"/coordinator/messages/{message['id']}/retry"
    assert path not in page.text
    assert (await desk.browser.post(path)).status_code == 409
    await db.execute("UPDATE message SET status = 'failed', reason = 'mailbox full' WHERE id = {}", message["id"])
    assert "1 messages could not be sent" in (await desk.browser.get("/coordinator")).text
    page = await desk.browser.get("/coordinator/messages?status=failed")
    assert "mailbox full" in page.text
    assert path in page.text
    await desk.browser.post(path)
    assert await count("message", "kind = 'consult-booked' AND status = 'queued'") == 1
    assert "mailbox full" not in (await desk.browser.get("/coordinator/messages?status=failed")).text
    assert (await desk.browser.get("/coordinator/messages?status=nonsense")).status_code == 200


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
    told = {line for name, line in lines.items() if re.search(r"Person[023] ", name)}
    assert len(told) == 1, "whoever sent their answers looks the same, whatever they answered"
    messages = main_of((await desk.browser.get("/coordinator/messages")).text)
    assert not re.search(r"Person\d|mail\.example", messages)
