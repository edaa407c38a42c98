"""One's visits at a secret address: made, read by a calendar program, replaced, revoked; and what is not in it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import icalendar
import pytest
import recurring_ical_events

from carepath.accounts.people import Patient
from carepath.app import Application
from carepath.journey import book, publish
from carepath.kit import clock, db, limits
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_token, token_hash
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import Desk, booked, count, open_desk, sign_in
from tests.web.hostile_world import World, with_token

Fresh = Callable[[], Browser]
SECRET = re.compile(r'id="secret" value="http://localhost:8000(/calendar/[A-Za-z0-9_-]{43}\.ics)"')


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


async def patient_browser(desk: Desk, browser: Fresh) -> Browser:
    """Paula, signed in by a link."""
    world = World(browser, None, desk.doctor)  # type: ignore[arg-type]
    mine, path = browser(), await world.link(desk.paula.id)
    await mine.get(path)
    page = await mine.post(path)
    assert page.url.path == "/home", page.text
    return with_token(mine)


async def made(by: Browser, page: str = "/home/calendar") -> str:
    """The path of a new address."""
    await by.get(page)
    answer = await by.post(page)
    assert answer.status_code == 200
    found = SECRET.search(answer.text)
    assert found is not None, answer.text
    assert found[1] not in (await by.get(page)).text  # shown once
    return found[1]


async def fetched(app: Application, path: str, method: str = "GET") -> httpx.Response:
    """As a calendar program asks: no cookie, no session."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as program:
        return await program.request(method, path)


def events(answer: httpx.Response) -> dict[str, icalendar.Event]:
    assert answer.status_code == 200, answer.text
    found = icalendar.Calendar.from_ical(answer.content)
    return {str(event["UID"]): event for event in found.walk("VEVENT")}


async def another_time(desk: Desk, visit: Appointment) -> datetime:
    patient = desk.paula
    today = clock.now().date()
    offers = await scheduling.search(
        SYSTEM,
        "evaluation",
        patient.jurisdiction,
        clock.now(),
        today,
        today + timedelta(days=13),
        patient.zone,
        moving=visit.id,
    )
    return next(one.start_at for one in offers if abs(one.start_at - visit.start_at) > timedelta(days=1))


async def test_a_patient_s_feed_follows_the_visit_through_its_life(app: Application, desk: Desk, browser: Fresh):
    paula = await patient_browser(desk, browser)
    path = await made(paula)
    answer = await fetched(app, path)
    assert events(answer) == {}
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in answer.headers
    visit = await booked(desk)
    uid, rises = f"{visit.id}@localhost", []
    for act in ("booked", "moved", "cancelled"):
        if act == "moved":
            assert visit.practitioner_id
            visit = await book.move(
                SYSTEM, visit.id, visit.practitioner_id, await another_time(desk, visit), clock.now()
            )
        if act == "cancelled":
            visit = await book.cancel(SYSTEM, visit.id, "Ill.", clock.now())
        answer = await fetched(app, path)
        event = events(answer)[uid]
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (visit.start_at, visit.end_at)
        assert event["STATUS"] == ("CANCELLED" if act == "cancelled" else "CONFIRMED")
        rises.append(int(event["SEQUENCE"]))
        sent = await paula.get(f"/visits/{visit.id}/invite.ics")
        assert sent.headers["content-type"] == "text/calendar; charset=utf-8"
        invite = icalendar.Calendar.from_ical(sent.content)
        (invited,) = invite.walk("VEVENT")
        assert (invited["UID"], invited["SEQUENCE"]) == (event["UID"], event["SEQUENCE"])
        assert invite["METHOD"] == ("CANCEL" if act == "cancelled" else "REQUEST")
        seen = recurring_ical_events.of(icalendar.Calendar.from_ical(answer.content)).at(visit.start_at.date())
        assert [one["UID"] for one in seen] == [uid]
    assert rises == [0, 1, 2]


