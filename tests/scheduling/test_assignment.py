"""Whoever is free: chosen fairly, with the reasons kept."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound
from carepath.scheduling import service
from carepath.scheduling.rules.assignment import Candidate, ranked
from carepath.scheduling.service import Unbookable

from .cast import NOW, TEN, Cast, booked, hold

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
candidates = st.lists(
    st.builds(
        Candidate, practitioner_id=st.uuids(), name=st.just("Dr."), weight=st.integers(1, 1000),
        minutes=st.integers(0, 5000), given_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    ),
    min_size=1, max_size=8, unique_by=lambda one: one.practitioner_id,
)  # fmt: skip


@given(candidates, st.randoms())
def test_the_order_in_which_candidates_are_read_changes_nothing(found: list[Candidate], random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert ranked(shuffled) == ranked(found)


@given(candidates)
def test_nobody_with_more_load_comes_before_somebody_with_less(found: list[Candidate]):
    loads = [one.load for one in ranked(found)]
    assert loads == sorted(loads)


def test_of_equals_whoever_waited_longest_comes_first():
    def one(number: int, given_at: datetime | None) -> Candidate:
        return Candidate(UUID(int=number), f"Dr. {number}", 100, 60, given_at)

    order = ranked([one(1, LONG_AGO + timedelta(days=2)), one(2, LONG_AGO), one(3, None), one(4, None)])
    assert [each.practitioner_id.int for each in order] == [3, 4, 2, 1]


def test_half_a_share_carries_half_the_minutes():
    half, full = Candidate(UUID(int=1), "Half", 50, 60, None), Candidate(UUID(int=2), "Full", 100, 100, None)
    assert ranked([half, full])[0].name == "Full"


async def ranking(cast: Cast, start_at: datetime = TEN) -> service.Ranking:
    assert cast.ana.patient_id is not None
    return await service.rank(cast.ana, cast.ana.patient_id, "evaluation", start_at, "CO", "America/Denver", NOW)


async def test_minutes_given_lately_count_and_the_choice_is_kept(cast: Cast):
    await booked(cast, cast.bo, TEN + timedelta(days=1), practitioner_id=cast.ada)
    found = await ranking(cast)
    assert [(c.name, c.minutes) for c in found.candidates] == [("Ben Marsh", 0), ("Ada Quill", 45)]
    held = await hold(cast, cast.ana, practitioner_id=found.candidates[0].practitioner_id)
    await service.note_assignment(cast.ana.scope, held, found, NOW)
    await service.note_assignment(cast.ana.scope, held, found, NOW)
    kept = await service.assignment_of(cast.carol.scope, held.id)
    assert kept is not None
    assert [one["name"] for one in kept.considered] == ["Ben Marsh", "Ada Quill"]
    assert kept.practitioner_id == cast.ben
    assert await service.assignment_of(cast.ana.scope, held.id) is None


async def test_what_was_given_before_the_window_or_given_back_weighs_nothing(cast: Cast):
    old = await booked(cast, cast.bo, TEN + timedelta(days=1), practitioner_id=cast.ada)
    await service.cancel(cast.bo, old.id, "", NOW)
    await db.execute("UPDATE appointment SET created_at = {} WHERE id = {}", NOW - timedelta(days=40), old.id)
    assert {c.minutes for c in (await ranking(cast)).candidates} == {0}


async def test_who_could_not_be_had_is_kept_with_the_rule(cast: Cast):
    await booked(cast, cast.bo, TEN, practitioner_id=cast.ada)
    found = await ranking(cast)
    assert [c.name for c in found.candidates] == ["Ben Marsh"]
    assert found.excluded == ((cast.ada, "Ada Quill", "taken"),)


async def test_when_nobody_can_be_had_alternatives_are_named(cast: Cast):
    with pytest.raises(Unbookable) as nobody:
        await ranking(cast, datetime(2026, 11, 29, 10, 0, tzinfo=UTC))
    assert nobody.value.code == "outside-hours"
    assert nobody.value.alternatives


async def test_asking_again_answers_the_same_hold_whoever_it_is_with(cast: Cast):
    held = await hold(cast, cast.ana, practitioner_id=cast.ben)
    assert cast.ana.patient_id is not None
    again = await service.has_already(cast.ana.scope, cast.ana.patient_id, "evaluation", TEN, NOW)
    assert again is not None
    assert again.id == held.id
    assert await service.has_already(cast.ana.scope, cast.ana.patient_id, "evaluation", TEN, NOW, holds=False) is None
    later = NOW + timedelta(minutes=11)
    assert await service.has_already(cast.ana.scope, cast.ana.patient_id, "evaluation", TEN, later) is None


async def test_nobody_ranks_for_somebody_else(cast: Cast):
    assert cast.bo.patient_id is not None
    with pytest.raises(NotFound):
        await service.rank(cast.ana, cast.bo.patient_id, "evaluation", TEN, "CO", "America/Denver", NOW)


async def test_weights_are_shared_out_over_many_visits(cast: Cast):
    """Ada has twice Ben's share, so she gets twice the minutes."""
    from .cast import add_patient

    await db.execute("UPDATE practitioner SET weight = 50 WHERE id = {}", cast.ben)
    given = {cast.ada: 0, cast.ben: 0}
    for number in range(12):
        who = await add_patient()
        assert who.patient_id is not None
        start_at = TEN + timedelta(days=number // 3 * 7, hours=number % 3 * 2)
        found = await service.rank(who, who.patient_id, "evaluation", start_at, "CO", "America/Denver", NOW)
        chosen = found.candidates[0].practitioner_id
        visit = await service.book_for(
            SYSTEM, who.patient_id, chosen, "evaluation", start_at, "CO", "America/Denver", NOW
        )
        given[visit.practitioner_id] += 1
    assert given == {cast.ada: 8, cast.ben: 4}
