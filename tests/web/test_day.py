"""A provider's day over HTTP: who comes when, whose room is open, what happened, and being late."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from carepath import configuration
from carepath.journey import book, coordinate, day, digest, visit
from carepath.kit import clock, db, when
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from carepath.settings import Settings
from carepath.web.provider import day_views
from tests import cast
from tests.mailroom import Mailroom, mailroom
from tests.web.client import Browser
from tests.web.desks import Desk, begins_in, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]
ZONE = "America/Denver"


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    return await open_desk(browser)


@pytest.fixture
async def rosa(desk: Desk, browser: Fresh) -> Browser:
    return await sign_in(browser(), desk.doctor)


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


async def soon(desk: Desk, minutes: int = 10, which: int = 60) -> Appointment:
    """Paula's visit, that soon."""
    found = await booked(desk, which)
    await begins_in(found.id, minutes)
    return await scheduling.get(SYSTEM.scope, found.id)


def on(found: Appointment) -> str:
    """The visit's date for the provider."""
    return found.start_at.astimezone(ZoneInfo(ZONE)).date().isoformat()


def error_of(page: str) -> str:
    """What is said in red, on the day that is shown again."""
    return html.unescape(main_of(page))


async def late(browser: Browser, found: Appointment, minutes: int, version: int | None = None) -> object:
    fields = {"minutes": str(minutes), "version": str(version or found.version), "on": on(found)}
    return await browser.post(f"/provider/day/{found.id}/late", fields)


class TestTheDay:
    async def test_a_consult_stands_there_with_its_door_and_leads_to_what_to_read(self, desk: Desk, rosa: Browser):
        found = await booked(desk, 60)
        page = await rosa.get(f"/provider/day?on={on(found)}")
        words = main_of(page.text)
        for part in ("Paula Winter", "booked", "1 of 1 to come"):
            assert part in words
        assert found.room not in words, "far from its time no room is open"
        assert 'action="/provider/day' not in words
        await begins_in(found.id, 10)
        found = await scheduling.get(SYSTEM.scope, found.id)
        words = main_of((await rosa.get(f"/provider/day?on={on(found)}")).text)
        for part in (f'href="{found.room}"', "in 9 min", "has not come to the door yet", "I am late"):
            assert part in words
        await visit.check_in(cast.as_patient(desk.paula), found.id, "CO", clock.now())
        words = main_of((await rosa.get(f"/provider/day?on={on(found)}")).text)
        assert "Says to be in Colorado." in words
        assert await count("audit_event", "subject = 'day' AND actor_role = 'provider'") == 3

    async def test_where_the_patient_may_not_be_seen_no_room_is_open(self, desk: Desk, rosa: Browser):
        found = await soon(desk)
        await visit.check_in(cast.as_patient(desk.paula), found.id, "NV", clock.now())
        words = main_of((await rosa.get(f"/provider/day?on={on(found)}")).text)
        assert found.room not in words
        assert "You may not see them there" in words

    async def test_what_happened_is_said_there(self, desk: Desk, rosa: Browser):
        found = await soon(desk, -30)
        path, fields = f"/provider/day/{found.id}/happened", {"on": on(found)}
        page = await rosa.post(path, {**fields, "happened": "no-show"})
        assert "did not come" in main_of(page.text)
        page = await rosa.post(path, {**fields, "happened": "reverse-no-show"})
        page = await rosa.post(path, {**fields, "happened": "fulfil"})
        assert "took place" in main_of(page.text)
        page = await rosa.post(path, {**fields, "happened": "fulfil"})
        assert page.status_code == 409
        assert "Paula Winter" in page.text, "the day is still there, with the reason beside the visit"

    async def test_too_early_is_said_beside_the_visit(self, desk: Desk, rosa: Browser):
        found = await booked(desk, 60)
        page = await rosa.post(f"/provider/day/{found.id}/happened", {"on": on(found), "happened": "fulfil"})
        assert page.status_code == 409
        assert f"{when.say_time(found.start_at, ZONE)}" in error_of(page.text)
        assert "on it can be said that the visit took place." in error_of(page.text)
        assert (await scheduling.get(SYSTEM.scope, found.id)).status == "booked"

    @pytest.mark.parametrize("minutes_late", [0, 20])
    async def test_that_the_patient_did_not_come_is_said_from_when_on(
        self, desk: Desk, rosa: Browser, minutes_late: int
    ):
        found = await soon(desk, -5)
        if minutes_late:
            await visit.late(desk.doctor.actor, found.id, found.version, minutes_late, clock.now())
        page = await rosa.post(f"/provider/day/{found.id}/happened", {"on": on(found), "happened": "no-show"})
        assert page.status_code == 409
        since = when.say_time(found.start_at + timedelta(minutes=30 + minutes_late), ZONE)
        assert re.search(
            rf"From [^.]*{since}[^.]* on it can be said that the patient did not come\.", error_of(page.text)
        )

    def test_another_day_is_named_with_its_date(self):
        night = datetime(2026, 12, 2, 6, 50, tzinfo=UTC)
        assert day_views.said_today(night, ZONE, night - timedelta(minutes=20)) == "11:50 PM"
        past = day_views.said_today(night + timedelta(minutes=20), ZONE, night)
        assert past == "Wed, Dec 2, 12:10 AM MST"

    async def test_a_colleague_sees_and_touches_nothing_of_it(self, desk: Desk, browser: Fresh):
        found = await soon(desk, -30)
        ivo = await cast.provider("Ivo Brandt", ZONE, ("CO",))
        other = await sign_in(browser(), ivo)
        assert "Paula" not in (await other.get(f"/provider/day?on={on(found)}")).text
        page = await other.post(f"/provider/day/{found.id}/happened", {"on": on(found), "happened": "fulfil"})
        assert page.status_code == 404
        assert (await late(other, found, 10)).status_code == 404  # type: ignore[attr-defined]

    @pytest.mark.parametrize("asked", ["tomorrow", "2026-02-30", "1000-01-01", "9999-12-31", "-1", "2026-12-01T00:00"])
    async def test_a_date_that_is_none_is_refused(self, rosa: Browser, asked: str):
        assert (await rosa.get(f"/provider/day?on={asked}")).status_code == 422


