"""A red signal that nobody acknowledges is told again, day after day, and no more once somebody says what they did."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.followups import service as followups
from carepath.followups.rules.measured import Measured
from carepath.followups.service import PlanDraft
from carepath.journey import escalate, signal
from carepath.kit import db
from carepath.kit.ids import new_id
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff
from tests.letters import check_discreet, link_of, text_of
from tests.mailroom import Mailroom, mailroom

HOUR = timedelta(hours=1)
AGAIN = NOW + 24 * HOUR
A_SECOND = timedelta(seconds=1)
DRAFT = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk to the shop.", NOW.date())


@dataclass(frozen=True, slots=True)
class Ward:
    """Rosa treats Paula, whose blood pressure is a crisis. Ivo is a colleague; Cora and Adam see nothing clinical."""

    rosa: Staff
    ivo: Staff
    cora: Staff
    adam: Staff
    paula: Patient

    async def red(self, first: str = "Paula", now: datetime = NOW) -> Patient:
        """A patient of Rosa's with a red signal."""
        found = await cast.patient(first)
        if await followups.plan_of(self.rosa.actor.scope, found.id) is None:
            await followups.write_plan(self.rosa.actor, found.id, DRAFT, now)
        raised = await signal.note_reading(
            self.rosa.actor, found.id, Measured(now, systolic=181, diastolic=100), new_id(), now
        )
        assert [one.severity for one in raised] == ["red"]
        return found

    async def acknowledge(self, who: Patient, now: datetime) -> None:
        """Rosa says what she did about all that is open."""
        found = [one for one in await followups.signals_of(self.rosa.actor.scope, who.id) if one.is_open]
        await signal.acknowledge(self.rosa.actor, who.id, [one.id for one in found], "Called her.", now)


@pytest.fixture
async def ward(database: Settings) -> Ward:
    configuration.load(database.config_dir)
    staff = await cast.provider(), await cast.provider("Ivo Brandt"), await cast.coordinator(), await cast.admin()
    found = Ward(*staff, await cast.patient())
    await found.red()
    return found


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


async def told(now: datetime) -> set[str]:
    """Whom the messages of this moment go to."""
    found = await db.rows("SELECT recipient_id FROM message WHERE kind = 'red-late' AND due_at = {}", now)
    return {str(r["recipient_id"]) for r in found}


def ids(*staff: Staff) -> set[str]:
    return {str(one.account.id) for one in staff}


async def test_its_provider_the_office_and_the_admins_are_told_every_day_until_somebody_looks(ward: Ward):
    assert await escalate.tick_red(AGAIN - A_SECOND) == 0
    for days in range(3):
        at = AGAIN + days * 24 * HOUR
        assert await escalate.tick_red(at) == 1
        assert await told(at) == ids(ward.rosa, ward.cora, ward.adam)
        assert await escalate.tick_red(at + 24 * HOUR - A_SECOND) == 0
    assert await db.rows("SELECT escalations FROM signal") == [{"escalations": 3}]
    await ward.acknowledge(ward.paula, AGAIN + 60 * HOUR)
    assert await escalate.tick_red(AGAIN + 900 * HOUR) == 0


async def test_what_is_not_red_or_was_looked_at_in_time_is_not_told_again(ward: Ward):
    await ward.acknowledge(ward.paula, AGAIN - A_SECOND)
    raised = await signal.note_reading(
        ward.rosa.actor, ward.paula.id, Measured(NOW + HOUR, systolic=150, diastolic=85), new_id(), NOW + HOUR
    )
    assert {one.severity for one in raised} == {"amber"}
    assert await escalate.tick_red(AGAIN + 900 * HOUR) == 0


async def test_while_its_provider_cannot_sign_in_every_other_one_is_told(ward: Ward, room: Mailroom):
    await db.execute("UPDATE account SET is_active = false WHERE id = {}", ward.rosa.account.id)
    await escalate.tick_red(AGAIN)
    assert await told(AGAIN) == ids(ward.ivo, ward.cora, ward.adam)
    await room.drain(AGAIN)
    [mail] = room.to(ward.ivo.account.email)
    assert "to be looked at: 1." in text_of(mail)


async def test_after_an_outage_it_is_told_once(ward: Ward):
    late = AGAIN + 21 * 24 * HOUR
    assert await escalate.tick_red(late) == 1
    assert await escalate.tick_red(late + 24 * HOUR - A_SECOND) == 0
    assert await db.rows("SELECT escalations FROM signal") == [{"escalations": 1}]


async def test_four_workers_at_once_tell_once_of_many(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(escalate, "_BATCH", 3)
    for n in range(10):
        await ward.red(f"Pat{n}")
    done = await asyncio.gather(*(escalate.tick_red(AGAIN) for _worker in range(4)))
    assert sum(done) == 11
    found = await db.rows("SELECT recipient_id FROM message WHERE kind = 'red-late'")
    assert len(found) == 3, "each of them is written to once, not eleven times"
    assert await db.rows("SELECT DISTINCT escalations FROM signal") == [{"escalations": 1}]


async def test_what_is_being_acknowledged_is_passed_over(ward: Ward):
    async with db.transaction():
        await ward.acknowledge(ward.paula, AGAIN)
        another_worker = asyncio.create_task(escalate.tick_red(AGAIN), context=Context())
        assert await another_worker == 0, "nobody waits for it"
    assert await escalate.tick_red(AGAIN) == 0


async def test_the_mail_says_how_many_and_not_what(ward: Ward, room: Mailroom):
    await ward.red("Nora")
    await escalate.tick_red(AGAIN)
    await room.drain(AGAIN)
    mails = [room.to(one.account.email)[-1] for one in (ward.rosa, ward.cora, ward.adam)]
    for mail in mails:
        check_discreet(mail, "Paula", "Winter", "Nora", "pressure", "181", str(ward.paula.id))
        assert "to be looked at: 2." in text_of(mail)
    assert [link_of(mail) for mail in mails] == ["/provider", "/coordinator", "/admin"]


async def test_what_is_acknowledged_before_the_mail_leaves_is_not_told(ward: Ward, room: Mailroom):
    await escalate.tick_red(AGAIN)
    await ward.acknowledge(ward.paula, AGAIN)
    await room.drain(AGAIN)
    found = await db.rows("SELECT DISTINCT status FROM message WHERE kind = 'red-late'")
    assert [r["status"] for r in found] == ["superseded"]


async def test_at_the_same_moment_acknowledging_and_telling_both_end(ward: Ward):
    for n in range(6):
        await ward.red(f"Pat{n}")
    waiting = await db.rows("SELECT DISTINCT patient_id FROM signal")
    patients = [await cast.patient(name) for name in ("Paula", *(f"Pat{n}" for n in range(6)))]
    assert {one.id for one in patients} == {r["patient_id"] for r in waiting}
    await asyncio.gather(
        *(ward.acknowledge(one, AGAIN) for one in patients), *(escalate.tick_red(AGAIN) for _n in range(3))
    )
    assert await db.rows("SELECT 1 FROM signal WHERE is_open") == []