async def test_a_hold_is_not_in_a_feed_and_neither_is_one_that_went_away(app: Application, desk: Desk, browser: Fresh):
    path = await made(await patient_browser(desk, browser))
    paula, today = cast.as_patient(desk.paula), clock.now().date()
    offers = await book.offers(paula, today, clock.now())
    held = await scheduling.hold(
        paula,
        desk.paula.id,
        offers[0].practitioner_id,
        "evaluation",
        offers[0].start_at,
        "CO",
        desk.paula.zone,
        clock.now(),
    )
    assert events(await fetched(app, path)) == {}
    await scheduling.release(paula, held.id, clock.now())
    assert events(await fetched(app, path)) == {}


async def test_no_feed_says_who_why_or_in_which_room(app: Application, desk: Desk, browser: Fresh):
    """Marker: every name, address, reason and kind that the database has of this visit is looked for in the file."""
    visit = await booked(desk)
    await book.cancel(SYSTEM, (await booked_again(desk)).id, "Reason-marker", clock.now())
    doctor = await sign_in(browser(), desk.doctor)
    feeds = [await made(await patient_browser(desk, browser)), await made(doctor, "/provider/calendar")]
    paula: Patient = desk.paula
    room = visit.room.rsplit("/", 1)[1]
    assert len(room) == 43
    assert room not in str(visit.id)
    private = [
        paula.first_name, paula.last_name, paula.email, str(paula.id), "Rosa", "Delgado", str(visit.practitioner_id), room,
        visit.room.split("/")[2], "evaluation", "Reason-marker", "ketamine", "pain", "clinic", "CO", str(paula.birth_date), "Denver",
    ]  # fmt: skip
    for path in feeds:
        file = (await fetched(app, path)).text.replace("\r\n ", "")
        lines = [
            line for line in file.split("\r\n") if not line.startswith(("UID:", "METHOD", "BEGIN", "END", "STATUS"))
        ]
        assert f"UID:{visit.id}@localhost" in file
        for word in private:
            # Whole words: "CO" is in "CONFIRMED" and in nothing that says where Paula is.
            assert not re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", "\n".join(lines), re.IGNORECASE), word


async def booked_again(desk: Desk) -> Appointment:
    """A second visit, of another patient of the same provider and of Paula alike."""
    offers = await scheduling.search(
        SYSTEM,
        "evaluation",
        "CO",
        clock.now(),
        clock.now().date(),
        clock.now().date() + timedelta(days=20),
        "America/Denver",
    )
    return await book.book_for(
        SYSTEM, desk.paula.id, offers[-1].practitioner_id, "evaluation", offers[-1].start_at, clock.now()
    )


async def test_rooms_are_random_and_none_is_made_from_the_visit_s_id(desk: Desk):
    one, two = await booked(desk), await booked_again(desk)
    rooms = [visit.room.rsplit("/", 1)[1] for visit in (one, two)]
    assert rooms[0] != rooms[1]
    for visit, room in zip((one, two), rooms, strict=True):
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", room)
        assert visit.id.hex[:12] not in room
        assert token_hash(str(visit.id)).hex()[:12] not in room


async def test_a_provider_s_feed_holds_their_visits_and_nobody_else_s(app: Application, desk: Desk, browser: Fresh):
    visit = await booked(desk)
    ned = await cast.provider("Ned Okafor", "America/Denver", ("CO",))
    mine = await made(await sign_in(browser(), desk.doctor), "/provider/calendar")
    theirs = await made(await sign_in(browser(), ned), "/provider/calendar")
    if visit.practitioner_id != desk.doctor.actor.practitioner_id:
        mine, theirs = theirs, mine
    assert set(events(await fetched(app, mine))) == {f"{visit.id}@localhost"}
    assert events(await fetched(app, theirs)) == {}


