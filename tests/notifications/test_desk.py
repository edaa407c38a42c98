"""What coordinators may do with a message, by its machine; and a list that stays quick among millions."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from carepath import configuration
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.notifications import desk_queries, outbox_queries
from carepath.notifications import service as notifications
from carepath.notifications.rules import states
from carepath.notifications.service import Mark, Message, Wanted
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.mailroom import Mailroom, mailroom


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


@pytest.fixture
async def desk(database: Settings) -> Actor:
    return (await cast.coordinator()).actor


async def queued(at: datetime = NOW, name: str = "Paula") -> Message:
    """A message of a kind that always stands."""
    patient = await cast.patient(name)
    subject = new_id()
    await notifications.enqueue("decision-ready", "patient", patient.id, "evaluation", subject, 1, at, NOW)
    found = await notifications.recent(SYSTEM, Wanted(patient_id=patient.id))
    return next(m for m in found if m.subject_id == subject)


async def again(message: Message) -> Message:
    return await notifications.get(SYSTEM, message.id)


async def in_state(room: Mailroom, state: str) -> Message:
    """A message in that state, brought there by what brings it there."""
    found = await queued(NOW + timedelta(days=1) if state == "queued" else NOW)
    if state == "sending":
        await outbox_queries.claim(SYSTEM.scope, 5, NOW, NOW + timedelta(hours=1))
    elif state in {"skipped", "superseded"}:
        await db.execute("UPDATE message SET status = {}, reason = 'x' WHERE id = {}", state, found.id)
    elif state in {"sent", "failed"}:
        room.answers = ["550 no such box"] if state == "failed" else []
        await room.drain(NOW)
    assert (await again(found)).status == state
    return found


ACTS: dict[str, Callable[[Actor, UUID], Awaitable[object]]] = {
    "retry": lambda actor, which: notifications.retry(actor, which, NOW),
    "stop": lambda actor, which: notifications.stop(actor, which, NOW),
    "bounce": lambda actor, which: notifications.bounce(actor, which, "5.1.1", NOW),
    "send-again": lambda actor, which: notifications.send_again(actor, which, NOW),
}


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_works_in_the_states_of_the_machine_and_in_no_other(act: str, room: Mailroom, desk: Actor):
    for state in states.MESSAGE.states:
        message = await in_state(room, state)
        if act in states.MESSAGE.actions(state, Role.COORDINATOR):
            await ACTS[act](desk, message.id)
        else:
            with pytest.raises(Conflict) as late:
                await ACTS[act](desk, message.id)
            assert states.WORDS[state] in late.value.reason
            assert (await again(message)).status == state
        await db.execute("DELETE FROM message")


@pytest.mark.parametrize("act", ACTS)
async def test_only_a_coordinator_may_and_messages_to_staff_are_not_there(act: str, room: Mailroom, desk: Actor):
    message = await in_state(room, states.MESSAGE.transitions[0].sources[0])
    for member in (await cast.provider(), await cast.admin()):
        with pytest.raises((NotFound, Refused)):
            await ACTS[act](member.actor, message.id)
    rosa = await cast.provider("Second")
    await notifications.enqueue("urgent-task", "account", rosa.account.id, "urgent-task", new_id(), 1, NOW, NOW)
    row = await db.row("SELECT id FROM message WHERE recipient_kind = 'account'")
    assert row is not None
    with pytest.raises(NotFound):
        await ACTS[act](desk, row["id"])
    with pytest.raises(NotFound):
        await notifications.get(desk, row["id"])
    assert row["id"] not in [m.id for m in await notifications.recent(desk, limit=500)]
    assert sum((await notifications.counts(desk, NOW - timedelta(days=1))).values()) == 1


@pytest.mark.parametrize("act", ACTS)
async def test_of_two_coordinators_at_once_one_is_answered_why_not(act: str, room: Mailroom, desk: Actor):
    state = {"retry": "failed", "stop": "queued", "bounce": "sent", "send-again": "sent"}[act]
    message, other = await in_state(room, state), (await cast.coordinator("Second Lind")).actor
    done = await asyncio.gather(*(ACTS[act](who, message.id) for who in (desk, other)), return_exceptions=True)
    lost = [one for one in done if isinstance(one, BaseException)]
    assert [type(one) for one in lost] == [Conflict]
    assert str(lost[0])
    assert len(await notifications.recent(desk, limit=500)) == (2 if act == "send-again" else 1)


async def test_one_that_is_stopped_never_leaves(room: Mailroom, desk: Actor):
    message = await in_state(room, "queued")
    await notifications.stop(desk, message.id, NOW)
    await room.drain(NOW + timedelta(days=2))
    assert room.mails == []
    assert (await again(message)).reason == "stopped by staff"


async def test_one_that_came_back_keeps_when_it_was_sent_and_can_be_tried_again(room: Mailroom, desk: Actor):
    message = await in_state(room, "sent")
    later = NOW + timedelta(hours=1)
    await notifications.bounce(desk, message.id, "5.1.1", later)
    found = await again(message)
    assert (found.status, found.sent_at, found.bounced_at) == ("failed", NOW, later)
    assert found.reason == "it came back: 5.1.1"
    await notifications.retry(desk, message.id, later)
    found = await again(message)
    assert (found.status, found.reason, found.attempts, found.sent_at, found.bounced_at) == (
        "queued",
        "",
        0,
        None,
        None,
    )
    await room.drain(later)
    assert len(room.mails) == 2
    assert len({mail["Message-ID"] for mail in room.mails}) == 1, "it is the same mail"


async def test_sent_again_is_a_mail_of_its_own_five_times_at_most(room: Mailroom, desk: Actor):
    message = await in_state(room, "sent")
    for number in range(1, states.MOST_COPIES + 1):
        _first, copy = await notifications.send_again(desk, message.id, NOW)
        with pytest.raises(Conflict, match="already"):
            await notifications.send_again(desk, message.id, NOW)
        assert (await notifications.get(desk, copy)).copy == number
        assert (await room.drain(NOW)).sent == 1
    with pytest.raises(Conflict, match="call them"):
        await notifications.send_again(desk, message.id, NOW)
    with pytest.raises(Conflict, match="call them"):
        await notifications.send_again(desk, copy, NOW)
    assert len({mail["Message-ID"] for mail in room.mails}) == 6


async def test_two_copies_are_not_made_of_a_message_and_its_copy_at_once(room: Mailroom, desk: Actor):
    message = await in_state(room, "sent")
    _first, copy = await notifications.send_again(desk, message.id, NOW)
    await room.drain(NOW)
    asked = [notifications.send_again(desk, which, NOW) for which in (message.id, copy, message.id, copy)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in done) == 3, done
    await room.drain(NOW)
    assert len(room.mails) == 3


async def test_a_copy_of_an_old_message_is_of_use_again(room: Mailroom, desk: Actor):
    message = await in_state(room, "sent")
    year = NOW + timedelta(days=365)
    await notifications.send_again(desk, message.id, year)
    assert (await room.drain(year)).sent == 1


async def test_the_pages_of_the_list_hold_every_message_once(desk: Actor):
    patient = await cast.patient()
    for _number in range(23):  # all written at the same moment: the id tells them apart
        await notifications.enqueue("sign-in", "patient", patient.id, "sign-in", new_id(), 1, NOW, NOW)
    seen, mark = list[Message](), None
    while page := await notifications.recent(desk, Wanted(before=mark), 5):
        seen += page
        mark = Mark(page[-1].created_at, page[-1].id)
    assert len(seen) == len({m.id for m in seen}) == 23
    assert seen == sorted(seen, key=lambda m: (m.created_at, m.id), reverse=True)


async def test_the_list_is_narrowed_to_a_state_a_patient_or_a_visit(room: Mailroom, desk: Actor):
    waiting, other = await queued(NOW + timedelta(days=3)), await queued(NOW, "Olaf")
    room.answers = ["450 later"]
    await room.drain(NOW)
    await notifications.enqueue("consult-booked", "patient", other.recipient_id, "appointment", new_id(), 1, NOW, NOW)
    (visit,) = [m for m in await notifications.recent(desk) if m.subject == "appointment"]

    async def found(wanted: Wanted) -> list[UUID]:
        return [m.id for m in await notifications.recent(desk, wanted)]

    assert await found(Wanted("retrying")) == [other.id]
    assert set(await found(Wanted("queued"))) == {waiting.id, visit.id}
    assert set(await found(Wanted(patient_id=other.recipient_id))) == {other.id, visit.id}
    assert await found(Wanted(visit_id=visit.subject_id)) == [visit.id]
    assert await found(Wanted("sent", patient_id=other.recipient_id)) == []
    counts = await notifications.counts(desk, NOW - timedelta(days=7))
    assert {state: n for state, n in counts.items() if n} == {"queued": 2, "retrying": 1}
    assert set(counts) == set(states.WORDS)


async def test_what_is_done_is_counted_of_the_last_days_and_what_failed_for_ever(room: Mailroom, desk: Actor):
    for state in ("failed", "sent"):
        await in_state(room, state)
    month = NOW + timedelta(days=30)
    assert (await notifications.counts(desk, NOW - timedelta(days=7)))["sent"] == 1
    counts = await notifications.counts(desk, month - timedelta(days=7))
    assert (counts["sent"], counts["failed"]) == (0, 1)
    assert await notifications.failed(desk) == 1


PAST = """
    INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at,
        useful_until, status, reason, attempts, next_try_at, sent_at, created_at, updated_at, urgency)
    SELECT gen_random_uuid(), 'sign-in', 'patient', gen_random_uuid(), 'sign-in', gen_random_uuid(), 1, at, at, state, '',
        1, at, CASE WHEN state = 'sent' THEN at END, at, at, 0
    FROM (SELECT {}::timestamptz - n * interval '10 minutes' AS at,
                 CASE WHEN n % 5000 = 0 THEN 'superseded' WHEN n % 3000 = 0 THEN 'failed' ELSE 'sent' END AS state
          FROM generate_series(1, 30000) n) past
