"""Where everybody stands is always what a count from scratch says, whatever has been done, in whatever order."""

import asyncio
import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

from carepath.accounts.people import Patient
from carepath.followups import service
from carepath.followups.readings import history_of
from carepath.followups.rules.scores import scores
from carepath.followups.service import Reading
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import CarepathError
from carepath.kit.ids import new_id
from carepath.migrations.piccolo_migrations.m0026_desk_words import WORDS
from carepath.questionnaires import service as questionnaires
from tests import cast
from tests.cast import NOW, Staff

from .conftest import DRAFT, Course, open_due

DAY = timedelta(days=1)
RANKS = {"red": 0, "amber": 1, "overdue": 2, "due": 3}
Standing = tuple[int, datetime | None]


async def kept() -> dict[UUID, Standing]:
    """By plan, as the columns say."""
    return {
        r["id"]: (r["attention"], r["attention_at"])
        for r in await db.rows("SELECT id, attention, attention_at FROM treatment_plan")
    }


async def from_scratch() -> dict[UUID, Standing]:
    """By plan, from every open signal and check-in there is."""
    plans = await db.rows("SELECT * FROM treatment_plan ORDER BY (status = 'completed') DESC, created_at, id")
    leads = {(p["patient_id"], p["practitioner_id"]): p["id"] for p in plans}  # the last one written wins
    waits: dict[UUID, dict[str, datetime]] = defaultdict(dict)

    def note(plan: UUID, what: str, at: datetime) -> None:
        waits[plan][what] = min(at, waits[plan].get(what, at))

    for s in await db.rows("SELECT * FROM signal WHERE is_open"):
        note(leads[s["patient_id"], s["practitioner_id"]], s["severity"], s["raised_at"])
    for c in await db.rows("SELECT * FROM check_in WHERE status IN ('due', 'overdue')"):
        note(c["plan_id"], c["status"], c["due_at"])
    return {p["id"]: _worst(waits.get(p["id"], {})) if p["id"] in leads.values() else (9, None) for p in plans}


async def said() -> dict[UUID, dict[str, Any]]:
    """By plan, what its row on the desk says."""
    found = await db.rows("SELECT id, standing FROM treatment_plan WHERE standing IS NOT NULL")
    return {r["id"]: json.loads(r["standing"]) for r in found}


async def said_from_scratch() -> dict[UUID, dict[str, Any]]:
    """The same, counted: signals, the worst ones' words, item 9, the open check-in, the last answer."""
    plans = await db.rows("SELECT * FROM treatment_plan ORDER BY (status = 'completed') DESC, created_at, id")
    leads = {(p["patient_id"], p["practitioner_id"]): p["id"] for p in plans}
    signals = await db.rows("SELECT * FROM signal WHERE is_open ORDER BY raised_at, id")
    check_ins = await db.rows("SELECT * FROM check_in ORDER BY due_at")
    found: dict[UUID, dict[str, Any]] = {}
    for (patient, who), plan in leads.items():
        mine = sorted(
            (s for s in signals if (s["patient_id"], s["practitioner_id"]) == (patient, who)),
            key=lambda s: RANKS[s["severity"]],
        )
        asked = [c for c in check_ins if c["plan_id"] == plan]
        late = sorted((c for c in asked if c["status"] in {"due", "overdue"}), key=lambda c: RANKS[c["status"]])
        answers = [c["completed_at"] for c in asked if c["completed_at"]]
        found[plan] = {
            **({"signals": len(mine), "words": _words(mine)} if mine else {}),
            **({"item9": True} if any("item9" in json.loads(s["readings"]) for s in mine) else {}),
            **({"check_in": late[0]["status"], "due_at": _text(late[0]["due_at"])} if late else {}),
            **({"answered_at": _text(max(answers))} if answers else {}),
        }
    return found


def _words(mine: list[dict[str, Any]]) -> str:
    """Of the worst tone what was raised last first, each once, three at most."""
    loud = [s for s in mine if s["severity"] == mine[0]["severity"]]
    newest = sorted(loud, key=lambda s: (-s["raised_at"].timestamp(), -s["about_at"].timestamp(), str(s["id"])))
    *more, last = list(dict.fromkeys(s["words"] for s in newest))[:3]
    return " · ".join([*(one.removesuffix(".") for one in more), last])


def _text(at: datetime) -> str:
    """As the database writes it into JSON."""
    return at.isoformat()


def _worst(waits: dict[str, datetime]) -> Standing:
    return min(((RANKS[what], at) for what, at in waits.items()), default=(9, None))


