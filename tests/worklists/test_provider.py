"""The provider's desk: who stands on it, why, and in which order."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Evaluation
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, PlanDraft, Reading
from carepath.intake import service as intakes
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.questionnaires import queries as stored
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.scoring import Score
from carepath.scheduling import service as scheduling
from carepath.screening import service as screening
from carepath.settings import Settings
from carepath.worklists import provider
from carepath.worklists.follow_ups import Scores
from carepath.worklists.pending import Wanted
from tests import cast
from tests.cast import NOW, Staff
from tests.screening.facts import facts

DAY = timedelta(days=1)
FIRST = Wanted("all", NOW.date(), NOW, NOW + DAY)
DRAFT = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk to the shop.", NOW.date())


@dataclass(frozen=True, slots=True)
class Desk:
    """Rosa's desk, with Ivo's beside it."""

    rosa: Staff
    ivo: Staff
    questions: str

    async def seen(self, who: Staff | None = None) -> provider.Dashboard:
        """What it shows."""
        return await provider.dashboard((who or self.rosa).actor.scope, FIRST, NOW)


@pytest.fixture
async def desk(database: Settings) -> Desk:
    questions = configuration.load(database.config_dir).intake.check_ins.weekly
    await questionnaires.register_all(NOW)
    return Desk(await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("NY", "CO")), questions)


async def opened(first: str, priority: str, now: datetime = NOW) -> Evaluation:
    patient = await cast.patient(first, "Winter")
    intake = await intakes.newest(SYSTEM, patient.id)
    assert intake is not None
    return await evaluations.open_for(SYSTEM, patient.id, intake.id, priority, now)


async def in_treatment(desk: Desk, first: str, *pegs: str, every: int = 14) -> Patient:
    """A patient with a plan: the first PEG is the intake's, the others are read later."""
    patient = await cast.patient(first, "Winter")
    for peg in pegs[:1]:
        await scored(patient, peg, NOW, desk.questions)
    plan = await followups.write_plan(desk.rosa.actor, patient.id, replace(DRAFT, check_in_every_days=every), NOW)
    for number, peg in enumerate(pegs[1:], 1):
        said = Reading(new_id(), NOW + number * DAY, "staff", Decimal(peg))
        await followups.take_reading(SYSTEM, plan, said, new_id(), None, said.at)
    return patient


async def scored(patient: Patient, peg: str, at: datetime, url: str) -> None:
    response = await questionnaires.open_response(SYSTEM.scope, "intake", new_id(), patient.id, url, at)
    await stored.insert_score(SYSTEM.scope, response, patient.id, Score("peg", Decimal(peg), 3, 3, None), at)


async def tick(now: datetime) -> list[CheckIn]:
    async with db.transaction():
        due = await followups.open_due(now)
        await followups.mark_overdue(now)
        return due


async def answer(desk: Desk, patient: Patient, **reading: int) -> list[followups.Signal]:
    (found,) = [c for c in await followups.check_ins_of(SYSTEM.scope, patient.id) if c.status in {"due", "overdue"}]
    url = desk.questions
    response = await questionnaires.open_response(SYSTEM.scope, "check-in", found.id, patient.id, url, found.due_at)
    said = Reading(new_id(), found.due_at, "check-in", **reading)  # type: ignore[arg-type]
    await followups.complete(cast.as_patient(patient), found.id, response, found.due_at)
    plan = await followups.plan(SYSTEM.scope, found.plan_id)
    return await followups.take_reading(cast.as_patient(patient), plan, said, found.id, None, found.due_at)


