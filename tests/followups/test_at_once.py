"""Verbs about one patient at the same moment, in any order: nobody waits for ever, what is refused is refused in words,
and the desk says afterwards what a count from scratch says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from carepath import configuration
from carepath.dev import answers
from carepath.followups import service as followups
from carepath.followups import standing_queries
from carepath.followups.rules.history import Dose
from carepath.followups.rules.measured import Measured
from carepath.followups.rules.sessions import SessionDraft, Vitals
from carepath.intake.catalogue import CheckIns
from carepath.journey import check_in, dose, follow_up, signal, treat
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests.cast import NOW

from .conftest import DRAFT, Course

ROUNDS = 30
OPEN = {"due", "overdue"}
CALM = Vitals(120, 80, 70, 98)
FIRST = NOW + timedelta(days=20)
Verb = Callable[[], Awaitable[object]]


def draft(at: object, upper: int = 120) -> SessionDraft:
    return SessionDraft(
        at, "iv", Dose(Decimal(30), "mg"), "", CALM, replace(CALM, systolic=upper), frozenset({"none"}), "", 2, 1, True, "",  # type: ignore[arg-type]
        True, "",
    )  # fmt: skip


class Bench:
    """Paula's second plan runs, her first has ended; everybody has something to say."""

    def __init__(self, course: Course, sets: CheckIns, rng: Random) -> None:
        self.course, self.sets, self.rng = course, sets, rng
        self.me, self.rosa, self.now = course.patient, course.rosa.actor, FIRST

    async def begin(self) -> None:
        course, at = self.course, NOW + timedelta(days=3)
        await dose.record(self.rosa, self.sets, course.paula.id, draft(at), None, at + timedelta(hours=1))
        await followups.end_plan(self.rosa, course.plan.id, "Moved away.", at + timedelta(days=1))
        await followups.write_plan(
            self.rosa, course.paula.id, replace(DRAFT, check_in_every_days=1), at + timedelta(days=2)
        )

    async def answer(self) -> None:
        """The page of an open check-in, filled in and sent."""
        waiting = [c for c in await followups.check_ins_of(SYSTEM.scope, self.course.paula.id) if c.status in OPEN]
        if waiting:
            form = questionnaires.current(await check_in.questions(self.me, self.sets, waiting[0], self.now))
            given = answers.check_in(self.rng.uniform(0, 10), self.rng, self.rng.random() < 0.3)
            fields = answers.fields(form, answers.filled(form, given))
            done = await check_in.answer(self.me, self.sets, waiting[0].id, fields, self.now)
            assert done.is_done, done.errors

    async def close(self) -> None:
        """A late one, on the provider's page."""
        waiting = [c for c in await followups.check_ins_of(SYSTEM.scope, self.course.paula.id) if c.status == "overdue"]
        if waiting:
            await follow_up.close_check_in(self.rosa, self.course.paula.id, waiting[0].id, "reached", "", self.now)

    async def session(self) -> None:
        at = self.now - timedelta(minutes=self.rng.randint(1, 300))
        await dose.record(
            self.rosa, self.sets, self.course.paula.id, draft(at, self.rng.choice((125, 190))), None, self.now
        )

    async def correct(self) -> None:
        """Any report that stands: of the ended plan as well."""
        reports = [
            one.by_provider.report
            for one in await followups.sessions_of(self.rosa.scope, self.course.paula.id)
            if one.by_provider
        ]
        one = self.rng.choice(reports)
        await dose.correct(
            self.rosa, self.sets, self.course.paula.id, one.id, draft(one.draft.held_at, 195), "A slip.", self.now
        )

    async def reading(self) -> None:
        found = Measured(
            self.now - timedelta(hours=self.rng.randint(0, 400)),
            Decimal(self.rng.randint(0, 10)),
            systolic=185,
            diastolic=90,
        )
        await signal.note_reading(self.rosa, self.course.paula.id, found, new_id(), self.now)

    async def acknowledge(self) -> None:
        raised = [one.id for one in await followups.signals_of(self.rosa.scope, self.course.paula.id) if one.is_open]
        await signal.acknowledge(self.rosa, self.course.paula.id, raised, "Seen.", self.now)

    async def change(self) -> None:
        plan = await followups.plan_of(SYSTEM.scope, self.course.paula.id)
        assert plan is not None
        new = replace(DRAFT, check_in_every_days=self.rng.randint(1, 5))
        await treat.change_plan(self.rosa, plan.id, new, plan.version, "As agreed.", self.now)

    async def turn(self) -> None:
        plan = await followups.plan_of(SYSTEM.scope, self.course.paula.id)
        assert plan is not None
        await treat.turn_plan(self.rosa, plan.id, "pause" if plan.status == "active" else "resume", "A trip.", self.now)

    async def tick(self) -> None:
        await follow_up.tick(self.now)
        await follow_up.after_sessions(self.now)

    async def due(self) -> None:
        await signal.raise_due(self.now)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        return (
            self.answer, self.session, self.correct, self.correct, self.reading, self.acknowledge, self.change, self.turn,
            self.tick, self.due, self.close,
        )  # fmt: skip


async def stands() -> list[dict[str, object]]:
    """What the desk says of every plan."""
    return await db.rows("SELECT id, attention, attention_at, standing FROM treatment_plan ORDER BY id")


@pytest.mark.parametrize("seed", range(3))
async def test_any_verbs_at_once_end_in_words_and_leave_the_desk_as_counted(
    course: Course, database: Settings, seed: int
):
    sets = configuration.load(database.config_dir).intake.check_ins
    bench = Bench(course, sets, Random(seed))
    await bench.begin()
    done = 0
    for _round in range(ROUNDS // 3):
        bench.now += timedelta(days=bench.rng.randint(1, 4), minutes=bench.rng.randint(0, 50))
        verbs = [bench.rng.choice(bench.verbs) for _each in range(7)]
        said = await asyncio.gather(*(verb() for verb in verbs), return_exceptions=True)
        for verb, answer in zip(verbs, said, strict=True):
            assert answer is None or isinstance(answer, Conflict | Invalid), (verb.__name__, repr(answer))  # type: ignore[attr-defined]
        done += said.count(None)
        before = await stands()
        await standing_queries.refresh(SYSTEM.scope, [course.paula.id])
        assert await stands() == before, "worked out anew it says the same"
    assert done > ROUNDS
