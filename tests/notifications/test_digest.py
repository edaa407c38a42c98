"""Each working morning staff are told how much waits for them, once, by their own clock; and nothing when nothing does."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest

from carepath import configuration
from carepath.accounts.people import Colleague
from carepath.dev import life
from carepath.dev.people import DemoPatient
from carepath.dev.years import Life
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft, Reading
from carepath.journey import book, digest, waitlist
from carepath.kit import db, when
from carepath.kit.actor import SYSTEM, Role
from carepath.kit.errors import ConfigProblem
from carepath.kit.ids import new_id
from carepath.notifications import catalogue
from carepath.notifications import service as notifications
from carepath.questionnaires import service as questionnaires
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import RequestDraft
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff
from tests.letters import check_discreet, link_of, text_of
from tests.mailroom import Mailroom
from tests.web.client import Browser

HOUR = timedelta(hours=1)
TODAY = NOW.date()  # a Tuesday; NOW is 8 AM in Denver and 9 AM in Chicago
SEVEN = NOW - HOUR


@pytest.fixture(autouse=True)
async def forms(database: Settings) -> None:
    configuration.load(database.config_dir)
    await questionnaires.register_all(NOW)


async def in_crisis(catalogue_of: configuration.Configuration) -> None:
    """Somebody who asks for help in the answers that they send."""
    email = f"ada.{new_id().hex}@mail.example"
    person = DemoPatient(1, "Ada", "Winter", email, date(1980, 5, 17), "CO", "America/Denver", "crisis", 8, "Walk.")
    one = Life(person, {}, catalogue_of.intake, Random(1), NOW)
    await life._apply(one, NOW - 2 * HOUR)
    await life._answer(one, NOW - 2 * HOUR, most=99)
    await life._send(one, NOW - HOUR)


async def in_treatment(rosa: Staff) -> None:
    """Somebody who has reported a severe side effect."""
    nora = await cast.patient("Nora", "Summers")
    plan = PlanDraft("im", "clinic", "As agreed.", 14, 7, "Sleep.", TODAY - timedelta(days=8))
    await followups.write_plan(rosa.actor, nora.id, plan, NOW - timedelta(days=8))
    async with db.transaction():
        [found] = await followups.open_due(NOW - HOUR)
    weekly = "https://carepath.example/Questionnaire/check-in"
    response = await questionnaires.open_response(SYSTEM.scope, "check-in", found.id, nora.id, weekly, NOW)
    reading = Reading(new_id(), NOW, "check-in", severity="severe")
    await followups.complete(cast.as_patient(nora), found.id, response, NOW)
    plan = await followups.plan(SYSTEM.scope, found.plan_id)
    await followups.take_reading(cast.as_patient(nora), plan, reading, found.id, None, NOW)


async def visit_today(rosa: Staff, hours: int = 4) -> scheduling.Appointment:
    assert rosa.practitioner is not None
    paula = await cast.patient()
    at = NOW + hours * HOUR
    return await book.book_for(SYSTEM, paula.id, rosa.practitioner.id, "evaluation", at, NOW)


def digests(room: Mailroom, who: Staff) -> list[str]:
    return [text_of(mail) for mail in room.to(who.account.email) if "waits for you today" in str(mail["Subject"])]


async def states() -> list[str]:
    return [r["status"] for r in await db.rows("SELECT status FROM message WHERE kind = 'staff-digest' ORDER BY id")]


async def test_a_provider_reads_numbers_of_their_own_day(room: Mailroom, database: Settings):
    rosa, ivo = await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("NY",))
    await in_crisis(configuration.load(database.config_dir))
    await in_treatment(rosa)
    await visit_today(rosa)
    await visit_today(rosa, 26)  # tomorrow: not of today
    await digest.tick(NOW)
    await room.drain(NOW)
    [mail] = [one for one in room.to(rosa.account.email) if "waits" in str(one["Subject"])]
    check_discreet(mail, "Ada", "Nora", "Paula", "Winter", "Summers")
    for line in ("Urgent: 1", "Waiting for your decision: 1", "Check-ins to read: 1", "Visits today: 1"):
        assert line in text_of(mail)
    assert link_of(mail) == "/provider"
    [other] = digests(room, ivo)
    assert "Urgent: 1" in other, "what is nobody's is everybody's"
    assert "Check-ins" not in other
    assert "Visits" not in other


async def test_a_coordinator_reads_what_is_wrong_with_the_calendar(room: Mailroom):
    rosa, cora, admin = await cast.provider(), await cast.coordinator(), await cast.admin()
    await visit_today(rosa, 28)
    assert rosa.practitioner is not None
    [_utah, colorado] = await scheduling.licences_of(SYSTEM.scope, rosa.practitioner.id)
    licence = colorado if colorado.jurisdiction == "CO" else _utah
    await scheduling.end_licence(SYSTEM, licence.id, TODAY, NOW)
    otto = await cast.patient("Otto", "Lake")
    await waitlist.ask(cast.as_patient(otto), RequestDraft("evaluation", TODAY, TODAY + timedelta(days=9)), NOW)
    await notifications.enqueue("sign-in", "patient", otto.id, "sign-in", new_id(), 1, NOW - HOUR, NOW)
    await db.execute("UPDATE message SET useful_until = {}, status = 'failed' WHERE kind = 'sign-in'", NOW)
    await db.execute(
        """INSERT INTO busy_feed (id, practitioner_id, name, problem, failures, created_at)
           VALUES ({}, {}, 'Hospital', 'gone', 3, {})""",
        new_id(), rosa.practitioner.id, NOW,
    )  # fmt: skip
    await digest.tick(NOW)
    await room.drain(NOW)
    [text] = digests(room, cora)
    for line in ("need attention: 1", "wait for a time: 1", "Messages that failed: 1", "cannot be read: 1"):
        assert line in text
    assert "/coordinator" in text
    assert digests(room, admin) == []


async def test_where_nothing_waits_nothing_is_said(room: Mailroom):
    await cast.provider()
    await cast.coordinator()
    await digest.tick(NOW)
    assert (await room.drain(NOW)).sent == 0
    assert await states() == ["skipped", "skipped"]
    for minutes in range(0, 300, 60):
        await digest.tick(NOW + timedelta(minutes=minutes))
    assert await states() == ["skipped", "skipped"], "once a day, whatever comes later"


async def test_at_seven_of_their_own_clock_once_a_day_whoever_looks(room: Mailroom):
    rosa, cora = await cast.provider(), await cast.coordinator()
    await visit_today(rosa)
    assert await digest.tick(SEVEN - HOUR - timedelta(seconds=1)) == 0
    assert await digest.tick(SEVEN - HOUR) == 1, "it is seven in Chicago"
    await asyncio.gather(*(digest.tick(SEVEN) for _worker in range(4)))
    found = await db.rows("SELECT recipient_id, due_at FROM message WHERE kind = 'staff-digest'")
    assert {r["recipient_id"]: r["due_at"] for r in found} == {cora.account.id: SEVEN - HOUR, rosa.account.id: SEVEN}
    assert len(found) == 2
    await room.drain(SEVEN)
    assert len(digests(room, rosa)) == 1, "it does not wait for the end of the night"


async def test_after_a_long_outage_yesterdays_is_not_sent(room: Mailroom):
    rosa = await cast.provider()
    await visit_today(rosa)
    await digest.tick(SEVEN)
    await room.drain(SEVEN + 6 * HOUR)
    assert await states() == ["skipped"]
    assert await digest.tick(SEVEN + 6 * HOUR) == 0


async def test_who_says_no_gets_none(room: Mailroom, browser: Callable[[], Browser]):
    rosa = await cast.provider()
    await visit_today(rosa)
    await digest.tick(NOW)
    await room.drain(NOW)
    [mail] = [one for one in room.to(rosa.account.email) if "waits" in str(one["Subject"])]
    path = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await browser().http.post(path, content="List-Unsubscribe=One-Click", headers=form)
    assert answer.status_code == 200
    await visit_today(rosa, 29)
    await digest.tick(NOW + 24 * HOUR)
    await room.drain(NOW + 24 * HOUR)
    assert await states() == ["sent", "skipped"]


def dates(zone: str, at: time, first: date, days: int, step: timedelta = timedelta(minutes=10)) -> Iterator[date]:
    """The dates for which somebody there is told, as a worker finds them that looks every few minutes."""
    who, seen = Colleague(new_id(), Role.PROVIDER, new_id(), zone), set[tuple[int, datetime]]()
    now = datetime.combine(first, time(), when.zone(zone)).astimezone(UTC)
    for _look in range(int(timedelta(days=days) / step)):
        seen |= {(order.subject_version, order.due_at) for order in digest._orders([who], at, now)}
        now += step
    assert len({version for version, _due in seen}) == len(seen), "a date is due at one moment"
    return (date.fromordinal(version) for version, _due in sorted(seen))


def test_weekends_and_the_clinics_holidays_are_left_out():
    found = [*dates("America/Denver", time(7), date(2026, 12, 21), 15)]
    assert [f"{on:%d}" for on in found] == ["21", "22", "23", "28", "29", "30", "31", "04"]


@pytest.mark.parametrize(
    ("zone", "at", "first", "clock_shows"),
    [
        ("Africa/Cairo", time(0, 30), date(2026, 4, 23), "the clocks jump over it on Friday"),
        ("Africa/Cairo", time(23, 30), date(2026, 10, 28), "the clocks show it twice on Thursday"),
        ("Australia/Lord_Howe", time(7), date(2026, 10, 5), "half an hour is not there on the day before"),
        ("Asia/Kathmandu", time(7), date(2026, 6, 1), "no change at all"),
        ("Pacific/Apia", time(7), date(2026, 6, 1), "far from the clinic's date"),
    ],
)
def test_once_a_date_whatever_the_clocks_do(zone: str, at: time, first: date, clock_shows: str):
    working = [first + timedelta(days=n) for n in range(3) if (first + timedelta(days=n)).weekday() < 5]
    assert [*dates(zone, at, first, 4)][: len(working)] == working, clock_shows


async def test_a_clinic_chooses_the_time(room: Mailroom):
    rosa, kept = await cast.provider(), catalogue.times()
    await visit_today(rosa)
    catalogue.configure(replace(kept, digest_at=time(9, 30)))
    try:
        assert await digest.tick(SEVEN) == 0
        assert await digest.tick(SEVEN + timedelta(hours=2, minutes=30)) == 1
    finally:
        catalogue.configure(kept)


def test_a_time_with_a_zone_stops_the_start(tmp_path: Path, database: Settings):
    (tmp_path / "messages.toml").write_text(
        'quiet_from = 21:00:00\nquiet_until = 08:00:00\ndigest_at = "07:00:00+02:00"'
    )
    with pytest.raises(ConfigProblem, match="digest_at"):
        catalogue.load(tmp_path)