class TestPending:
    async def test_by_urgency_then_due_time(self, desk: Desk):
        late = await opened("Lena", "routine", NOW - 5 * DAY)
        routine, stat, urgent = [await opened(p.title(), p) for p in ("routine", "stat", "urgent")]
        order = [row.evaluation_id for row in (await desk.seen()).pending]
        assert order == [stat.id, urgent.id, late.id, routine.id]

    async def test_of_one_that_nobody_has_only_initials_are_shown(self, desk: Desk):
        found = await opened("Paula", "routine")
        (row,) = (await desk.seen()).pending
        assert (row.name, row.jurisdiction, row.is_mine) == ("P. W.", "CO", False)
        await evaluations.claim(desk.rosa.actor, found.id, NOW)
        (row,) = (await desk.seen()).pending
        assert (row.name, row.status, row.is_mine) == ("Paula Winter", "in-progress", True)
        assert (await desk.seen(desk.ivo)).pending == (), "a colleague's is out of sight"

    async def test_a_row_says_why_it_stands_there(self, desk: Desk):
        found = await opened("Paula", "routine")
        wrong = facts({"medical.organs": ["kidney"], "medical.heart": ["aneurysm"]})
        await screening.run(SYSTEM.scope, found.intake_id, found.patient_id, "intake", facts({}), NOW - DAY)
        await screening.run(SYSTEM.scope, found.intake_id, found.patient_id, "intake", wrong, NOW)
        (row,) = (await desk.seen()).pending
        assert (row.stops, row.reviews, row.visit_at) == (1, 1, None)

    async def test_it_leaves_the_list_when_decided_and_asks_for_a_plan(self, desk: Desk):
        found = await opened("Paula", "routine")
        taken = await evaluations.claim(desk.rosa.actor, found.id, NOW)
        await evaluations.decide(desk.rosa.actor, found.id, "suitable", "", "We begin.", taken.version, NOW)
        assert (await desk.seen()).pending == ()
        waiting = await provider.to_plan(desk.rosa.actor.scope)
        assert [(row.name, row.patient_id) for row in waiting] == [("Paula Winter", found.patient_id)]
        assert await provider.to_plan(desk.ivo.actor.scope) == []
        await followups.write_plan(desk.rosa.actor, found.patient_id, DRAFT, NOW + DAY)
        assert await provider.to_plan(desk.rosa.actor.scope) == []
        assert [row.name for row in (await provider.patients(desk.rosa.actor.scope)).rows] == ["Paula Winter"]

    async def test_found_suitable_again_after_an_ended_plan_asks_for_a_new_one(self, desk: Desk):
        patient = await in_treatment(desk, "Paula")
        plan = await followups.plan_of(SYSTEM.scope, patient.id)
        assert plan is not None
        await followups.end_plan(desk.rosa.actor, plan.id, "Moved away", NOW + DAY)
        intake = await intakes.newest(SYSTEM, patient.id)
        assert intake is not None
        found = await evaluations.open_for(SYSTEM, patient.id, intake.id, "routine", NOW + 2 * DAY)
        taken = await evaluations.claim(desk.rosa.actor, found.id, NOW + 2 * DAY)
        await evaluations.decide(
            desk.rosa.actor, found.id, "suitable", "", "We begin again.", taken.version, NOW + 3 * DAY
        )
        assert [row.patient_id for row in await provider.to_plan(desk.rosa.actor.scope)] == [patient.id]


class TestUrgent:
    async def test_the_soonest_due_first_and_with_the_whole_name(self, desk: Desk):
        paula = await cast.patient("Paula", "Winter")
        for hours, patient in ((2, None), (0, paula)):
            at = NOW + timedelta(hours=hours)
            patient_id = patient.id if patient else None
            await evaluations.urgent(patient_id, None, "intake", new_id(), "phq-item9", "1", "Item 9 above zero.", at)
        rows = (await desk.seen()).urgent
        assert [(row.name, row.is_mine) for row in rows] == [("Paula Winter", False), ("", False)]
        await evaluations.finish_urgent(desk.ivo.actor, rows[0].task_id, "Called her.", NOW)
        assert len((await desk.seen()).urgent) == 1