async def test_every_address_that_opens_nothing_answers_alike(app: Application, desk: Desk, browser: Fresh):
    paula = await patient_browser(desk, browser)
    replaced, revoked = await made(paula), await made(paula)
    await paula.post("/home/calendar/revoke")
    answers = [
        await fetched(app, path)
        for path in (
            replaced, revoked, f"/calendar/{new_token()}.ics", "/calendar/short.ics", "/calendar/%00.ics", "/calendar/é.ics",
            "/calendar/" + "a" * 3000 + ".ics", revoked.removesuffix(".ics"), f"{revoked}x", "/calendar/..ics", "/calendar/.ics",
            "/calendar/" + revoked[10:-4].swapcase() + ".ics",
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    pages = {re.sub(r"[0-9a-f]{16}", "reference", re.sub(r'value="[^"]*"', "", answer.text)) for answer in answers}
    assert len(pages) == 1
    assert len({tuple(sorted(set(answer.headers) - {"content-length"})) for answer in answers}) == 1
    assert await count("calendar_feed", "revoked_at IS NULL") == 0


async def test_an_account_that_was_closed_publishes_nothing_until_it_is_open_again(
    app: Application, desk: Desk, browser: Fresh
):
    path = await made(await sign_in(browser(), desk.doctor), "/provider/calendar")
    for is_active, status in ((False, 404), (True, 200)):
        await db.execute("UPDATE account SET is_active = {} WHERE id = {}", is_active, desk.doctor.account.id)
        assert (await fetched(app, path)).status_code == status


async def test_only_the_token_s_hash_is_kept(desk: Desk, browser: Fresh):
    path = await made(await patient_browser(desk, browser))
    token = path[10:-4]
    (row,) = await db.rows("SELECT * FROM calendar_feed")
    assert row["token_hash"] == token_hash(token)
    assert token not in str(row)
    assert await count("audit_event", f"detail::text LIKE '%{token}%'") == 0


async def test_every_reading_leaves_its_audit_row_and_the_moment_is_written_once_an_hour(
    app: Application, desk: Desk, browser: Fresh, settings: Settings
):
    await booked(desk)
    path = await made(await patient_browser(desk, browser))
    for _ in range(3):
        await fetched(app, path)
    rows = await db.rows("SELECT * FROM audit_event WHERE subject = 'calendar-feed' AND action = 'read'")
    assert [(r["actor_role"], r["patient_id"]) for r in rows] == [("anonymous", desk.paula.id)] * 3
    (seen,) = await db.rows("SELECT read_at, xmin::text AS version FROM calendar_feed")
    assert seen["read_at"] is not None
    found = await scheduling.address_of_token(path[10:-4])
    await scheduling.published(found, seen["read_at"] + timedelta(minutes=59))
    assert (await db.rows("SELECT read_at, xmin::text AS version FROM calendar_feed")) == [seen]
    await scheduling.published(found, seen["read_at"] + timedelta(minutes=60))
    assert (await db.rows("SELECT read_at FROM calendar_feed"))[0]["read_at"] == seen["read_at"] + timedelta(minutes=60)


async def test_reading_is_bounded(app: Application, desk: Desk, browser: Fresh, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(publish, "_READINGS", limits.Limit("calendar-feed", 3, 3600))
    path = await made(await patient_browser(desk, browser))
    assert [(await fetched(app, path)).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


async def test_two_addresses_made_at_once_leave_one(desk: Desk):
    import asyncio

    paula = cast.as_patient(desk.paula)
    found = await asyncio.gather(*(publish.make(paula, "https://x.example", clock.now()) for _ in range(6)))
    assert len(set(found)) == 6
    assert await count("calendar_feed", "revoked_at IS NULL") == 1


async def test_old_visits_leave_the_feed(app: Application, desk: Desk, browser: Fresh):
    visit = await booked(desk)
    path = await made(await patient_browser(desk, browser))
    found = await scheduling.address_of_token(path[10:-4])
    assert len(await scheduling.published(found, visit.start_at + timedelta(days=30))) == 1
    assert await scheduling.published(found, visit.start_at + timedelta(days=31)) == []


async def test_a_session_that_a_link_opened_for_one_visit_makes_no_address(desk: Desk, browser: Fresh):
    answer = await desk.browser.post("/home/calendar")
    assert answer.status_code == 403
    nobody = browser()
    await nobody.get("/sign-in")
    assert (await nobody.post("/home/calendar")).url.path == "/sign-in"
    assert await count("calendar_feed") == 0
