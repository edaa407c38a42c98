"""Urgent tasks that nobody finishes: told again and again, by one worker or four, until somebody says what they did."""

import asyncio
from contextvars import Context
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.audit import history
from carepath.evaluations import service
from carepath.evaluations.rules import escalation
from carepath.evaluations.rules.escalation import Step
from carepath.evaluations.service import UrgentTask
from carepath.journey import escalate, evaluate
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, link_of, text_of
from tests.mailroom import Mailroom

from .conftest import Clinic

HOUR = timedelta(hours=1)
DUE = NOW + 4 * HOUR
WIDER = DUE + 4 * HOUR
STEPS = [Step(0, ["owner"]), Step(4, ["owner", "providers"])]


@given(
    again_hours=st.integers(1, 100),
    waits=st.lists(st.integers(0, 60 * 300), min_size=1, max_size=6),
)
def test_it_never_ends_and_the_next_time_is_always_ahead(again_hours: int, waits: list[int]):
    told, at = 0, DUE
    for late in waits:
        now = at + timedelta(minutes=late)
        before, (told, at) = told, escalation.insist(STEPS, again_hours, DUE, told, now)
        assert told > before
        assert told >= escalation.passed(STEPS, DUE, now)
        assert now < at <= now + timedelta(hours=max(4, again_hours))


async def alarm(clinic: Clinic, subject: str = "intake") -> UrgentTask:
    """Paula's: of whoever has her evaluation."""
    found, _is_new = await service.urgent(
        clinic.paula.id, None, subject, new_id(), "phq-item9", "1", "Item 9 above zero.", NOW
    )
    return found


async def told(now: datetime) -> set[str]:
    """Whom the messages of this moment go to."""
    found = await db.rows("SELECT recipient_id FROM message WHERE kind = 'urgent-late' AND due_at = {}", now)
    return {str(r["recipient_id"]) for r in found}


def ids(*staff: cast.Staff) -> set[str]:
    return {str(one.account.id) for one in staff}


async def test_first_the_owner_then_everybody_and_then_again_every_day(clinic: Clinic):
    cora, adam = await cast.coordinator(), await cast.admin()
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    task = await alarm(clinic)
    assert await escalate.tick_urgent(DUE - timedelta(seconds=1)) == 0
    assert await escalate.tick_urgent(DUE) == 1
    assert await told(DUE) == ids(clinic.rosa)
    assert await escalate.tick_urgent(WIDER - timedelta(seconds=1)) == 0
    everybody = ids(clinic.rosa, clinic.ivo, cora, adam)
    for days in range(21):
        at = WIDER + days * 24 * HOUR
        assert await escalate.tick_urgent(at) == 1
        assert await escalate.tick_urgent(at + 24 * HOUR - timedelta(seconds=1)) == 0
        assert await told(at) == everybody
    assert (await service.urgent_task(clinic.rosa.actor, task.id)).escalations == 22
    steps = await history.of(SYSTEM.scope, "urgent-task", task.id)
    assert [(s.action, s.to_status) for s in steps] == [("escalate", "requested")] * 22


async def test_of_a_task_that_nobody_has_every_provider_and_the_office_are_told(clinic: Clinic):
    cora, _adam = await cast.coordinator(), await cast.admin()
    await alarm(clinic)
    await escalate.tick_urgent(DUE)
    assert await told(DUE) == ids(clinic.rosa, clinic.ivo, cora)


async def test_a_task_of_somebody_who_has_left_is_on_everybodys_desk(clinic: Clinic):
    cora = await cast.coordinator()
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    task = await alarm(clinic)
    await db.execute("UPDATE account SET is_active = false WHERE id = {}", clinic.rosa.account.id)
    await escalate.tick_urgent(DUE)
    assert await told(DUE) == ids(clinic.ivo, cora)
    found = await evaluate.open_urgent(clinic.ivo.actor, task.id, DUE)
    assert (found.task.practitioner_id, found.task.escalations) == (None, 1)
    given_away = await db.rows("SELECT patient_id FROM audit_event WHERE action = 'give-to-all'")
    assert [r["patient_id"] for r in given_away] == [clinic.paula.id]
    await evaluate.finish_urgent(clinic.ivo.actor, task.id, "Called her.", DUE)
    assert await escalate.tick_urgent(DUE + 900 * HOUR) == 0


async def test_after_an_outage_everybody_is_told_once(clinic: Clinic):
    cora, adam = await cast.coordinator(), await cast.admin()
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    task = await alarm(clinic)
    late = DUE + 21 * 24 * HOUR
    assert await escalate.tick_urgent(late) == 1
    assert await told(late) == ids(clinic.rosa, clinic.ivo, cora, adam)
    assert (await service.urgent_task(clinic.rosa.actor, task.id)).escalations == 2
    assert await escalate.tick_urgent(late + 24 * HOUR - timedelta(seconds=1)) == 0
    assert await escalate.tick_urgent(late + 24 * HOUR) == 1


async def test_four_workers_at_once_tell_once_of_many(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(escalate, "_BATCH", 3)
    for _n in range(11):
        await alarm(clinic)
    done = await asyncio.gather(*(escalate.tick_urgent(DUE) for _worker in range(4)))
    assert sum(done) == 11
    found = await db.rows("SELECT recipient_id FROM message WHERE kind = 'urgent-late'")
    assert len(found) == 2, "each provider is written to once, not eleven times"
    assert await db.rows("SELECT DISTINCT escalations FROM urgent_task") == [{"escalations": 1}]


async def test_the_mail_says_how_many_and_not_what(clinic: Clinic, room: Mailroom):
    cora, adam = await cast.coordinator(), await cast.admin()
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    tasks = [await alarm(clinic), await alarm(clinic, "check-in")]
    for at in (DUE, WIDER):
        await escalate.tick_urgent(at)
        await room.drain(at)
    first, second = room.to(clinic.rosa.account.email)
    mails = [first, second, *(room.to(one.account.email)[0] for one in (clinic.ivo, cora, adam))]
    for mail in mails:
        check_discreet(mail, "Paula", "Winter", "Item 9", "item9", *(str(task.id) for task in tasks))
        assert "wait for somebody: 2." in text_of(mail)
    assert [link_of(mail) for mail in mails] == ["/provider"] * 3 + ["/coordinator", "/admin"]


async def test_what_is_finished_before_the_mail_leaves_is_not_told(clinic: Clinic, room: Mailroom):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    task, other = await alarm(clinic), await alarm(clinic, "check-in")
    await escalate.tick_urgent(DUE)
    for one in (task, other):
        await service.finish_urgent(clinic.rosa.actor, one.id, "Called her, she is safe.", DUE)
    await room.drain(DUE)
    assert room.mails == []
    found = await db.rows("SELECT status FROM message WHERE kind = 'urgent-late'")
    assert [r["status"] for r in found] == ["superseded"]
    assert await escalate.tick_urgent(WIDER) == 0


async def test_a_task_that_is_finished_while_it_is_told_is_left_alone(clinic: Clinic):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    task = await alarm(clinic)
    async with db.transaction():
        await service.finish_urgent(clinic.rosa.actor, task.id, "Called her.", DUE)
        another_worker = asyncio.create_task(escalate.tick_urgent(DUE), context=Context())
        assert await another_worker == 0, "the row is passed over, nobody waits for it"
    assert await escalate.tick_urgent(WIDER) == 0
    assert await db.rows("SELECT 1 FROM message WHERE kind = 'urgent-late'") == []
