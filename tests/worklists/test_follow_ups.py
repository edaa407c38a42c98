"""Pages of follow-ups: nobody twice, nobody missed, whatever changes between two pages; own rows only."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from carepath.followups import standing_queries
from carepath.kit import crypto, db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.ids import new_id
from carepath.settings import Settings
from carepath.worklists import follow_ups, provider
from tests import cast
from tests.cast import NOW, Staff

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def rosa(database: Settings) -> Staff:
    return await cast.provider()


async def plans(who: Staff, count: int) -> list[UUID]:
    """That many patients in treatment, with nothing that anybody must look at; their ids."""
    assert who.practitioner is not None
    found: list[UUID] = []
    for number in range(count):
        patient = new_id()
        first = crypto.seal(f"Ada {number}", f"patient.first_name_enc:{patient}")
        last = crypto.seal("Winter", f"patient.last_name_enc:{patient}")
        await db.execute(
            """INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction,
               zone, email_proved_at, created_at) VALUES ({}, {}, '', {}, {}, '', 'CO', 'America/Denver', {}, {})""",
            patient, patient.bytes, first, last, NOW, NOW,
        )  # fmt: skip
        await db.execute(
            """INSERT INTO treatment_plan (id, patient_id, practitioner_id, status, route, setting, dose_enc, interval_days,
               check_in_every_days, goals_enc, starts_on, created_at, updated_at)
               VALUES ({}, {}, {}, 'active', 'iv', 'clinic', '', 28, 14, '', {}, {}, {})""",
            new_id(), patient, who.practitioner.id, NOW.date(), NOW, NOW,
        )  # fmt: skip
        found.append(patient)
    return found


async def raised(patient: UUID, severity: str, at: datetime, **readings: int | str) -> None:
    await db.execute(
        """INSERT INTO signal (id, patient_id, practitioner_id, rule_id, rule_version, severity, words, source, readings,
           raised_at, anchor, about_at)
           SELECT {}, t.patient_id, t.practitioner_id, 'a-rule', '1', {}, 'Look at this.', 'us', {}, {}, {}, {}
           FROM treatment_plan t WHERE t.patient_id = {}""",
        new_id(), severity, json.dumps(readings), at, str(new_id()), at, patient,
    )  # fmt: skip
    await standing_queries.refresh(SYSTEM.scope, [patient])


async def settle(patient: UUID) -> None:
    await db.execute(
        "UPDATE signal SET acknowledged_at = {}, note_enc = '' WHERE patient_id = {} AND acknowledged_at IS NULL",
        NOW, patient,
    )  # fmt: skip
    await standing_queries.refresh(SYSTEM.scope, [patient])


async def read(who: Staff, wanted: str = "all", limit: int = 3, between: Any = None) -> list[UUID]:
    """All pages, one after the other, with something done between them."""
    seen: list[UUID] = []
    after: str | None = None
    while True:
        page = await follow_ups.page(who.actor.scope, wanted, after, NOW, limit)
        assert len(page.rows) <= limit
        seen += [row.patient_id for row in page.rows]
        after = page.after
        if after is None:
            return seen
        if between is not None:
            await between()


async def test_pages_hold_everybody_once_in_order(rosa: Staff):
    people = await plans(rosa, 11)
    for number, patient in enumerate(people[:9]):
        await raised(patient, "red" if number % 2 else "amber", NOW - number * MINUTE)
    red, amber = people[1:9:2][::-1], people[0:9:2][::-1]
    assert await read(rosa) == [*red, *amber]
    assert await read(rosa, "red") == red
    assert await read(rosa, "amber", 2) == amber
    counts = await follow_ups.counts(rosa.actor.scope, NOW)
    assert (counts.all, counts.of["red"], counts.of["amber"], counts.of["running"]) == (9, 4, 5, 11)


async def test_many_at_one_instant_are_told_apart(rosa: Staff):
    people = await plans(rosa, 8)
    for patient in people:
        await raised(patient, "red", NOW)
    assert sorted(await read(rosa, limit=3)) == sorted(people)


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_changes_rank_between_two_pages_costs_nobody_else_their_place(rosa: Staff, seed: int):
    """Who stays where they stood is read exactly once. Who moves is read at most once for each place they had."""
    rng, people = Random(seed), await plans(rosa, 14)
    for number, patient in enumerate(people):
        await raised(patient, rng.choice(("red", "amber")), NOW - number * MINUTE)
    moving = set(rng.sample(people, 5))
    todo = sorted(moving)

    async def between() -> None:
        if todo:
            patient = todo.pop()
            await settle(patient)
            if rng.random() < 0.7:
                await raised(patient, rng.choice(("red", "amber")), NOW + rng.randint(-20, 20) * MINUTE)

    seen = await read(rosa, limit=3, between=between)
    for patient in people:
        if patient not in moving:
            assert seen.count(patient) == 1
        assert seen.count(patient) <= 2


async def test_laboratory_and_pdmp_lists_go_by_their_dates(rosa: Staff):
    people = await plans(rosa, 5)
    for number, patient in enumerate(people):
        on = NOW.date() + timedelta(days=number - 3)
        await db.execute(
            "UPDATE treatment_plan SET labs_due_on = {}, pdmp_due_on = {} WHERE patient_id = {}",
            on,
            date.max if number else on,
            patient,
        )
    assert await read(rosa, "labs", 2) == people[:4], "what is due tomorrow is not due"
    assert await read(rosa, "pdmp", 2) == people[:1]
    await db.execute("UPDATE treatment_plan SET status = 'completed', phase = 'ended' WHERE patient_id = {}", people[0])
    assert await read(rosa, "labs", 2) == people[1:4]


async def test_a_cursor_is_of_one_list_of_one_reader_and_nobody_makes_one(rosa: Staff):
    ivo = await cast.provider("Ivo Brandt", "America/New_York", ("NY",))
    for patient in await plans(rosa, 4):
        await raised(patient, "red", NOW)
    after = (await follow_ups.page(rosa.actor.scope, "all", None, NOW, 2)).after
    assert after is not None
    flipped = after[:-2] + ("A" if after[-2] != "A" else "B") + after[-1]
    for who, wanted, given in (
        (ivo, "all", after), (rosa, "red", after), (rosa, "all", flipped), (rosa, "all", "x"), (rosa, "all", "é"),
        (rosa, "all", "A" * 10_000), (rosa, "all", after + "=="), (rosa, "all", " "),
    ):  # fmt: skip
        with pytest.raises(Invalid) as wrong:
            await follow_ups.page(who.actor.scope, wanted, given, NOW)
        assert "after" in wrong.value.fields
    with pytest.raises(Invalid):
        await provider.patients(rosa.actor.scope, after)
    with pytest.raises(Invalid) as wrong:
        await follow_ups.page(rosa.actor.scope, "everybody", None, NOW)
    assert "show" in wrong.value.fields


async def test_own_rows_only_and_for_providers_only(rosa: Staff):
    ivo = await cast.provider("Ivo Brandt", "America/New_York", ("NY",))
    (patient,) = await plans(rosa, 1)
    await raised(patient, "red", NOW)
    assert await read(ivo) == []
    assert (await follow_ups.counts(ivo.actor.scope, NOW)).all == 0
    for who in (
        cast.as_patient(await cast.patient("Nora", "Summers")),
        (await cast.coordinator()).actor,
        (await cast.admin()).actor,
    ):
        for look in (follow_ups.page(who.scope, "all", None, NOW), follow_ups.counts(who.scope, NOW)):
            with pytest.raises(NotFound):
                await look


async def test_a_row_says_what_the_open_signals_count(rosa: Staff):
    (patient,) = await plans(rosa, 1)
    await raised(patient, "amber", NOW - MINUTE, pressure="160/99, 152/96")
    await raised(patient, "red", NOW, item9=1)
    (row,) = (await follow_ups.page(rosa.actor.scope, "all", None, NOW)).rows
    assert (row.stands, row.since, row.open_signals, row.has_item9) == ("red", NOW, 2, True)
    assert row.pressure == ("152/96", NOW - MINUTE)
    await settle(patient)
    assert await read(rosa) == []


async def test_all_of_ones_patients_are_paged_too(rosa: Staff):
    people = await plans(rosa, follow_ups.PAGE + 7)
    for number, patient in enumerate(people[:40]):
        await db.execute(
            "UPDATE treatment_plan SET next_check_in_at = {} WHERE patient_id = {}", NOW + number * MINUTE, patient
        )
    first = await provider.patients(rosa.actor.scope)
    second = await provider.patients(rosa.actor.scope, first.after)
    seen: Sequence[UUID] = [row.patient_id for row in (*first.rows, *second.rows)]
    assert (len(first.rows), second.after) == (follow_ups.PAGE, None)
    assert list(seen[:40]) == people[:40]
    assert sorted(seen) == sorted(people)
