"""Messages leave once, whatever mail servers and workers do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from carepath import configuration
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.notifications import outbox_queries
from carepath.notifications import service as notifications
from carepath.notifications.outbox_queries import Outcome
from carepath.notifications.rules import timing
from carepath.notifications.service import Wanted
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.mailroom import Mailroom, mailroom


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


async def sign_in_links(count: int) -> list[str]:
    """`count` due messages to as many patients; answers their addresses."""
    found = []
    for number in range(count):
        patient = await cast.patient(f"P{number}", "Winter")
        await notifications.enqueue("sign-in", "patient", patient.id, "sign-in", new_id(), 1, NOW, NOW)
        found.append(patient.email)
    return found


async def states() -> dict[str, int]:
    return {r["status"]: r["n"] for r in await db.rows("SELECT status, count(*) AS n FROM message GROUP BY status")}


def ids(room: Mailroom) -> list[str]:
    return [str(mail["Message-ID"]) for mail in room.mails]


async def test_a_due_message_leaves_once(room: Mailroom):
    await sign_in_links(1)
    assert (await room.drain(NOW)).sent == 1
    assert (await room.drain(NOW)).claimed == 0
    assert len(room.mails) == 1


async def test_one_that_is_not_due_stays(room: Mailroom):
    patient = await cast.patient()
    await notifications.enqueue("sign-in", "patient", patient.id, "sign-in", new_id(), 1, NOW + timedelta(hours=1), NOW)
    assert (await room.drain(NOW)).claimed == 0
    assert (await room.drain(NOW + timedelta(hours=1))).sent == 1


async def test_the_same_again_is_one_message(room: Mailroom):
    patient, subject = await cast.patient(), new_id()
    for _again in range(3):
        await notifications.enqueue("sign-in", "patient", patient.id, "sign-in", subject, 1, NOW, NOW)
    await room.drain(NOW)
    assert len(room.mails) == 1


async def test_four_workers_at_once_send_each_message_once(room: Mailroom):
    addresses = await sign_in_links(20)
    await asyncio.gather(*(room.drain(NOW) for _ in range(4)))
    assert sorted(str(mail["To"]).partition("<")[2].rstrip(">") for mail in room.mails) == sorted(addresses)
    assert len(set(ids(room))) == 20


async def test_a_worker_killed_between_claim_and_send_costs_one_lease_and_no_repeat(room: Mailroom):
    await sign_in_links(1)
    wall = clock.wall()
    claimed = await outbox_queries.claim(SYSTEM.scope, 50, NOW, wall + timing.LEASE)
    assert len(claimed) == 1
    assert (await room.drain(NOW)).claimed == 0, "its lease still runs"
    assert (await room.drain_lost(NOW)).claimed == 0, "its lease still runs"
    await db.execute("UPDATE message SET lease_until = {}", wall - timedelta(seconds=1))
    assert (await room.drain_lost(NOW)).sent == 1
    assert len(room.mails) == 1


async def test_a_worker_that_comes_back_late_does_not_undo_the_outcome(room: Mailroom):
    await sign_in_links(1)
    lease = clock.wall() - timedelta(seconds=1)
    (late,) = await outbox_queries.claim(SYSTEM.scope, 50, NOW, lease)
    assert (await room.drain_lost(NOW)).sent == 1
    await outbox_queries.settle(SYSTEM.scope, lease, [Outcome(late.id, "queued", "late", NOW)], NOW)
    assert await states() == {"sent": 1}


@pytest.mark.parametrize("answer", ["450 later", "421 closing", "452 full"])
async def test_a_temporary_refusal_is_tried_again_with_the_same_message_id(room: Mailroom, answer: str):
    await sign_in_links(1)
    room.answers = [answer]
    assert (await room.drain(NOW)).sent == 0
    assert await states() == {"queued": 1}
    assert (await room.drain(NOW)).claimed == 0, "not before its next try"
    assert (await room.drain(NOW + timedelta(seconds=6))).sent == 1


async def test_a_final_refusal_fails_with_its_reason_and_can_be_retried_by_a_coordinator(room: Mailroom):
    await sign_in_links(1)
    room.answers = ["550 no such box"]
    assert (await room.drain(NOW)).failed == 1
    desk = await cast.coordinator()
    (message,) = await notifications.recent(desk.actor, Wanted("failed"))
    assert "550" in message.reason
    await notifications.retry(desk.actor, message.id, NOW)
    assert (await room.drain(NOW)).sent == 1


async def test_an_answer_lost_after_the_server_stored_it_repeats_the_same_message_id(room: Mailroom):
    await sign_in_links(1)
    room.drop_after = 1
    await room.drain(NOW)
    await room.drain(NOW + timedelta(seconds=6))
    assert len(room.mails) == 2
    assert len(set(ids(room))) == 1
    assert await states() == {"sent": 1}


async def test_one_bad_row_stops_nobody(room: Mailroom):
    patient = await cast.patient()
    await db.execute("UPDATE patient SET email_enc = 'broken'")
    await notifications.enqueue(
        "sign-in", "patient", patient.id, "sign-in", new_id(), 1, NOW - timedelta(minutes=1), NOW
    )
    await sign_in_links(2)
    report = await room.drain(NOW)
    assert report.sent == 2
    bad = await db.row("SELECT reason, status FROM message WHERE status <> 'sent'")
    assert bad is not None
    assert "WrongKey" in bad["reason"]
    assert bad["status"] == "queued"


async def test_a_poison_row_is_given_up_after_its_last_attempt(room: Mailroom):
    await cast.patient()
    patient = await cast.patient()
    await db.execute("UPDATE patient SET email_enc = 'broken'")
    await notifications.enqueue("decision-ready", "patient", patient.id, "evaluation", new_id(), 1, NOW, NOW)
    moment = NOW
    for tried in range(timing.MOST_WRITINGS):
        assert await states() == {"queued": 1}, f"given up after {tried}"
        await room.drain(moment)
        moment += timedelta(hours=1)
    assert await states() == {"failed": 1}


async def test_one_that_takes_its_worker_along_every_time_is_given_up_and_its_companions_are_not(room: Mailroom):
    """Whoever was claimed with it comes first, and alone."""
    await sign_in_links(3)
    await outbox_queries.claim(SYSTEM.scope, 50, NOW, clock.wall() - timedelta(seconds=1))
    poison = await killed_over_one()
    assert [(await room.drain_lost(NOW)).sent for _companion in range(2)] == [1, 1]
    for _worker in range(timing.MOST_LOSSES - 1):
        assert await killed_over_one() == poison
    await room.drain_lost(NOW)
    assert await states() == {"sent": 2, "failed": 1}
    found = await db.row("SELECT id, reason FROM message WHERE status = 'failed'")
    assert found == {"id": poison, "reason": "its worker was lost every time"}


async def killed_over_one() -> UUID:
    """A worker takes up a lost message and is lost in turn."""
    wall = clock.wall()
    found = await outbox_queries.claim_lost(SYSTEM.scope, NOW, wall, wall - timedelta(seconds=1))
    assert found is not None
    return found.id


async def booked(room: Mailroom, days: int = 5) -> tuple[cast.Staff, scheduling.Appointment]:
    """A consult some days ahead, its confirmation sent."""
    doctor, patient, desk = await cast.provider(), await cast.patient(), await cast.coordinator()
    offers = await scheduling.search(
        SYSTEM,
        "evaluation",
        "CO",
        NOW,
        (NOW + timedelta(days=days)).date(),
        (NOW + timedelta(days=days + 4)).date(),
        "America/Denver",
    )
    assert doctor.practitioner is not None
    made = await book.book_for(SYSTEM, patient.id, doctor.practitioner.id, "evaluation", offers[0].start_at, NOW)
    await room.drain(NOW)
    return desk, made


async def test_nothing_leaves_for_a_cancelled_visit_but_the_cancellation(room: Mailroom):
    desk, visit = await booked(room)
    await book.cancel(desk.actor, visit.id, "the provider is ill", NOW)
    for hours in range(0, 24 * 10, 6):
        await room.drain(NOW + timedelta(hours=hours))
    assert [str(m["Subject"]).rpartition(" ")[2] for m in room.mails][-1] == "cancelled"
    assert len(room.mails) == 2


async def test_a_moved_visit_is_reminded_of_at_its_new_time_only(room: Mailroom):
    desk, visit = await booked(room)
    moved = await book.move(desk.actor, visit.id, visit.practitioner_id, visit.start_at + timedelta(days=1), NOW)
    for hours in range(24 * 10):
        await room.drain(NOW + timedelta(hours=hours))
    reminders = [m for m in room.mails if "Reminder" in str(m["Subject"])]
    assert len(reminders) == 3
    assert moved.version == 2
    assert await db.rows("SELECT 1 FROM message WHERE subject_version = 1 AND status = 'queued'") == []


async def test_after_a_long_outage_no_reminder_leaves_for_a_visit_that_has_begun(room: Mailroom):
    _desk, visit = await booked(room)
    await room.drain(visit.start_at + timedelta(minutes=1))
    assert not [m for m in room.mails if "Reminder" in str(m["Subject"])]
    assert (await states())["skipped"] == 4


async def test_a_missed_reminder_is_caught_up_while_it_is_useful(room: Mailroom):
    _desk, visit = await booked(room)
    await room.drain(visit.start_at - timedelta(minutes=30))
    assert len([m for m in room.mails if "Reminder" in str(m["Subject"])]) == 3
