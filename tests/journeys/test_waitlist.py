"""Waiting for a time, by mail and pages: asked, offered, accepted or passed on; and what a plan asks for by itself."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft
from carepath.journey import book, waitlist
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import ExceptionDraft, RequestDraft
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.mailroom import Mailroom, mailroom
from tests.web.client import Browser

TODAY = NOW.date()
SOON = RequestDraft("evaluation", TODAY, TODAY + timedelta(days=20))
Fresh = Callable[[], Browser]


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


def me(patient: Patient) -> Actor:
    return Actor(Role.PATIENT, patient_id=patient.id)


async def kinds_of_messages() -> list[tuple[str, str]]:
    found = await db.rows("SELECT kind, status FROM message ORDER BY created_at, kind")
    return [(str(r["kind"]), str(r["status"])) for r in found]


async def test_who_waits_gets_one_mail_with_a_link_and_says_yes_without_signing_in(
    room: Mailroom, browser: Fresh, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    await cast.provider()
    paula = await cast.patient()
    await waitlist.ask(me(paula), SOON, NOW)
    assert await waitlist.tick(NOW) == 1
    assert await waitlist.tick(NOW) == 0
    await room.drain(NOW)
    [mail] = room.mails
    text = text_of(mail)
    link = re.search(r"http://localhost:8000(/link/\S+)", text)
    assert link is not None
    for private in ("Rosa", "evaluation", "ketamine", "Larkspur Pain Clinic, ", paula.last_name):
        assert private not in text.replace("Larkspur Pain Clinic ·", "")
    who = browser()
    await who.get(link[1])
    page = await who.post(link[1])
    assert page.url.path.startswith("/offers/")
    assert "Yes, take this time" in page.text
    assert (await who.get("/home")).url.path == "/sign-in"
    again = await who.get(page.url.path)
    assert "Yes, take this time" in again.text
    visit = await who.post(page.url.path, {"answer": "yes"})
    assert visit.url.path == page.url.path.replace("offers", "visits")
    found = await db.rows("SELECT status, request_id FROM appointment")
    assert [r["status"] for r in found] == ["booked"]
    sent = dict(await kinds_of_messages())
    assert sent["consult-offered"] == "sent"
    assert sent["consult-booked"] == "queued"
    assert sent["consult-reminder-1h"] == "queued"
    owner = await db.rows("SELECT 1 FROM evaluation WHERE patient_id = {} AND practitioner_id IS NOT NULL", paula.id)
    assert len(owner) <= 1


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["Subject"]) + body.get_content()


async def test_an_offer_that_ended_before_its_mail_left_is_not_told(room: Mailroom):
    await cast.provider()
    paula = await cast.patient()
    await waitlist.ask(me(paula), SOON, NOW)
    await waitlist.tick(NOW)
    [held] = await db.rows("SELECT id FROM appointment")
    await waitlist.decline(me(paula), held["id"], True, NOW)
    await room.drain(NOW)
    assert room.mails == []
    assert await kinds_of_messages() == [("consult-offered", "superseded")]


async def test_a_cancelled_visit_reaches_whoever_waits_in_the_next_round(room: Mailroom):
    rosa = await cast.provider()
    paula, otto = await cast.patient(), await cast.patient("Otto", "Lake")
    assert rosa.practitioner is not None
    at = datetime(2026, 12, 14, 16, 0, tzinfo=NOW.tzinfo)
    visit = await book.book_for(SYSTEM, otto.id, rosa.practitioner.id, "evaluation", at, NOW)
    off = ExceptionDraft("off", TODAY, date(2027, 2, 1))
    await scheduling.add_exception(SYSTEM, rosa.practitioner.id, off, NOW)
    day = await scheduling.add_exception(
        SYSTEM, rosa.practitioner.id, ExceptionDraft("extra", at.date(), at.date(), time(9), time(10)), NOW
    )
    assert day == []
    await waitlist.ask(me(paula), SOON, NOW)
    assert await waitlist.tick(NOW) == 0
    await book.cancel(me(otto), visit.id, "", NOW)
    assert await waitlist.tick(NOW + timedelta(seconds=2)) == 1
    offered = await db.row("SELECT patient_id, start_at FROM appointment WHERE status = 'proposed'")
    assert offered == {"patient_id": paula.id, "start_at": at}


async def test_one_who_books_by_themselves_waits_no_more(room: Mailroom):
    await cast.provider()
    paula = await cast.patient()
    added = await waitlist.ask(me(paula), replace(SOON, first_on=TODAY + timedelta(days=15)), NOW)
    offers = await book.offers(me(paula), TODAY, NOW)
    held = await book.hold(me(paula), offers[0].practitioner_id, offers[0].start_at, NOW)
    await book.confirm(me(paula), held.id, NOW)
    assert (await scheduling.request(SYSTEM.scope, added.id)).status == "fulfilled"


async def test_confirming_an_offer_like_a_hold_accepts_it(room: Mailroom):
    await cast.provider()
    paula = await cast.patient()
    added = await waitlist.ask(me(paula), SOON, NOW)
    await waitlist.tick(NOW)
    [held] = await db.rows("SELECT id FROM appointment")
    visit = await book.confirm(me(paula), held["id"], NOW)
    assert visit.status == "booked"
    assert (await scheduling.request(SYSTEM.scope, added.id)).status == "fulfilled"


@pytest.mark.parametrize("first", ["offer", "hold"])
async def test_an_offer_and_a_hold_of_ones_own_make_one_visit_whichever_comes_first(room: Mailroom, first: str):
    doctor = (await cast.provider()).practitioner
    assert doctor is not None
    paula = await cast.patient()
    asked = await waitlist.ask(me(paula), SOON, NOW)
    await waitlist.tick(NOW)
    offered = (await waitlist.request(me(paula), asked.id)).offer_id
    assert offered is not None
    start = (await book.visit_of(me(paula), offered)).start_at
    held = await book.hold(me(paula), doctor.id, start + timedelta(hours=3), NOW)
    one, other = (offered, held.id) if first == "offer" else (held.id, offered)
    await book.confirm(me(paula), one, NOW)
    with pytest.raises(Conflict):
        await book.confirm(me(paula), other, NOW)
    booked = await db.rows("SELECT id FROM appointment WHERE status = 'booked'")
    assert [r["id"] for r in booked] == [one]


async def test_a_wish_for_an_earlier_time_adds_no_second_visit_after_another_was_booked(room: Mailroom):
    doctor = (await cast.provider()).practitioner
    assert doctor is not None
    paula = await cast.patient()
    far = datetime.combine(TODAY + timedelta(days=14), time(18), NOW.tzinfo)
    old = await book.confirm(me(paula), (await book.hold(me(paula), doctor.id, far, NOW)).id, NOW)
    asked = await waitlist.ask(me(paula), replace(SOON, instead_of=old.id), NOW)
    await waitlist.tick(NOW)
    offered = (await waitlist.request(me(paula), asked.id)).offer_id
    assert offered is not None
    await book.cancel(me(paula), old.id, "", NOW)
    new = await book.hold(me(paula), doctor.id, far + timedelta(hours=1), NOW)
    await book.confirm(me(paula), new.id, NOW)
    with pytest.raises(Conflict) as refused:
        await book.accept_offer(me(paula), offered, NOW)
    assert refused.value.code == "already-booked"
    booked = await db.rows("SELECT id FROM appointment WHERE status = 'booked'")
    assert [r["id"] for r in booked] == [new.id]


async def test_an_earlier_time_moves_the_visit_and_tells_once(room: Mailroom):
    rosa = await cast.provider()
    paula = await cast.patient()
    assert rosa.practitioner is not None
    at = datetime(2026, 12, 18, 16, 0, tzinfo=NOW.tzinfo)
    visit = await book.book_for(SYSTEM, paula.id, rosa.practitioner.id, "evaluation", at, NOW)
    await waitlist.ask(me(paula), replace(SOON, instead_of=visit.id), NOW)
    await waitlist.tick(NOW)
    [held] = await db.rows("SELECT id FROM appointment WHERE status = 'proposed'")
    moved = await book.accept_offer(me(paula), held["id"], NOW)
    await book.accept_offer(me(paula), held["id"], NOW)
    assert (moved.id, moved.version) == (visit.id, 2)
    assert moved.start_at < at
    kinds = [kind for kind, state in await kinds_of_messages() if state == "queued"]
    assert kinds.count("consult-moved") == 1


async def test_nobody_waits_who_could_not_book(room: Mailroom):
    rosa = await cast.provider()
    paula = await cast.patient()
    with pytest.raises(Conflict):
        await waitlist.ask(me(paula), replace(SOON, visit_type="follow-up"), NOW)
    with pytest.raises(Refused):
        await waitlist.ask(me(paula), replace(SOON, visit_type="dosing-session"), NOW)
    with pytest.raises(Refused):
        await waitlist.ask_for(rosa.actor, paula.id, SOON, NOW)
    added, otto = await waitlist.ask(me(paula), SOON, NOW), await cast.patient("Otto", "Lake")
    with pytest.raises(NotFound):
        await waitlist.request(me(otto), added.id)


async def test_a_plan_asks_for_its_follow_up_once_a_window_with_its_own_provider(room: Mailroom):
    await cast.provider("Ned Okafor")
    rosa = await cast.provider()
    paula = await cast.patient()
    plan = PlanDraft("im", "clinic", "As agreed.", 14, 14, "Sleep through the night.", TODAY)
    await followups.write_plan(rosa.actor, paula.id, plan, NOW)
    assert await waitlist.ask_for_reviews(NOW) == 0
    assert await scheduling.requests_of(SYSTEM.scope, paula.id) == []
    rule = followups.review_rule()
    asks = NOW + timedelta(days=rule.not_before_days - rule.ask_ahead_days)
    assert await waitlist.ask_for_reviews(asks) == 1
    assert await waitlist.tick(asks) == 1
    [wanted] = await scheduling.requests_of(SYSTEM.scope, paula.id)
    [held] = await db.rows("SELECT * FROM appointment WHERE patient_id = {}", paula.id)
    assert rosa.practitioner is not None
    assert (wanted.source, wanted.status, held["practitioner_id"]) == ("plan", "offered", rosa.practitioner.id)
    first, last = TODAY + timedelta(days=rule.not_before_days), TODAY + timedelta(days=rule.latest_days)
    assert first <= held["start_at"].date() <= last
    assert held["hold_expires_at"] == asks + timedelta(hours=72)
    assert [kind for kind, _state in await kinds_of_messages()] == ["consult-proposed"]
    await waitlist.decline(me(paula), held["id"], True, asks)
    for days in range(3):
        assert await waitlist.ask_for_reviews(asks + timedelta(days=days)) == 0
        assert await waitlist.tick(asks + timedelta(days=days)) == 0
    assert len(await scheduling.requests_of(SYSTEM.scope, paula.id)) == 1
