"""Readings are kept once; signals follow from all of them, in whatever order they come, and old ones are not rewritten."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from carepath.followups import catalogue, service
from carepath.followups.rules.history import Dose
from carepath.followups.rules.signals import Noticed, SignalRule, signals
from carepath.followups.service import Plan, Reading, Signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW, Staff

from .conftest import DRAFT, Course

DAY = timedelta(days=1)
LATER = NOW + 100 * DAY


def reading(day: float, **said: Any) -> Reading:
    """What was measured or asked, `day` days after NOW."""
    exact = {name: Decimal(value) if name in {"peg", "nrs"} else value for name, value in said.items()}
    return Reading(new_id(), NOW + day * DAY, "staff", **exact)


async def take(plan: Plan, found: Reading, replaces: UUID | None = None, now: datetime = LATER) -> list[Signal]:
    return await service.take_reading(SYSTEM, plan, found, new_id(), replaces, now)


async def kept(patient_id: UUID) -> list[Signal]:
    return await service.signals_of(SYSTEM.scope, patient_id)


async def standing(patient_id: UUID) -> set[tuple[str, str]]:
    return {(one.anchor, one.rule_id) for one in await kept(patient_id) if one.lapsed_at is None}


async def raw() -> list[dict[str, Any]]:
    return await db.rows("SELECT * FROM signal ORDER BY id")


async def another(rosa: Staff, email: str) -> Plan:
    """One more patient of Rosa's with the same plan."""
    return await service.write_plan(rosa.actor, (await cast.patient("Pat", email)).id, DRAFT, NOW)


@pytest.fixture
def changed():
    """Rules as they are changed in a test, and as they were afterwards."""
    was = catalogue.followups()
    yield was
    catalogue.configure(was)


def with_rule(was: catalogue.FollowUps, rule_id: str, **changes: object) -> None:
    rules = [replace(one, **changes) if one.id == rule_id else one for one in was.signals]  # type: ignore[arg-type]
    catalogue.configure(replace(was, signals=rules))


async def test_a_reading_is_kept_once_for_what_it_was_taken_from(course: Course):
    found, source = reading(14, item9=1), new_id()
    assert len(await service.take_reading(SYSTEM, course.plan, found, source, None, LATER)) == 1
    again = replace(found, id=new_id())
    assert await service.take_reading(SYSTEM, course.plan, again, source, None, LATER) is None
    assert len(await kept(course.paula.id)) == 1


async def test_what_was_taken_before_and_says_something_else_now_is_refused(course: Course):
    """Every kind of value is compared as it was kept: the same again is the same, one of them changed is not."""
    found, source = reading(
        14, peg="3.5", nrs="4", systolic=120, diastolic=80, bladder=frozenset(), effects=frozenset({"nausea", "fall"}),
        dose=Dose(Decimal("0.50"), "mg/kg"),
    ), new_id()  # fmt: skip
    await service.take_reading(SYSTEM, course.plan, found, source, None, LATER)
    assert await service.take_reading(SYSTEM, course.plan, replace(found, id=new_id()), source, None, LATER) is None
    changes: tuple[dict[str, Any], ...] = (
        {"at": found.at + DAY}, {"peg": Decimal("3.4")}, {"systolic": 220}, {"bladder": None},
        {"effects": frozenset({"nausea"})}, {"dose": None}, {"misuse": frozenset({"lost"})},
    )  # fmt: skip
    for one in changes:
        with pytest.raises(Conflict):
            await service.take_reading(SYSTEM, course.plan, replace(found, id=new_id(), **one), source, None, LATER)
    assert len(await db.rows("SELECT 1 FROM reading")) == 1


async def test_any_order_of_arrival_leaves_the_same_signals_standing(course: Course):
    """Every one of 24 orders, each with a patient of its own; what stands is what the whole history raises."""
    said = (
        reading(10, peg="3", change=5), reading(20, peg="3", bladder=frozenset({"burning"}), systolic=150, diastolic=80),
        reading(30, peg="4", bladder=frozenset({"leakage"}), systolic=150, diastolic=80, misuse=frozenset({"lost"})),
        reading(40, peg="4", misuse=frozenset({"extra"}), systolic=120, diastolic=80),
    )  # fmt: skip
    ends = set()
    for number, order in enumerate(permutations(range(4))):
        plan = await another(course.rosa, f"Order{number}")
        own = [replace(one, id=new_id()) for one in said]
        for place in order:
            await take(plan, own[place])
        history = await service.history_of(SYSTEM.scope, plan.patient_id)
        whole = {(one.anchor, one.rule.id) for one in signals(catalogue.followups().signals, history)}
        assert await standing(plan.patient_id) == whole
        ids = [str(one.id) for one in own]
        ends.add(frozenset((ids.index(anchor.removeprefix("reading:")), rule) for anchor, rule in whole))
    (end,) = ends
    assert {(3, "misuse-several"), (3, "waning-peg"), (2, "bladder-new"), (2, "blood-pressure-repeated")} <= end