class TestFollowUps:
    async def test_red_then_amber_then_overdue_then_due(self, desk: Desk):
        due = await in_treatment(desk, "Dora", every=19)
        overdue = await in_treatment(desk, "Otto", every=14)
        amber, red = await in_treatment(desk, "Amy", every=13), await in_treatment(desk, "Ray", every=13)
        quiet = await in_treatment(desk, "Quinn", every=60)
        await tick(NOW + 13 * DAY)
        await answer(desk, amber, change=7)
        await answer(desk, red, item9=1)
        await tick(NOW + 14 * DAY)
        await tick(NOW + 19 * DAY)
        seen = await desk.seen()
        rows = [(row.patient_id, row.worst, row.check_in_status) for row in seen.follow_ups]
        assert rows == [
            (red.id, "red", None), (amber.id, "amber", None), (overdue.id, None, "overdue"), (due.id, None, "due"),
        ]  # fmt: skip
        assert quiet.id not in {row.patient_id for row in seen.follow_ups}
        assert seen.standing.of["running"] == 5
        assert {name: seen.standing.of[name] for name in ("red", "amber", "overdue", "due")} == {
            "red": 1, "amber": 1, "overdue": 1, "due": 1,
        }  # fmt: skip
        assert (await desk.seen(desk.ivo)).follow_ups == []

    async def test_a_row_shows_the_worst_open_signal_and_the_pegs_in_order(self, desk: Desk):
        patient = await in_treatment(desk, "Paula", "7.7", "5.0", "5.2")
        await tick(NOW + 14 * DAY)
        signals = await answer(desk, patient, item9=1, change=7)
        (row,) = (await desk.seen()).follow_ups
        assert (row.name, row.worst, row.open_signals) == ("Paula Winter", "red", 2)
        assert row.scores == Scores((7.7, 5.0, 5.2), "7.7", "5.1", "5.2", 32, pgic=7)
        (red,) = [s for s in signals if s.severity == "red"]
        await followups.acknowledge(desk.rosa.actor, red.patient_id, [red.id], "Called her.", NOW + 15 * DAY)
        (row,) = (await desk.seen()).follow_ups
        assert (row.worst, row.open_signals) == ("amber", 1)

    async def test_a_warning_nobody_has_seen_outlives_its_plan(self, desk: Desk):
        patient = await in_treatment(desk, "Paula")
        await tick(NOW + 14 * DAY)
        (red,) = await answer(desk, patient, item9=1)
        plan = await followups.plan_of(SYSTEM.scope, patient.id)
        assert plan is not None
        await followups.end_plan(desk.rosa.actor, plan.id, "Moved away", NOW + 15 * DAY)
        await followups.write_plan(desk.rosa.actor, patient.id, DRAFT, NOW + 16 * DAY)
        rows = (await desk.seen()).follow_ups
        assert [(row.patient_id, row.worst, row.plan_status) for row in rows] == [(patient.id, "red", "active")]
        again = await followups.plan_of(SYSTEM.scope, patient.id)
        assert again is not None
        await followups.end_plan(desk.rosa.actor, again.id, "Moved away", NOW + 17 * DAY)
        assert [row.plan_status for row in (await desk.seen()).follow_ups] == ["completed"]
        await followups.acknowledge(desk.rosa.actor, red.patient_id, [red.id], "Called her.", NOW + 18 * DAY)
        assert (await desk.seen()).follow_ups == []


async def test_only_providers_have_a_desk(desk: Desk):
    paula = cast.as_patient(await cast.patient())
    for other in (paula, (await cast.coordinator()).actor, (await cast.admin()).actor):
        for look in (provider.patients, provider.to_plan):
            with pytest.raises(NotFound):
                await look(other.scope)
        with pytest.raises(NotFound):
            await provider.dashboard(other.scope, FIRST, NOW)


async def test_a_visit_is_shown_with_the_evaluation(desk: Desk):
    found = await opened("Paula", "routine")
    patient, doctor = await cast.patient("Paula", "Winter"), desk.rosa.practitioner
    assert doctor is not None
    at = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)  # Thursday, ten in Denver
    me = cast.as_patient(patient)
    held = await scheduling.hold(me, found.patient_id, doctor.id, "evaluation", at, "CO", "America/Denver", NOW)
    assert (await desk.seen()).pending[0].visit_at is None, "held is not booked"
    await scheduling.confirm(me, held.id, NOW)
    assert (await desk.seen()).pending[0].visit_at == at
