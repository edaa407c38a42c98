"""What cannot wait in answers is heard when it is given: before the form is complete, after it is over, sent twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.dev import answers
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Plan, PlanDraft
from carepath.intake.catalogue import CheckIns
from carepath.journey import book, check_in, evaluate, follow_up, visit
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff

PLAN = PlanDraft("im", "clinic", "As agreed.", 14, 14, "Sleep through the night.", NOW.date())
DAY = timedelta(days=1)


@dataclass
class Asked:
    """Paula, treated by Rosa, with one check-in that waits for her at `at`."""

    rosa: Staff
    paula: Patient
    plan: Plan
    sets: CheckIns
    one: CheckIn
    at: datetime

    async def send(self, leave: str = "", **said: object) -> check_in.Answered:
        """The questions with these answers and the mildest ones else; `leave` stays empty."""
        me = cast.as_patient(self.paula)
        form = questionnaires.current(await check_in.questions(me, self.sets, self.one, self.at))
        prefix = "session." if self.one.visit_id else "checkin."
        given = {prefix + name.replace("__", ".").replace("_", "-"): value for name, value in said.items()}
        fields = answers.fields(form, answers.filled(form, given))
        if leave:
            fields.pop(answers.field_of(form, leave))
        return await check_in.answer(me, self.sets, self.one.id, fields, self.at)

    async def too_late(self, **said: object) -> check_in.Over:
        with pytest.raises(check_in.Over) as over:
            await self.send(**said)
        return over.value

    async def status(self) -> str:
        return (await followups.get_check_in(SYSTEM.scope, self.one.id)).status


async def _asked(database: Settings, of_visit: bool) -> Asked:
    sets = configuration.load(database.config_dir).intake.check_ins
    await questionnaires.register_all(NOW)
    rosa, paula = await cast.provider(), await cast.patient()
    assert rosa.practitioner is not None
    plan, at = await followups.write_plan(rosa.actor, paula.id, PLAN, NOW), NOW + 14 * DAY
    if of_visit:
        start = NOW + timedelta(days=2, hours=2)
        made = await book.book_for(SYSTEM, paula.id, rosa.practitioner.id, "dosing-session", start, NOW)
        await visit.fulfil(rosa.actor, made.id, made.end_at)
        at = NOW + 4 * DAY
        await follow_up.after_sessions(at)
    else:
        await follow_up.tick(at)
    [one] = [c for c in await followups.check_ins_of(SYSTEM.scope, paula.id) if bool(c.visit_id) == of_visit]
    await check_in.open_check_in(cast.as_patient(paula), sets, one.id, at)
    return Asked(rosa, paula, plan, sets, one, at)


@pytest.fixture
async def session(database: Settings) -> Asked:
    return await _asked(database, of_visit=True)


@pytest.fixture
async def weekly(database: Settings) -> Asked:
    return await _asked(database, of_visit=False)


async def tasks() -> set[str]:
    return {r["rule_id"] for r in await db.rows("SELECT rule_id FROM urgent_task")}


async def mails() -> list[str]:
    found = await db.rows("SELECT kind FROM message WHERE kind IN ('red-signal', 'urgent-task') ORDER BY kind")
    return [r["kind"] for r in found]


PAIN: Mapping[str, object] = {"effects": ["chest-pain", "seizure"], "severity": "severe"}
SERIOUS = {"session-serious-effect", "session-severe-effect"}


async def test_said_of_a_session_it_is_heard_before_the_form_is_complete(session: Asked):
    first = await session.send(leave="session.dose", **PAIN)
    assert (first.is_done, first.is_urgent, await session.status()) == (False, True, "due")
    assert (await tasks(), await mails()) == (SERIOUS, ["urgent-task"])
    assert (await session.send(**PAIN)).is_done
    assert (await tasks(), await mails()) == (SERIOUS, ["urgent-task"]), "the same answers are told once"


@pytest.mark.parametrize("how", ["ended", "abandoned"])
async def test_said_of_a_session_when_nobody_waits_for_the_answer_it_is_heard(session: Asked, how: str):
    if how == "ended":
        await followups.end_plan(session.rosa.actor, session.plan.id, "Over.", session.at)
    else:
        for day in range(1, 15):
            await follow_up.tick(session.at + day * DAY)
        session.at += 15 * DAY
    over = await session.too_late(**PAIN)
    assert (over.is_urgent, over.is_told, await session.status()) == (True, True, "cancelled")
    assert (await tasks(), await mails()) == (SERIOUS, ["urgent-task"])
    assert await db.rows("SELECT 1 FROM reading") == []


async def test_a_crisis_of_blood_pressure_in_a_session_is_heard_at_once(session: Asked):
    pressed = {"systolic_after": 181, "diastolic_after": 80}
    assert not (await session.send(leave="session.dose", **pressed)).is_done
    assert (await tasks(), await mails()) == ({"session-blood-pressure-crisis"}, ["urgent-task"])


async def test_at_the_limit_and_mild_nothing_is_urgent(session: Asked):
    done = await session.send(
        effects=["nausea"], severity="moderate", systolic_before=180, diastolic_before=110, systolic_after=180,
        diastolic_after=110,
    )  # fmt: skip
    assert done.is_done
    assert not done.is_urgent
    assert await tasks() == set()


async def test_sent_a_second_time_with_more_the_more_is_told_and_the_answers_are_not_taken(weekly: Asked):
    assert (await weekly.send()).is_done
    assert await mails() == []
    over = await weekly.too_late(bladder=["blood"], effects=["nausea"], severity="severe")
    assert (over.is_urgent, over.is_told) == (False, True)
    assert (await tasks(), await mails()) == ({"blood-in-urine", "severe-side-effect"}, ["urgent-task"])
    [row] = await db.rows("SELECT words FROM urgent_task WHERE rule_id = 'blood-in-urine'")
    assert row["words"].endswith("Sent when the check-in was over: these answers were not kept.")
    assert len(await db.rows("SELECT 1 FROM reading")) == 1


async def test_the_same_red_answers_sent_twice_are_told_once(weekly: Asked):
    red = {"bladder": ["blood"], "effects": ["nausea"], "severity": "severe", "misuse": ["lost"]}
    assert (await weekly.send(**red)).is_done
    assert await mails() == ["red-signal"]
    over = await weekly.too_late(**red)
    assert (over.is_urgent, over.is_told) == (False, False)
    assert (await tasks(), await mails()) == (set(), ["red-signal"])


async def test_one_sending_is_one_mail_however_much_it_says(weekly: Asked):
    said = {"phq__q9": "LA6570-1", "cssrs__q2": True, "cssrs__q4": True, "bladder": ["blood"]}
    assert (await weekly.send(**said)).is_done
    assert await tasks() >= {"checkin-item9", "check-in-c-ssrs-high"}
    assert await mails() == ["urgent-task"]


async def test_what_another_sending_says_is_mailed_again(weekly: Asked):
    assert not (await weekly.send(leave="checkin.bladder", phq__q9="LA6570-1")).is_done
    assert not (
        await weekly.send(leave="checkin.bladder", phq__q9="LA6570-1", effects=["seizure"], severity="mild")
    ).is_done
    assert await tasks() == {"checkin-item9", "checkin-serious-effect"}
    assert await mails() == ["urgent-task", "urgent-task"]
    for row in await db.rows("SELECT id FROM urgent_task"):
        await evaluate.finish_urgent(weekly.rosa.actor, row["id"], "Talked with her.", weekly.at)
    assert not (
        await weekly.send(leave="checkin.bladder", phq__q9="LA6570-1", effects=["seizure"], severity="mild")
    ).is_done
    assert await mails() == ["urgent-task"] * 3, "said again after it was seen to: one mail for both"
