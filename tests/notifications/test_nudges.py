"""An application that was begun and not sent: two reminders, then silence."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from carepath import configuration
from carepath.dev import life
from carepath.dev.people import DemoPatient
from carepath.dev.years import Life
from carepath.journey import nudge
from carepath.kit import db
from carepath.kit.errors import ConfigProblem
from carepath.kit.ids import new_id
from carepath.notifications import catalogue
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests.cast import NOW
from tests.letters import check_discreet, link_of, morning
from tests.mailroom import Mailroom

HOUR = timedelta(hours=1)


@pytest.fixture
async def ada(database: Settings) -> Life:
    """Somebody who has answered two pages, the last one just now."""
    loaded = configuration.load(database.config_dir)
    await questionnaires.register_all(NOW)
    born, email = date(1980, 5, 17), f"ada.{new_id().hex}@mail.example"  # asking for links is limited by address
    person = DemoPatient(1, "Ada", "Winter", email, born, "CO", "America/Denver", "half-filled", 8, "Walk.")
    one = Life(person, {}, loaded.intake, Random(1), NOW)
    await life._apply(one, NOW - timedelta(minutes=7))
    await life._answer(one, NOW - timedelta(minutes=7), most=2)
    return one


async def states() -> list[tuple[int, str]]:
    found = await db.rows("SELECT subject_version, status FROM message WHERE kind = 'intake-unfinished' ORDER BY id")
    return [(r["subject_version"], r["status"]) for r in found]


async def test_who_does_not_go_on_is_reminded_twice_and_then_left_in_peace(room: Mailroom, ada: Life):
    assert await nudge.tick(NOW + 24 * HOUR - timedelta(seconds=1)) == 0
    for hours in range(24, 24 * 30, 3):
        await nudge.tick(NOW + hours * HOUR)
        await room.drain(NOW + hours * HOUR)
    first, second = [mail for mail in room.to(ada.person.email) if "go on where you stopped" in str(mail["Subject"])]
    assert await states() == [(1, "sent"), (2, "sent")]
    check_discreet(first, "Winter")
    assert link_of(first) == "/home"
    assert first["Message-ID"] != second["Message-ID"]
    days = [r["at"] for r in await db.rows("SELECT due_at AS at FROM message WHERE kind = 'intake-unfinished'")]
    assert days == [NOW + 24 * HOUR, NOW + 96 * HOUR]


async def test_a_new_answer_puts_the_reminder_off(room: Mailroom, ada: Life):
    await life._answer(ada, NOW + 20 * HOUR, most=3)
    assert await nudge.tick(NOW + 30 * HOUR) == 0
    assert await nudge.tick(NOW + 44 * HOUR + timedelta(minutes=11)) == 1


async def test_who_goes_on_in_the_night_before_it_leaves_gets_both_later(room: Mailroom, ada: Life):
    late = NOW + 37 * HOUR  # nine in the evening where they are
    await nudge.tick(late)
    assert (await room.drain(late)).sent == 0
    assert await states() == [(1, "queued")]
    await life._answer(ada, late + HOUR, most=3)
    await room.drain(morning(late))
    assert await states() == [(1, "superseded")]
    for hours in range(24, 24 * 20, 3):
        await nudge.tick(late + hours * HOUR)
        await room.drain(late + hours * HOUR)
    assert await states() == [(1, "superseded"), (2, "sent"), (3, "sent")]


async def test_what_was_sent_is_not_reminded_of(room: Mailroom, ada: Life):
    late = NOW + 37 * HOUR
    await nudge.tick(late)
    await life._answer(ada, late + HOUR, most=99)
    await life._send(ada, late + 2 * HOUR)
    assert await states() == [(1, "superseded")], "in the transaction that sends the answers"
    await room.drain(morning(late))
    assert await nudge.tick(late + 200 * HOUR) == 0
    assert not [mail for mail in room.to(ada.person.email) if "go on" in str(mail["Subject"])]


async def test_four_workers_at_once_remind_once(room: Mailroom, ada: Life):
    await asyncio.gather(*(nudge.tick(NOW + 25 * HOUR) for _ in range(4)))
    assert await states() == [(1, "queued")]


async def test_after_an_outage_the_second_does_not_follow_the_first_at_once(room: Mailroom, ada: Life):
    later = NOW + 96 * HOUR - timedelta(minutes=1)
    assert await nudge.tick(later) == 1
    assert await nudge.tick(later + 2 * HOUR) == 0
    assert await nudge.tick(later + 72 * HOUR) == 1


async def test_what_was_left_long_ago_is_left_in_peace(room: Mailroom, ada: Life):
    assert await nudge.tick(NOW + timedelta(days=60)) == 0


async def test_a_clinic_may_switch_them_off(room: Mailroom, ada: Life):
    kept = catalogue.times()
    catalogue.configure(replace(kept, nudges=()))
    try:
        assert await nudge.tick(NOW + 30 * HOUR) == 0
    finally:
        catalogue.configure(kept)


@pytest.mark.parametrize("hours", ["[96, 24]", "[0]", "[24, 24]", "[5000]"])
def test_wrong_hours_stop_the_start(tmp_path: Path, hours: str):
    (tmp_path / "messages.toml").write_text(
        f"quiet_from = 21:00:00\nquiet_until = 08:00:00\nnudge_after_hours = {hours}"
    )
    with pytest.raises(ConfigProblem, match="nudge_after_hours"):
        catalogue.load(tmp_path)