class TestTheDateIsTheProviders:
    @pytest.mark.parametrize(
        ("night", "hours"), [(date(2026, 11, 1), 25), (date(2027, 3, 14), 23), (date(2026, 12, 1), 24)]
    )
    async def test_every_hour_of_the_night_the_clocks_change_belongs_to_one_day(
        self, app: object, database: Settings, night: date, hours: int
    ):
        rosa, paula = await cast.provider(), await cast.patient()
        assert rosa.practitioner is not None
        begin, end = digest.day_of(ZONE, night)
        assert end - begin == timedelta(hours=hours)
        now = begin - timedelta(days=20)
        for hour in range(-2, hours + 2):
            await put(rosa, paula.id, begin + timedelta(hours=hour), now)
        seen = [
            one.visit.start_at
            for step in (-1, 0, 1)
            for one in await day.my_day(rosa.actor, night + timedelta(days=step), ZONE, now)
        ]
        assert seen == [begin + timedelta(hours=hour) for hour in range(-2, hours + 2)], "each once, in order"
        here = await day.my_day(rosa.actor, night, ZONE, now)
        assert len(here) == hours

    async def test_a_date_far_away_is_none(self, app: object, database: Settings):
        rosa, now = await cast.provider(), datetime(2026, 12, 1, tzinfo=UTC)
        with pytest.raises(Invalid):
            await day.my_day(rosa.actor, date(2028, 1, 1), ZONE, now)
        for who in (cast.as_patient(await cast.patient()), (await cast.coordinator()).actor):
            with pytest.raises(Refused):
                await day.my_day(who, now.date(), ZONE, now)


async def put(who: cast.Staff, patient: object, at: datetime, now: datetime) -> None:
    assert who.practitioner is not None
    await db.execute(
        """INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied,
           jurisdiction, patient_zone, room, created_at, updated_at)
           SELECT gen_random_uuid(), {}, {}, 'evaluation', 'booked', t.at, t.at + interval '45 minutes',
               tstzrange(t.at, t.at + interval '50 minutes'), 'CO', 'America/Denver', '', {}, {}
           FROM (SELECT {}::timestamptz AS at) t""",
        who.practitioner.id, patient, now, now, at,
    )  # fmt: skip


