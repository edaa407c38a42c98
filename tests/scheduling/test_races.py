"""Fifty people at once, against a real PostgreSQL: one legal winner set, and no answer but the promised ones."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict
from carepath.scheduling import catalogue, retry, service
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, SlotTaken, Unbookable

from .cast import NOW, RULES, TEN, Cast, add_patient, booked, hold

CROWD = 50
MINUTE = timedelta(minutes=1)

OVERLAPS = """
    SELECT a.id, b.id AS other_id FROM appointment a JOIN appointment b ON a.id < b.id AND a.occupied && b.occupied
    AND (a.practitioner_id = b.practitioner_id OR a.patient_id = b.patient_id)
    WHERE a.status NOT IN ('cancelled', 'waitlist') AND b.status NOT IN ('cancelled', 'waitlist')
"""


@pytest.fixture(autouse=True)
def no_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock that is tried again would pass unseen: here it is `busy` at once, and fails."""
    monkeypatch.setattr(retry, "_TRIES", 1)


@pytest.fixture
def every_minute(clinic: Clinic) -> Iterator[None]:
    """A clinic whose visits start at any minute, so that overlapping starts get past the rules."""
    catalogue.configure(replace(clinic, rules=replace(RULES, grid_minutes=1)))
    yield
    catalogue.configure(clinic)


async def _crowd(size: int = CROWD) -> list[Actor]:
    return [await add_patient() for _ in range(size)]


async def _all_at_once(
    tries: Sequence[Awaitable[Appointment]],
) -> tuple[list[Appointment], list[Unbookable]]:
    """Winners and losers. Anything else than an appointment or an Unbookable fails."""

    async def settled(attempt: Awaitable[Appointment]) -> Appointment | Unbookable:
        try:
            return await attempt
        except Unbookable as lost:
            return lost

    answers = await asyncio.gather(*(settled(attempt) for attempt in tries))
    assert not await db.rows(OVERLAPS)
    won = [answer for answer in answers if isinstance(answer, Appointment)]
    return won, [answer for answer in answers if isinstance(answer, Unbookable)]


async def test_one_of_fifty_gets_the_slot_and_the_others_get_alternatives(cast: Cast) -> None:
    crowd = await _crowd()
    won, lost = await _all_at_once([hold(cast, who) for who in crowd])
    assert (len(won), len(lost)) == (1, CROWD - 1)
    assert all(isinstance(one, SlotTaken) and one.alternatives for one in lost)


@pytest.mark.usefixtures("every_minute")
async def test_overlapping_starts_a_minute_apart_never_deadlock(cast: Cast) -> None:
    crowd = await _crowd()
    won, lost = await _all_at_once([hold(cast, who, TEN + MINUTE * place) for place, who in enumerate(crowd)])
    assert len(won) == 1  # fifty starts within fifty minutes, each with an hour of its own
    assert {one.code for one in lost} == {"taken"}


async def test_adjacent_visits_all_succeed(cast: Cast) -> None:
    crowd = await _crowd(6)
    won, lost = await _all_at_once([hold(cast, who, TEN + timedelta(hours=n)) for n, who in enumerate(crowd)])
    assert (len(won), len(lost)) == (6, 0)


async def test_a_run_out_hold_is_won_by_one_of_fifty(cast: Cast) -> None:
    await hold(cast, cast.ana)
    crowd, later = await _crowd(), NOW + timedelta(minutes=11)
    answers = asyncio.gather(*(service.expire_holds(later) for _ in range(5)))
    won, lost = await _all_at_once([hold(cast, who, now=later) for who in crowd])
    await answers
    assert (len(won), len(lost)) == (1, CROWD - 1)


async def test_one_patient_with_two_providers_at_once_holds_one_time(cast: Cast) -> None:
    tries = [hold(cast, cast.ana, TEN, who) for who in (cast.ada, cast.ben) * 10]
    await _all_at_once(tries)
    assert cast.ana.patient_id is not None
    live = await service.appointments_of(SYSTEM.scope, cast.ana.patient_id)
    assert [visit.status for visit in live] == ["proposed"]


async def test_confirming_twenty_times_books_once(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    won, lost = await _all_at_once([service.confirm(cast.ana, held.id, NOW) for _ in range(20)])
    assert not lost
    assert set(won) == {await service.get(SYSTEM.scope, held.id)}


async def test_one_of_many_moves_onto_a_slot(cast: Cast) -> None:
    crowd = await _crowd(20)
    places = [(TEN + timedelta(days=day, hours=hour), who) for day in (1, 2) for hour in range(5)
              for who in (cast.ada, cast.ben)]  # fmt: skip
    visits = [await booked(cast, one, *place) for one, place in zip(crowd, places, strict=True)]
    moves = [service.move(one, visit.id, cast.ada, TEN, NOW) for one, visit in zip(crowd, visits, strict=True)]
    won, lost = await _all_at_once(moves)
    assert (len(won), len(lost)) == (1, 19)
    assert won[0].version == 2


async def test_visits_moved_onto_each_other_both_stay(cast: Cast) -> None:
    """The mirror image that deadlocks plain updates: each wants the other's time, nobody gives first."""
    for turn in range(10):
        at = TEN + timedelta(days=1 if turn % 2 else 2)
        mine = await booked(cast, cast.ana, at, cast.ada)
        theirs = await booked(cast, cast.bo, at, cast.ben)
        won, lost = await _all_at_once(
            [
                service.move(cast.ana, mine.id, cast.ben, at, NOW),
                service.move(cast.bo, theirs.id, cast.ada, at, NOW),
            ]
        )
        assert (len(won), len(lost)) == (0, 2)
        for who, visit in ((cast.ana, mine), (cast.bo, theirs)):
            await service.cancel(who, visit.id, "", NOW)


@pytest.mark.usefixtures("every_minute")
async def test_holds_moves_and_cancellations_over_each_other_stay_legal(cast: Cast) -> None:
    crowd = await _crowd(40)
    day = [TEN + timedelta(days=1, hours=hour) for hour in range(5)]
    visits = [await booked(cast, one, at, who) for one, (at, who) in
              zip(crowd, [(at, who) for at in day for who in (cast.ada, cast.ben)], strict=False)]  # fmt: skip
    tries: list[Awaitable[Appointment]] = []
    for place, visit in enumerate(visits):
        owner = crowd[place]
        tries.append(service.move(owner, visit.id, cast.ben, TEN + MINUTE * place, NOW))
        tries.append(service.cancel(cast.carol, visit.id, "away", NOW) if place % 3 == 0 else
                     service.move(owner, visit.id, cast.ada, TEN + MINUTE * (place + 7), NOW))  # fmt: skip
    tries += [hold(cast, who, TEN + MINUTE * place, cast.ada) for place, who in enumerate(crowd[10:])]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    strange = [a for a in answers if not isinstance(a, Appointment | Unbookable)]
    assert all(isinstance(a, Conflict) and a.code in {"cancelled", "changed"} for a in strange)
    assert not await db.rows(OVERLAPS)
