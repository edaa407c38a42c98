"""Who leaves when: oldest first, nobody starved, the slow apart, and what may wait not at night."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from carepath import configuration
from carepath.kit import clock, crypto, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.notifications import outbox_queries, smtp
from carepath.notifications import service as notifications
from carepath.notifications.outcomes import lane_of
from carepath.notifications.rules import timing
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.mailroom import Mailroom, mailroom

NIGHT = NOW.replace(hour=5)  # ten at night in Denver, the evening before
MORNING = NOW.replace(hour=15)  # eight in the morning there


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


async def decisions(count: int) -> None:
    """Messages that fell due by the clock, the last of them longest ago."""
    patient = await cast.patient()
    for number in range(count):
        due = MORNING - timedelta(minutes=number + 1)
        await notifications.enqueue("decision-ready", "patient", patient.id, "evaluation", new_id(), 1, due, due)


async def sign_ins(count: int) -> None:
    patient = await cast.patient("Zoe", "Winter")
    for _n in range(count):
        await notifications.enqueue("sign-in", "patient", patient.id, "sign-in", new_id(), 1, MORNING, MORNING)


async def sent() -> list[tuple[str, timedelta]]:
    found = await db.rows("SELECT kind, due_at FROM message WHERE status = 'sent' ORDER BY urgency, due_at")
    return [(r["kind"], r["due_at"]) for r in found]


async def test_the_oldest_leave_first(room: Mailroom, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(timing, "BATCH", 3)
    await decisions(8)
    await room.drain(MORNING)
    left = await db.row("SELECT max(due_at) AS newest FROM message WHERE status = 'sent'")
    kept = await db.row("SELECT min(due_at) AS oldest FROM message WHERE status = 'queued'")
    assert left is not None
    assert kept is not None
    assert left["newest"] < kept["oldest"]


async def test_whoever_asks_to_sign_in_does_not_wait_for_a_backlog(room: Mailroom, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(timing, "BATCH", 5)
    await decisions(40)
    await sign_ins(1)
    await room.drain(MORNING)
    assert str(room.mails[0]["To"]).startswith("Zoe ")
    assert len(room.mails) == 6, "and the backlog goes on leaving, oldest first"


async def test_a_crowd_at_the_door_does_not_stop_reminders(room: Mailroom, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(timing, "BATCH", 5)
    await sign_ins(40)
    await decisions(5)
    await room.drain(MORNING)
    assert {kind for kind, _due in await sent()} == {"sign-in", "decision-ready"}


async def test_what_may_wait_leaves_in_the_morning_and_what_may_not_at_once(room: Mailroom):
    await sign_ins(1)
    await decisions(1)
    await db.execute("UPDATE message SET due_at = {}, next_try_at = {}", NIGHT, NIGHT)
    assert (await room.drain(NIGHT)).sent == 1
    waiting = await db.row("SELECT * FROM message WHERE status = 'queued'")
    assert waiting is not None
    assert (waiting["kind"], waiting["attempts"]) == ("decision-ready", 0)
    assert waiting["next_try_at"] == MORNING
    assert "night" in waiting["reason"]
    assert (await room.drain(MORNING - timedelta(seconds=1))).claimed == 0
    assert (await room.drain(MORNING)).sent == 1


async def test_what_would_be_of_no_use_in_the_morning_leaves_at_night(room: Mailroom):
    patient = await cast.patient()
    await notifications.enqueue(
        "decision-ready", "patient", patient.id, "evaluation", new_id(), 1, NIGHT, NIGHT, NIGHT + timedelta(hours=2)
    )
    assert (await room.drain(NIGHT)).sent == 1


async def slow_and_quick(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """One mailbox at a domain whose server takes its time, among others."""
    monkeypatch.setattr(timing, "SLOW", 0.2)
    slow = await cast.patient("Sam", "Slow")
    await db.execute("UPDATE patient SET email_enc = {} WHERE id = {}", sealed(slow.id, "sam@slow.example"), slow.id)
    for _n in range(3):
        await notifications.enqueue("sign-in", "patient", slow.id, "sign-in", new_id(), 1, MORNING, MORNING)
    await sign_ins(4)
    keep = room.handle_DATA

    async def dawdle(server: object, session: object, envelope: object) -> str:
        if "slow.example" in str(envelope.rcpt_tos):  # type: ignore[attr-defined]
            await asyncio.sleep(0.4)
        return await keep(server, session, envelope)

    monkeypatch.setattr(room, "handle_DATA", dawdle)


def sealed(patient_id: object, address: str) -> bytes:
    return crypto.seal(address, f"patient.email_enc:{patient_id}")


async def test_a_slow_domain_delays_others_once_and_is_served_apart_from_then_on(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
):
    await slow_and_quick(room, monkeypatch)
    monkeypatch.setattr(timing, "CHUNK", 1)
    first = await room.drain(MORNING)
    assert first.sent == 1 + 4, "one slow mail, and then all that are quick"
    assert {r["lane"] for r in await db.rows("SELECT lane FROM message WHERE status = 'queued'")} == {
        lane_of("sam@slow.example")
    }
    assert (await room.drain(MORNING)).claimed == 0, "no quick round takes them up"
    assert (await room.drain_slow(MORNING)).sent == 2
    assert {r["status"] for r in await db.rows("SELECT status FROM message")} == {"sent"}


async def test_an_answer_that_comes_just_as_a_slow_mail_is_left_is_that_mails_own(room: Mailroom):
    """It is neither taken for known already nor for the next one's: lost, the mail would be sent again."""
    assert room.post is not None
    line, found = room.post.transport.line(), [smtp.Answer(True, False, "")]
    line._started = 2
    known = line._leave(found)
    found.append(late := smtp.Answer(True, False, "", seconds=9))
    assert known == found[:1]
    over = asyncio.get_running_loop().create_future()
    over.set_result(None)
    assert await line._last(over, found, len(known)) == late
    line._started = 2
    assert line._leave(found) is None, "nothing is in hand"