"""


async def rows_read(sql: str, args: list[object]) -> tuple[int, set[str]]:
    """How many rows a statement takes up by its plan, and by which kinds of scan."""
    found = await db.row(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *args)
    assert found is not None
    read, kinds = 0, set[str]()

    def walk(node: dict[str, object]) -> None:
        nonlocal read
        inside: list[dict[str, object]] = node.get("Plans", [])  # type: ignore[assignment]
        if not inside:
            kinds.add(str(node["Node Type"]))
            read += round(float(str(node["Actual Rows"]))) + round(float(str(node.get("Rows Removed by Filter", 0))))
        for one in inside:
            walk(one)

    walk(json.loads(found["QUERY PLAN"])[0]["Plan"])
    return read, kinds


@pytest.mark.parametrize("state", [None, *states.WORDS])
async def test_a_page_of_the_list_reads_little_of_a_long_past(state: str | None, desk: Actor):
    await db.execute(PAST, NOW)
    await db.execute("ANALYZE message")
    row = await db.row("SELECT recipient_id, subject_id FROM message ORDER BY created_at LIMIT 1")
    assert row is not None
    lists = (
        Wanted(state), Wanted(state, before=Mark(NOW - timedelta(days=100), new_id())),
        Wanted(state, patient_id=row["recipient_id"]), Wanted(state, visit_id=row["subject_id"]),
    )  # fmt: skip
    for wanted in lists:
        read, kinds = await rows_read(*desk_queries.listing(SYSTEM.scope, wanted, 51))
        assert read <= 60
        assert "Seq Scan" not in kinds


async def test_the_counts_read_little_of_a_long_past(desk: Actor):
    await db.execute(PAST, NOW)
    await db.execute("ANALYZE message")
    read, kinds = await rows_read(desk_queries.counting(SYSTEM.scope), [NOW - timedelta(days=7)])
    assert read <= 7 * 144 + 20, "a week of what was sent, and what failed"
    assert "Seq Scan" not in kinds
