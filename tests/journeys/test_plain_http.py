"""The whole journey over plain HTTP, as a browser without JavaScript lives it."""

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random

import pyotp
import pytest
from icalendar import Calendar

from carepath import configuration
from carepath.app import Application
from carepath.dev import answers as demo
from carepath.dev.people import DemoPatient
from carepath.journey import follow_up
from carepath.kit import clock, db, when
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast
from tests.mailroom import Mailroom, mailroom
from tests.web.client import Browser

Fresh = Callable[[], Browser]
EMAIL = "ada.winter@mail.example"


@pytest.fixture
def travelling(settings: Settings, app: Application):
    clock.follow(settings.data_dir)
    yield
    clock.reset()


def link_in(mail: EmailMessage) -> str:
    """The path of the link in a mail's text."""
    part = mail.get_body(("plain",))
    assert part is not None
    found = re.search(r"http://localhost:8000(/\S+)", part.get_content())
    assert found is not None, part.get_content()
    return found[1]


def person() -> DemoPatient:
    return DemoPatient(
        1, "Ada", "Winter", EMAIL, datetime(1980, 5, 17).date(), "CO", "America/Denver", "sent", 8, "Walk."
    )


async def apply(patient: Browser, room: Mailroom) -> None:
    """From the landing page to a proved address."""
    page = await patient.get("/")
    assert "Relief, not cure" in page.text
    assert "off-label" in page.text.lower()
    await patient.get("/eligibility")
    form = questionnaires.current("https://carepath.example/Questionnaire/eligibility")
    fields = demo.fields(form, demo.eligibility())
    born = {"birth_month": "5", "birth_day": "17", "birth_year": "1980", "jurisdiction": "CO", "zone": ""}
    page = await patient.post("/eligibility", {**fields, **born})
    assert page.url.path == "/apply/email", page.text
    page = await patient.post("/apply/email", {"first_name": "Ada", "last_name": "Winter", "email": EMAIL})
    assert page.url.path == "/check-your-mail"
    await room.drain(clock.now())
    link = link_in(room.to(EMAIL)[-1])
    await patient.get(link)
    assert (await patient.http.head(link)).status_code in {200, 405}
    page = await patient.post(link)
    assert page.url.path == "/intake", page.text


async def fill_in(patient: Browser) -> None:
    """Every section, then every consent, then send."""
    for slug, given in demo.sections(person(), Random(7)).items():
        page = await patient.get(f"/intake/{slug}")
        form = questionnaires.current(f"https://carepath.example/Questionnaire/{slug}")
        fields = demo.fields(form, demo.filled(form, given))
        for _round in range(3):
            revision = re.search(r'name="revision" value="(\d+)"', page.text)
            shown = re.search(r'name="shown" value="([^"]*)"', page.text)
            assert revision is not None
            assert shown is not None
            page = await patient.post(f"/intake/{slug}", {**fields, "revision": revision[1], "shown": shown[1]})
            if page.url.path != f"/intake/{slug}":
                break
        assert page.status_code == 200, page.text
    for consent in dict.fromkeys(re.findall(r'href="(/consents/[a-z]+)"', (await patient.get("/intake")).text)):
        page = await patient.get(consent)
        fields = dict.fromkeys(
            re.findall(r'<input type="text" id="([a-z-]+)" name="\1"[^>]*class="width-short"', page.text), "AW"
        )
        page = await patient.post(consent, {**fields, "signed_name": "Ada Winter"})
        assert page.status_code == 200, page.text
    page = await patient.post("/send")
    assert page.url.path == "/verdict", page.text


async def choose_time(patient: Browser) -> str:
    """Hold the first free start and book it; answers the visit's path."""
    page = await patient.get("/slots")
    slot = re.findall(r'name="slot" value="([^"]+)"', page.text)[0]
    page = await patient.post("/slots", {"slot": slot})
    assert page.url.path.startswith("/holds/"), page.text
    assert "data-seconds" in page.text
    page = await patient.post(f"{page.url.path}/confirm")
    assert page.url.path.startswith("/visits/"), page.text
    return page.url.path