class Clinic:
    """Two providers, four patients, a clock that goes on, and everything that may be done next."""

    def __init__(self, course: Course, patients: list[Patient], seed: int) -> None:
        self.course, self.patients, self.rng, self.now = course, patients, Random(seed), NOW
        self.doctors: dict[UUID, Staff] = {}
        for one in (course.rosa, course.ivo):
            assert one.practitioner is not None
            self.doctors[one.practitioner.id] = one

    async def act(self) -> None:
        """Something at random. What is refused changes nothing, which is looked at as well."""
        self.now += self.rng.choice((timedelta(hours=1), DAY, 5 * DAY, 15 * DAY))
        often = (self.tick, self.answer, self.write, self.turn, self.change, self.acknowledge)
        act = self.rng.choice((*often, *often[:2], self.late, self.fall_due))
        with suppress(CarepathError):
            await act()

    async def _one(self, sql: str) -> dict[str, Any] | None:
        found = await db.rows(f"{sql} ORDER BY id")
        return self.rng.choice(found) if found else None

    async def write(self) -> None:
        who, patient = self.rng.choice(list(self.doctors.values())), self.rng.choice(self.patients)
        await service.write_plan(who.actor, patient.id, replace(DRAFT, starts_on=self.now.date()), self.now)

    async def turn(self) -> None:
        plan = await self._one("SELECT id, practitioner_id FROM treatment_plan")
        turn = self.rng.choice((service.pause_plan, service.resume_plan, service.end_plan))
        if plan:
            await turn(self.doctors[plan["practitioner_id"]].actor, plan["id"], "a reason", self.now)

    async def change(self) -> None:
        plan = await self._one("SELECT id, practitioner_id, version FROM treatment_plan WHERE status <> 'completed'")
        if plan:
            draft = replace(DRAFT, starts_on=self.now.date(), check_in_every_days=self.rng.choice((7, 14, 60)))
            await service.change_plan(
                self.doctors[plan["practitioner_id"]].actor, plan["id"], draft, plan["version"], "A reason.", self.now
            )

    async def tick(self) -> None:
        await open_due(self.now)
        async with db.transaction():
            await service.mark_overdue(self.now)

    async def late(self) -> None:
        async with db.transaction():
            await service.climb(self.rng.choice((2, 3)), self.now)

    async def fall_due(self) -> None:
        async with db.transaction():
            await service.raise_due(self.now)

    async def answer(self) -> None:
        found = await self._one("SELECT id, patient_id FROM check_in WHERE status IN ('due', 'overdue')")
        if found:
            await answered(self.course, found, self.rng, self.now)

    async def acknowledge(self) -> None:
        found = await self._one("SELECT id, patient_id, practitioner_id FROM signal WHERE acknowledged_at IS NULL")
        if found:
            who = self.doctors[found["practitioner_id"]].actor
            await service.acknowledge(who, found["patient_id"], [found["id"]], "Called.", self.now)


async def answered(course: Course, found: dict[str, Any], rng: Random, now: datetime) -> None:
    response = await questionnaires.open_response(
        SYSTEM.scope, "check-in", found["id"], found["patient_id"], course.questions, now
    )
    said = Reading(
        new_id(), now, "check-in", Decimal(rng.randint(0, 10)), item9=rng.choice((0, 0, 1)), change=rng.choice((None, 2, 6))
    )  # fmt: skip
    async with db.transaction():
        done = await service.complete(SYSTEM, found["id"], response, now)
        plan = await service.plan(SYSTEM.scope, done.plan_id)
        await service.take_reading(SYSTEM, plan, said, done.id, None, now)


@pytest.mark.parametrize("seed", range(8))
async def test_after_any_acts_everybody_stands_where_a_count_from_scratch_puts_them(course: Course, seed: int):
    others = [await cast.patient(name, "Autumn") for name in ("Otto", "Ada")]
    clinic = Clinic(course, [course.paula, course.nora, *others], seed)
    for step in range(40):
        await clinic.act()
        assert await kept() == await from_scratch(), f"after step {step}"
        assert await said() == await said_from_scratch(), f"after step {step}"
    await db.execute(
        """UPDATE treatment_plan SET standing = standing || '{{"words": "Old."}}' WHERE standing ? 'words'"""
    )
    async with db.transaction():
        await db.script(WORDS)
    assert await said() == await said_from_scratch(), "what the migration makes of it"
    for patient in clinic.patients:
        known = scores(await history_of(SYSTEM.scope, patient.id))
        kept_scores = await db.rows("SELECT scores FROM treatment_plan WHERE patient_id = {}", patient.id)
        assert all(json.loads(r["scores"]) == known for r in kept_scores)


async def test_acts_at_the_same_moment_neither_wait_for_each_other_nor_lose_one(course: Course):
    """A patient answers, a provider acknowledges, changes, pauses and ends, the worker ticks: all at once."""
    rng = Random(3)
    for number in range(6):
        now = NOW + (number + 1) * 15 * DAY
        (found,) = await open_due(now)
        await answered(course, {"id": found.id, "patient_id": found.patient_id}, Random(number), now)
        (again,) = await open_due(now + 14 * DAY)
        open_signals = await db.rows("SELECT id FROM signal WHERE acknowledged_at IS NULL ORDER BY id")
        plan = await service.plan_of(SYSTEM.scope, course.paula.id)
        assert plan is not None
        later = now + 20 * DAY
        work = [
            answered(course, {"id": again.id, "patient_id": again.patient_id}, rng, later),
            *(service.acknowledge(course.rosa.actor, course.paula.id, [s["id"]], "Called.", later) for s in open_signals),
            service.change_plan(course.rosa.actor, plan.id, replace(DRAFT, starts_on=later.date()), plan.version, "A reason.", later),
            _overdue(later), _fall_due(later), service.pause_plan(course.rosa.actor, plan.id, "a reason", later),
            service.end_plan(course.rosa.actor, plan.id, "a reason", later),
        ]  # fmt: skip
        rng.shuffle(work)
        done = await asyncio.gather(*work, return_exceptions=True)
        assert not [one for one in done if isinstance(one, BaseException) and not isinstance(one, CarepathError)]
        assert await kept() == await from_scratch()
        await service.write_plan(course.rosa.actor, course.paula.id, replace(DRAFT, starts_on=now.date()), now)


async def _overdue(now: datetime) -> None:
    async with db.transaction():
        await service.mark_overdue(now)


async def _fall_due(now: datetime) -> None:
    async with db.transaction():
        await service.raise_due(now)
