"""A check-in is answered and its provider hears of what is red: once, and not beside the mail about an urgent task."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from carepath import configuration
from carepath.dev import answers
from carepath.followups import service as followups
from carepath.followups.rules.measured import Measured
from carepath.followups.service import CheckIn, PlanDraft, Reading, Signal
from carepath.intake.catalogue import CheckIns
from carepath.journey import check_in, signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff

DUE = NOW + timedelta(days=14)
DRAFT = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk to the shop.", NOW.date())


class Treated:
    """Paula, treated by Rosa, with a check-in that waits."""

    rosa: Staff
    sets: CheckIns
    waiting: CheckIn

    async def open(self, database: Settings, every: int = 14) -> "Treated":
        self.sets = configuration.load(database.config_dir).intake.check_ins
        await questionnaires.register_all(NOW)
        self.rosa, self.paula = await cast.provider(), await cast.patient()
        draft = PlanDraft("iv", "clinic", "as agreed", 28, every, "Walk to the shop.", NOW.date())
        self.plan = await followups.write_plan(self.rosa.actor, self.paula.id, draft, NOW)
        async with db.transaction():
            (self.waiting,) = await followups.open_due(NOW + timedelta(days=every))
        return self

    async def answer(self, **said: Any) -> list[Signal]:
        """The check-in with these answers and the mildest ones else."""
        me = cast.as_patient(self.paula)
        form = questionnaires.current(await check_in.questions(me, self.sets, self.waiting, DUE))
        given = {f"checkin.{name.replace('__', '.').replace('_', '-')}": value for name, value in said.items()}
        sent = answers.fields(form, answers.filled(form, given))
        done = await check_in.answer(me, self.sets, self.waiting.id, sent, DUE)
        assert done.is_done, done.errors
        return await followups.signals_of(SYSTEM.scope, self.paula.id)


@pytest.fixture
async def treated(database: Settings) -> Treated:
    return await Treated().open(database)


async def told() -> list[tuple[str, str]]:
    """(kind, subject) of the mails to staff."""
    found = await db.rows("SELECT kind, subject FROM message WHERE kind IN ('red-signal', 'urgent-task') ORDER BY kind")
    return [(r["kind"], r["subject"]) for r in found]


async def test_a_red_signal_is_told_once_however_many_there_are(treated: Treated):
    found = await treated.answer(bladder=["blood", "pain", "frequency"])
    assert {one.rule_id for one in found} >= {"blood-in-urine", "bladder-pain"}
    assert all(one.check_in_id == treated.waiting.id for one in found)
    assert await told() == [("red-signal", "reading")]


async def test_what_raised_an_urgent_task_is_not_told_twice(treated: Treated):
    found = await treated.answer(effects=["chest-pain"], severity="mild")
    assert "severe-side-effect" in {one.rule_id for one in found}
    assert await told() == [("urgent-task", "urgent-task")]


async def test_one_thing_raises_one_signal(database: Settings):
    """What a reading holds has its signal, and no screening rule beside it; what no signal reads still has its rule."""
    treated = await Treated().open(database, every=28)
    found = await treated.answer(
        reading=True, systolic=150, diastolic=80, heart_rate=70, pregnancy="yes", drug_use=1, misuse=["none"],
        audit__q1="LA18929-2", audit__q2="LA18932-6", audit__q3="LA18934-2",
        **{f"gad7__q{n}": "LA6571-9" for n in range(1, 8)},
    )  # fmt: skip
    asked = {one.rule_id for one in found} - {"relief-minimal"}
    assert asked <= {
        "blood-pressure-high",
        "pregnancy",
        "misuse-one",
        "check-in-audit-c",
        "check-in-gad-7-severe",
        "change-worse",
    }
    assert "blood-pressure-high" in asked


async def test_a_reading_of_a_call_is_taken_at_its_own_time(treated: Treated):
    yesterday = NOW - timedelta(days=1)
    entry, measured = new_id(), Measured(yesterday, systolic=181, diastolic=100)
    (found,) = await signal.note_reading(treated.rosa.actor, treated.paula.id, measured, entry, NOW)
    assert (found.rule_id, found.about_at, found.raised_at) == ("blood-pressure-crisis", yesterday, NOW)
    assert await signal.note_reading(treated.rosa.actor, treated.paula.id, measured, entry, NOW) == [], "sent twice"
    assert await told() == [("red-signal", "reading")]
    (row,) = await db.rows("SELECT patient_id FROM audit_event WHERE action = 'write' AND subject = 'reading'")
    assert row["patient_id"] == treated.paula.id, "one row: the second sending wrote nothing"


async def test_an_entry_that_said_something_else_before_is_refused_and_not_lost_in_silence(treated: Treated):
    rosa, entry, calm = treated.rosa, new_id(), Measured(NOW, systolic=128, diastolic=80)
    nora = await cast.patient("Nora", "Summers")
    await followups.write_plan(rosa.actor, nora.id, DRAFT, NOW)
    assert await signal.note_reading(rosa.actor, treated.paula.id, calm, entry, NOW) == []
    for patient_id, measured in (
        (treated.paula.id, Measured(NOW, systolic=228, diastolic=130)),
        (treated.paula.id, Measured(NOW - timedelta(hours=1), systolic=128, diastolic=80)),
        (nora.id, calm),
    ):
        with pytest.raises(Conflict) as refused:
            await signal.note_reading(rosa.actor, patient_id, measured, entry, NOW)
        assert "something else" in refused.value.reason
    assert len(await db.rows("SELECT 1 FROM reading")) == 1
    assert len(await db.rows("SELECT 1 FROM audit_event WHERE action = 'write' AND subject = 'reading'")) == 1


@pytest.mark.parametrize(
    ("field", "measured"),
    [
        ("peg", Measured(NOW)), ("systolic", Measured(NOW, diastolic=80)), ("diastolic", Measured(NOW, systolic=120)),
        ("systolic", Measured(NOW, systolic=80, diastolic=80)), ("at", Measured(NOW + timedelta(seconds=1), nrs=3)),
        ("at", Measured(NOW - timedelta(days=367), nrs=3)),
    ],
)  # fmt: skip
async def test_a_reading_that_cannot_be_names_its_field(treated: Treated, field: str, measured: Measured):
    with pytest.raises(Invalid) as caught:
        await signal.note_reading(treated.rosa.actor, treated.paula.id, measured, new_id(), NOW)
    assert set(caught.value.fields) == {field}
    assert await db.rows("SELECT 1 FROM reading") == []


async def test_only_the_patients_own_provider_writes_readings_and_acknowledges(treated: Treated):
    (found,) = [one for one in await treated.answer(bladder=["blood"]) if one.severity == "red"]
    ivo, measured = await cast.provider("Ivo Brandt"), Measured(NOW, nrs=3)
    with pytest.raises(NotFound):
        await signal.note_reading(ivo.actor, treated.paula.id, measured, new_id(), NOW)
    with pytest.raises(NotFound):
        await signal.acknowledge(ivo.actor, treated.paula.id, [found.id], "Seen.", DUE)
    for other in (cast.as_patient(treated.paula), (await cast.coordinator()).actor):
        with pytest.raises(Refused):
            await signal.note_reading(other, treated.paula.id, measured, new_id(), NOW)
        with pytest.raises(Refused):
            await signal.acknowledge(other, treated.paula.id, [found.id], "Seen.", DUE)
    await followups.end_plan(treated.rosa.actor, treated.plan.id, "Moved away", DUE)
    with pytest.raises(Conflict):
        await signal.note_reading(treated.rosa.actor, treated.paula.id, measured, new_id(), DUE)


async def test_late_data_tells_of_the_later_reading_that_it_made_red(treated: Treated):
    def said(day: int, code: str) -> Reading:
        return Reading(new_id(), NOW + timedelta(days=day), "staff", misuse=frozenset({code}))

    await signal.take(SYSTEM, treated.plan, later := said(10, "extra"), new_id(), None, DUE)
    assert await told() == []
    await signal.take(SYSTEM, treated.plan, said(5, "lost"), new_id(), None, DUE)
    (row,) = await db.rows("SELECT subject_id FROM message WHERE kind = 'red-signal'")
    assert row["subject_id"] == later.id


async def test_what_turns_red_again_after_it_was_acknowledged_is_told_again_once(treated: Treated):
    def said(day: int, **more: Any) -> Reading:
        return Reading(new_id(), NOW + timedelta(days=day), "staff", **more)

    async def take(found: Reading) -> None:
        await signal.take(SYSTEM, treated.plan, found, new_id(), None, DUE)

    await take(said(10, bladder=frozenset({"blood"}), misuse=frozenset({"lost"})))
    red = [one.id for one in await followups.signals_of(SYSTEM.scope, treated.paula.id) if one.severity == "red"]
    await signal.acknowledge(treated.rosa.actor, treated.paula.id, red, "Urinalysis ordered.", DUE)
    assert await told() == [("red-signal", "reading")]
    await take(said(5, misuse=frozenset({"drug-use"})))
    assert await told() == [("red-signal", "reading")] * 2
    now = {one.rule_id for one in await followups.signals_of(SYSTEM.scope, treated.paula.id) if one.is_open}
    assert "misuse-several" in now
    await take(said(12, nrs=Decimal(3)))
    assert await told() == [("red-signal", "reading")] * 2, "and no more for what changes nothing"