async def sign_in(staff: Browser, member: cast.Staff) -> None:
    """Password, then code."""
    await db.execute("UPDATE account SET totp_last_step = 0")
    await staff.get("/staff/sign-in")
    page = await staff.post("/staff/sign-in", {"email": member.account.email, "password": cast.PASSWORD})
    assert page.url.path == "/staff/code", page.text
    page = await staff.post("/staff/code", {"code": pyotp.TOTP(cast.TOTP).now()})
    assert page.status_code == 200, page.text


@pytest.mark.usefixtures("travelling")
async def test_a_patient_lives_the_whole_journey(browser: Fresh, settings: Settings):
    loaded = configuration.load(settings.config_dir)
    doctor, patient, desk = await cast.provider(), browser(), browser()
    async with mailroom(settings, loaded) as room:
        await apply(patient, room)
        await fill_in(patient)
        visit = await choose_time(patient)
        await room.drain(clock.now())
        await check_confirmation(room)
        await see_reminders(room, visit)
        await enter(browser(), visit, room)
        await be_evaluated(desk, doctor, room)
        await be_followed_up(desk, browser(), room)


async def check_confirmation(room: Mailroom) -> None:
    """The mail says the time and carries a calendar file; nothing clinical."""
    mail = room.to(EMAIL)[-1]
    assert "booked" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    event = Calendar.from_ical(
        part.get_content() if isinstance(part.get_content(), bytes) else part.get_content().encode()
    )
    assert event["METHOD"] == "REQUEST"
    assert event.walk("VEVENT")[0]["SEQUENCE"] == 0
    assert "ketamine" not in mail.as_string().lower()


async def see_reminders(room: Mailroom, visit: str) -> None:
    """Travel to each reminder's moment; each leaves once, and none leaves early."""
    row = await db.row("SELECT start_at FROM appointment WHERE id = {}", visit.rsplit("/", 1)[1])
    assert row is not None
    for hours in (72, 24, 1):
        due = row["start_at"] - timedelta(hours=hours)
        if due <= clock.now():
            continue
        before = len(reminders(room))
        clock.travel(due - clock.now() - timedelta(minutes=1))
        await room.drain(clock.now())
        assert len(reminders(room)) == before
        clock.travel(timedelta(minutes=2))
        await room.drain(clock.now())
        await room.drain(clock.now())
        assert len(reminders(room)) == before + 1
    assert len([mail for mail in room.mails if "Before your visit" in str(mail["Subject"])]) == 1
    clock.travel(row["start_at"] - clock.now() - timedelta(minutes=20))


def reminders(room: Mailroom) -> list[object]:
    return [mail for mail in room.mails if "Reminder" in str(mail["Subject"])]


async def enter(phone: Browser, visit: str, room: Mailroom) -> None:
    """By the reminder's link: where are you? Elsewhere there is no room; where the provider is licensed, it opens."""
    link = link_in(room.to(EMAIL)[-1])
    await phone.get(link)
    page = await phone.post(link)
    assert page.url.path == visit
    assert "Open the video room" not in page.text
    page = await phone.post(f"{visit}/location", {"located_in": "NV"})
    assert "is not licensed in Nevada" in page.text
    assert "Open the video room" not in page.text
    page = await phone.post(f"{visit}/location", {"located_in": "CO"})
    assert "Open the video room" in page.text
    clock.travel(timedelta(minutes=70))