async def test_slow_domains_are_served_one_at_a_time_and_in_turn(room: Mailroom):
    wall = clock.wall()
    patient = await cast.patient()
    for domain in ("a.example", "b.example"):
        await outbox_queries.note_slow(SYSTEM.scope, lane_of(f"x@{domain}"), wall + timing.SLOW_FOR, wall)
        for _n in range(2):
            await notifications.enqueue("sign-in", "patient", patient.id, "sign-in", new_id(), 1, MORNING, MORNING)
        await db.execute(
            """UPDATE message SET lane = {} WHERE id IN (SELECT id FROM message WHERE lane IS NULL LIMIT 2)""",
            lane_of(f"x@{domain}"),
        )
    lease = wall + timing.LEASE
    wall += timedelta(seconds=1)
    one = await outbox_queries.claim_slow(SYSTEM.scope, 1, MORNING, wall, lease)
    assert len(one) == 1
    assert await outbox_queries.claim_slow(SYSTEM.scope, 1, MORNING, wall, lease) == [], "one at a time"
    await db.execute("UPDATE message SET status = 'queued', lease_until = NULL")
    two = await outbox_queries.claim_slow(SYSTEM.scope, 1, MORNING, wall + timedelta(seconds=1), lease)
    assert {one[0].lane, two[0].lane} == {lane_of("x@a.example"), lane_of("x@b.example")}


async def test_a_domain_that_was_slow_long_ago_is_forgotten_when_nothing_waits_for_it(room: Mailroom):
    wall = clock.wall()
    await outbox_queries.note_slow(SYSTEM.scope, lane_of("x@a.example"), wall - timedelta(seconds=1), wall)
    await room.drain_slow(MORNING)
    assert await db.rows("SELECT 1 FROM slow_mail") == []


async def test_a_mail_server_that_is_away_costs_no_message_a_try(room: Mailroom, monkeypatch: pytest.MonkeyPatch):
    await sign_ins(3)
    assert room.post is not None
    away = replace(room.post, transport=smtp.Transport("smtp://127.0.0.1:9", False, room.post.transport.printer))
    report = await notifications.drain(lambda: MORNING, away)
    assert (report.claimed, report.sent, report.failed) == (3, 0, 0)
    rows = await db.rows("SELECT status, attempts, reason, next_try_at FROM message")
    assert {(r["status"], r["attempts"], r["next_try_at"]) for r in rows} == {
        ("queued", 0, MORNING + timing.UNREACHABLE)
    }
    assert all("mail server cannot be used" in r["reason"] for r in rows)
    assert (await room.drain(MORNING + timing.UNREACHABLE)).sent == 3