class TestLate:
    async def test_the_patient_gets_a_mail_and_sees_it(self, desk: Desk, rosa: Browser, browser: Fresh, room: Mailroom):
        found = await soon(desk)
        page = await late(rosa, found, 20)
        assert "20 min late" in main_of(page.text)  # type: ignore[attr-defined]
        await room.drain(clock.now())
        (mail,) = [m for m in room.to(desk.paula.email) if "begins later" in str(m["Subject"])]
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "Your visit begins a little later than planned" in text
        assert "Rosa" not in text
        assert "/link/" in text
        link = text[text.index("/link/") :].split()[0]
        mine = browser()
        await mine.get(link)
        theirs = await mine.post(link)
        assert theirs.url.path == f"/visits/{found.id}"
        assert "is running late. Your visit is expected to begin at about" in html.unescape(theirs.text)

    async def test_again_is_harmless_and_longer_is_told_anew(self, desk: Desk, rosa: Browser, room: Mailroom):
        found = await soon(desk)
        for minutes in (10, 10, 30, 30):
            assert (await late(rosa, found, minutes)).status_code == 200  # type: ignore[attr-defined]
        assert (await scheduling.get(SYSTEM.scope, found.id)).late_minutes == 30
        told = await db.rows("SELECT status FROM message WHERE kind = 'consult-late' ORDER BY subject_version")
        assert [r["status"] for r in told] == ["superseded", "queued"]
        assert await count("audit_event", "action = 'late'") == 2
        page = await late(rosa, found, 20)
        assert page.status_code == 409  # type: ignore[attr-defined]
        assert "expects you 30 minutes late already" in page.text  # type: ignore[attr-defined]

    async def test_it_is_never_told_after_the_visit(self, desk: Desk, rosa: Browser, room: Mailroom):
        found = await soon(desk)
        await late(rosa, found, 10)
        await room.drain(found.end_at + timedelta(minutes=1))
        (row,) = await db.rows("SELECT status FROM message WHERE kind = 'consult-late'")
        assert row["status"] == "skipped"
        with pytest.raises(Conflict) as over:
            await visit.late(desk.doctor.actor, found.id, found.version, 20, found.end_at)
        assert over.value.code == "over"

    async def test_it_can_be_said_from_two_hours_before(self, desk: Desk):
        found = await booked(desk, 60)
        with pytest.raises(Conflict) as early:
            await visit.late(desk.doctor.actor, found.id, found.version, 10, found.start_at - timedelta(minutes=121))
        assert early.value.code == "too-early"
        await visit.late(desk.doctor.actor, found.id, found.version, 10, found.start_at - timedelta(minutes=120))

    async def test_a_visit_that_was_moved_or_cancelled_meanwhile_is_told_as_such(self, desk: Desk, rosa: Browser):
        found = await soon(desk, 60)
        page = await late(rosa, found, 10, version=found.version + 1)
        assert page.status_code == 409  # type: ignore[attr-defined]
        assert "This visit was moved meanwhile. Please look again." in page.text  # type: ignore[attr-defined]
        await book.cancel(SYSTEM, found.id, "The patient called.", clock.now())
        page = await late(rosa, found, 10)
        assert page.status_code == 409  # type: ignore[attr-defined]
        assert "cancelled" in page.text  # type: ignore[attr-defined]
        assert await count("message", "kind = 'consult-late'") == 0

    async def test_at_the_same_moment_as_cancelling_one_of_them_comes_first(self, desk: Desk, room: Mailroom):
        found, now = await soon(desk, 60), clock.now()
        done = await asyncio.gather(
            book.cancel(SYSTEM, found.id, "The patient called.", now),
            *(visit.late(desk.doctor.actor, found.id, found.version, minutes, now) for minutes in (10, 20, 30)),
            return_exceptions=True,
        )
        assert not [one for one in done if isinstance(one, BaseException) and not isinstance(one, Conflict)]
        assert (await scheduling.get(SYSTEM.scope, found.id)).status == "cancelled"
        await room.drain(now)
        assert [m for m in room.to(desk.paula.email) if "begins later" in str(m["Subject"])] == []

    async def test_who_is_late_themselves_waits_longer_before_nobody_came(self, desk: Desk):
        found = await booked(desk, 60)
        at, doctor = found.start_at, desk.doctor.actor
        await visit.late(doctor, found.id, found.version, 30, at)
        with pytest.raises(Conflict):
            await visit.no_show(doctor, found.id, at + timedelta(minutes=25))
        await visit.no_show(doctor, found.id, at + timedelta(minutes=29) + timedelta(hours=1))

    async def test_only_the_visits_own_provider(self, desk: Desk):
        found = await soon(desk)
        ivo = await cast.provider("Ivo Brandt", ZONE, ("CO",))
        with pytest.raises(NotFound):
            await visit.late(ivo.actor, found.id, found.version, 10, clock.now())
        for who in (cast.as_patient(desk.paula), (await cast.coordinator("Carl Lind")).actor):
            with pytest.raises(Refused):
                await visit.late(who, found.id, found.version, 10, clock.now())

    async def test_moving_the_visit_forgets_it(self, desk: Desk):
        found = await booked(desk, 60)
        await db.execute("UPDATE appointment SET late_minutes = 20 WHERE id = {}", found.id)
        who = Actor(Role.COORDINATOR, account_id=new_id())
        offers = await coordinate.moves(who, found, found.start_at.date(), clock.now())
        start = next(one.start_at for one in offers if one.start_at > found.end_at)
        moved = await book.move(SYSTEM, found.id, found.practitioner_id, start, clock.now())
        assert (moved.start_at, moved.late_minutes) == (start, None)