async def be_evaluated(desk: Browser, doctor: cast.Staff, room: Mailroom) -> None:
    """The provider finds the evaluation, records the visit, decides and writes a plan."""
    await sign_in(desk, doctor)
    page = await desk.get("/provider")
    assert "Ada Winter" in page.text
    evaluation = re.findall(r'href="(/provider/evaluations/[^"]+)"', page.text)[0]
    page = await desk.get(evaluation)
    assert "PHQ-9" in page.text
    visits = re.findall(rf'action="({evaluation}/visits/[^"]+)"', page.text)
    page = await desk.post(visits[0], {"happened": "fulfil"})
    version = re.findall(r'name="version" value="(\d+)"', page.text)[0]
    refused = await desk.post(
        f"{evaluation}/decide", {"outcome": "suitable", "words_suitable": " ", "version": version}
    )
    assert refused.status_code == 422
    decision = {"outcome": "suitable", "words_suitable": "We begin carefully.", "version": version}
    early = await desk.post(f"{evaluation}/decide", decision)
    assert early.status_code == 422
    assert "PDMP: not checked yet." in early.text
    await see_to_it(desk, evaluation)
    page = await desk.post(f"{evaluation}/decide", decision)
    assert page.status_code == 200, page.text
    record = re.findall(r'href="(/provider/patients/[^"]+)"', page.text)
    page = await desk.get(record[-1])
    plan = {
        "phase": "induction", "route": "iv", "setting": "clinic", "dose": "as in the protocol", "interval_days": "28",
        "check_in_every_days": "14", "goals": "Walk again", "starts_on": clock.now().date().isoformat(),
    }  # fmt: skip
    wrong = await desk.post(f"{record[-1]}/plan", {**plan, "interval_days": "0", "dose": ""})
    assert wrong.status_code == 422
    assert "Walk again" in wrong.text
    page = await desk.post(f"{record[-1]}/plan", plan)
    assert "as in the protocol" in html.unescape(page.text)
    await room.drain(clock.now())
    assert "news on your page" in str(room.to(EMAIL)[-1]["Subject"])


async def see_to_it(desk: Browser, evaluation: str) -> None:
    """The checklist, on the page."""
    today = clock.now().astimezone(when.zone("America/Denver")).date().isoformat()
    entries = {
        "identity": {"document": "photo-id"}, "location": {"state": "CO"}, "pdmp": {"pdmp_on": today},
        "blood-pressure": {"systolic": "128", "diastolic": "82", "heart_rate": "70", "pressure_on": today},
        "in-person": {"basis": "exam", "exam_on": today},
    }  # fmt: skip
    for item, fields in entries.items():
        page = await desk.post(f"{evaluation}/checks/{item}", fields)
        assert page.status_code == 200, page.text
    assert "Nothing stands in the way" in page.text


async def be_followed_up(desk: Browser, phone: Browser, room: Mailroom) -> None:
    """A check-in falls due, is answered by its link on another device, and is seen."""
    clock.travel(timedelta(days=14, minutes=5))
    assert await follow_up.tick(clock.now()) == (1, 0)
    await room.drain(clock.now())
    link = link_in(room.to(EMAIL)[-1])
    await phone.get(link)
    page = await phone.post(link)
    assert page.url.path.startswith("/check-ins/"), page.text
    form = questionnaires.current("https://carepath.example/Questionnaire/check-in")
    given = demo.filled(form, {**demo.check_in(4.0, Random(1), blood=True), "checkin.effects": ["none"]})
    shown = re.search(r'name="shown" value="([^"]*)"', page.text)
    assert shown is not None
    page = await phone.post(page.url.path, {**demo.fields(form, given), "shown": shown[1]})
    assert "Thank you" in page.text, page.text
    assert (await phone.get("/home")).url.path == "/sign-in"
    await sign_in(desk, await _again())
    page = await desk.get("/provider")
    assert "Blood in the urine" in page.text
    page = await desk.get(re.findall(r'href="(/provider/patients/[0-9a-f-]+)"', page.text)[0])
    assert "<svg" in page.text
    (path,) = re.findall(r'action="(/provider/patients/[^"]+/signals)"', page.text)
    ids = re.findall(r'name="signal"[^>]*value="([^"]+)"', page.text)
    assert (await desk.post(path, {"signal": ids, "signal_note": ""})).status_code == 422
    page = await desk.post(path, {"signal": ids, "signal_note": "Called; urinalysis ordered."})
    assert "urinalysis ordered" in page.text


async def _again() -> cast.Staff:
    """The provider of this journey, to sign in after the long travel."""
    from carepath.accounts import service as accounts
    from carepath.kit.actor import SYSTEM, Actor, Role

    account = (await accounts.accounts(SYSTEM))[0]
    return cast.Staff(account, Actor(Role.PROVIDER, account.id, None, account.practitioner_id))