async def test_late_data_adds_what_now_fires_and_rewrites_nothing(course: Course):
    for day, peg in ((10, "3"), (30, "4"), (40, "4")):
        await take(course.plan, reading(day, peg=peg))
    assert await standing(course.paula.id) == set(), "no best yet"
    late = await take(course.plan, reading(20, peg="3"))
    assert [(one.rule_id, one.about_at) for one in late] == [("waning-peg", NOW + 40 * DAY)]
    assert late[0].raised_at == LATER


async def test_what_no_longer_fires_has_lapsed_and_its_row_stays(course: Course):
    await take(course.plan, reading(10, bladder=frozenset({"burning"})))
    (found,) = await take(course.plan, reading(30, bladder=frozenset({"leakage"})))
    wrong = (await service.history_of(SYSTEM.scope, course.paula.id)).readings[0]
    assert await take(course.plan, reading(10, bladder=frozenset()), replaces=wrong.id) == []
    (after,) = await kept(course.paula.id)
    assert after == replace(found, lapsed_at=LATER, is_open=False)
    await take(course.plan, reading(5, bladder=frozenset({"burning"})))
    assert await kept(course.paula.id) == [found], "it stands again"


async def test_red_stays_open_until_somebody_says_what_they_did(course: Course):
    (found,) = await take(course.plan, typed_wrong := reading(10, systolic=240, diastolic=100))
    assert found.rule_id == "blood-pressure-crisis"
    await take(course.plan, reading(10, systolic=140, diastolic=90), replaces=typed_wrong.id)
    (after,) = await kept(course.paula.id)
    assert (after.lapsed_at, after.is_open) == (LATER, True)
    (seen,) = await service.acknowledge(course.rosa.actor, course.paula.id, [found.id], "A slip: it was 140.", LATER)
    assert not seen.is_open


async def test_a_changed_rule_leaves_old_rows_as_they_are(course: Course, changed: catalogue.FollowUps):
    await take(course.plan, reading(10, change=5, item9=1))
    await take(course.plan, reading(20, change=4))
    before = await raw()
    with_rule(changed, "waning-change", version="9", numbers={"change": 4}, words="Other words.")
    with_rule(catalogue.followups(), "phq-item9", version="9", numbers={"at_least": 2})
    await take(course.plan, reading(5, change=4, peg="5"))
    after = await raw()
    old = {row["id"] for row in before}
    assert [row for row in after if row["id"] in old] == before, "neither rewritten nor lapsed"
    new = [(row["rule_id"], row["rule_version"], row["about_at"]) for row in after if row["id"] not in old]
    assert new == [("waning-change", "9", NOW + 5 * DAY)], "the reading of day 20 is not raised by a rule of later"


async def test_signals_that_other_rules_found_are_about_the_reading(course: Course):
    rule = SignalRule("session-drove", "1", "screening", "amber", "Drove.", "label")
    also = [Noticed(rule, {"answers": "Did you drive? Yes"})]
    found = await service.take_reading(SYSTEM, course.plan, reading(10), new_id(), None, LATER, also)
    assert [(one.rule_id, one.severity, one.is_open) for one in found] == [("session-drove", "amber", True)]
    assert found[0].readings == {"answers": "Did you drive? Yes"}


async def test_readings_of_one_patient_at_once_miss_nothing(course: Course):
    """Each would see only its own half of what makes a signal."""
    said = [reading(day, misuse=frozenset({code})) for day, code in enumerate(("lost", "extra", "alone", "alcohol"))]
    await asyncio.gather(*(take(course.plan, one) for one in said))
    rules = {(one.about_at, one.rule_id) for one in await kept(course.paula.id) if one.lapsed_at is None}
    assert rules == {(said[0].at, "misuse-one"), *((one.at, "misuse-several") for one in said[1:])}


async def test_a_reading_and_a_pause_at_once_do_not_stand_in_each_others_way(course: Course):
    async def pause() -> None:
        await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", LATER)

    tasks: Sequence[Any] = [pause(), *(take(course.plan, reading(day, item9=1)) for day in range(4))]
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    assert len(await kept(course.paula.id)) == 4
