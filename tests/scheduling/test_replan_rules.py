"""The laws of a re-plan, without a database: legal, never worse than greedy, the same each time, and the best there is."""

from dataclasses import replace
from itertools import product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath.scheduling.rules import replan, replan_solver
from carepath.scheduling.rules.replan import Limit, Place, Plan, Problem, Visit
from carepath.scheduling.rules.replan_solver import Best, best

DAY = 24 * 60
MONDAY = 29_756_160  # minutes since 1970 of Monday, July 27, 2026, 0:00 UTC
ADA, BEN, CY = (UUID(int=n) for n in (1, 2, 3))
ZONES = ("UTC", "America/Denver")


@st.composite
def problems(draw: st.DrawFn, most_visits: int = 6, most_places: int = 6) -> Problem:
    """Few hours, few people, so that everybody wants the same: that is where plans differ."""
    count = draw(st.integers(1, most_visits))
    starts = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count, unique=True))
    visits = []
    for number, hour in enumerate(sorted(starts)):
        minutes = draw(st.sampled_from((20, 45, 60)))
        places = draw(st.lists(st.tuples(st.sampled_from((ADA, BEN, CY)), st.integers(16, 40)), max_size=most_places))
        free = {who: tuple(sorted({MONDAY + 30 * at for by, at in places if by == who})) for who, _at in places}
        visits.append(
            Visit(
                UUID(int=100 + number), UUID(int=draw(st.integers(1, 4))), ADA, MONDAY + hour * 60,
                draw(st.sampled_from((0, 15))), minutes, minutes + draw(st.sampled_from((0, 15))),
                draw(st.sampled_from(ZONES)), tuple(free.items()),
            )
        )  # fmt: skip
    limits = tuple(
        Limit(
            who,
            draw(st.sampled_from(ZONES)),
            draw(st.none() | st.integers(1, 3)),
            draw(st.none() | st.integers(1, 4)),
            (),
        )
        for who in draw(st.sets(st.sampled_from((BEN, CY))))
    )
    return Problem(tuple(visits), limits)


def overlaps(problem: Problem, plan: Plan) -> list[tuple[UUID, UUID]]:
    """Pairs that meet at one provider or at one patient, worked out minute by minute."""
    seen: dict[tuple[UUID, int], UUID] = {}
    found = []
    for one in problem.visits:
        place = plan[one.id]
        if place is None:
            continue
        for minute in range(place.start - one.before, place.start + one.after):
            for whose in (place.practitioner_id, one.patient_id.hex):
                if (other := seen.setdefault((whose, minute), one.id)) != one.id:  # type: ignore[arg-type]
                    found.append((other, one.id))
    return found


def counted(problem: Problem, plan: Plan) -> list[str]:
    """Limits that a plan breaks, with every visit that is there counted (none of these was in the way before)."""
    broken = []
    for limit in problem.limits:
        there = [p.start for p in plan.values() if p is not None and p.practitioner_id == limit.practitioner_id]
        for most, days in ((limit.per_day, 1), (limit.per_week, 7)):
            firsts = [replan.days.first_of(limit.zone, start, days) for start in there]
            if most is not None and any(firsts.count(on) > most for on in firsts):
                broken.append(f"{limit.practitioner_id} {days}")
    return broken


def check(problem: Problem, found: Best) -> None:
    assert replan.is_legal(problem, found.plan)
    assert overlaps(problem, found.plan) == []
    assert counted(problem, found.plan) == []
    for one in problem.visits:
        place = found.plan[one.id]
        assert place is None or place.start in dict(one.free)[place.practitioner_id]
    assert found.cost == problem.cost(found.plan)
    assert found.greedy_cost == problem.cost(replan.greedy(problem))
    assert found.bound <= found.cost <= found.greedy_cost


@settings(max_examples=150, deadline=None)
@given(problems())
def test_a_plan_is_legal_and_never_costs_more_than_the_greedy_one(problem: Problem) -> None:
    check(problem, best(problem))


@settings(max_examples=100, deadline=None)
@given(problems())
def test_the_greedy_plan_is_legal_too(problem: Problem) -> None:
    plan = replan.greedy(problem)
    assert replan.is_legal(problem, plan)
    assert overlaps(problem, plan) == []
    assert counted(problem, plan) == []


def brute_force(problem: Problem) -> int:
    """The least that any legal plan costs, by trying them all."""
    every = [[None, *problem.places(one)] for one in problem.visits]
    ids = [one.id for one in problem.visits]
    plans = (dict(zip(ids, chosen, strict=True)) for chosen in product(*every))
    return min(problem.cost(plan) for plan in plans if replan.is_legal(problem, plan))


@settings(max_examples=120, deadline=None)
@given(problems(most_visits=4, most_places=5), st.sampled_from((1, 2, 24)))
def test_on_small_problems_it_is_the_best_there_is_however_little_is_shown_at_first(
    problem: Problem, shown: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replan_solver, "_SHOWN", shown)
        patch.setattr(replan_solver, "_FACTOR", 2)
        found = best(problem)
    check(problem, found)
    assert found.cost == brute_force(problem)
    assert found.is_optimal


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_same_again_is_the_same_plan(problem: Problem) -> None:
    again = replace(problem, _ranked={})
    assert best(problem) == best(again)


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_any_part_of_a_plan_is_a_legal_plan(problem: Problem, random: Random) -> None:
    plan = best(problem).plan
    part = {one: place if random.random() < 0.5 else None for one, place in plan.items()}
    assert replan.is_legal(problem, part)


def visit(number: int, hour: int, free: dict[UUID, list[int]], patient: int | None = None) -> Visit:
    """An hour's visit of Dr. Ada on Monday; free hours count from Monday, too."""
    places = tuple((who, tuple(MONDAY + at * 60 for at in hours)) for who, hours in free.items())
    return Visit(UUID(int=number), UUID(int=patient or number), ADA, MONDAY + hour * 60, 0, 45, 60, "UTC", places)


def test_greedy_can_be_beaten_and_is() -> None:
    """The first takes the place that only the second could have had."""
    first, second = visit(1, 9, {BEN: [9, 10]}), visit(2, 10, {BEN: [9]})
    problem = Problem((first, second))
    found = best(problem)
    assert found.greedy_cost >= problem.unplaced
    assert [found.plan[one.id].start for one in (first, second)] == [MONDAY + 10 * 60, MONDAY + 9 * 60]  # type: ignore[union-attr]


def test_a_patient_keeps_their_provider_if_that_costs_less_than_a_day() -> None:
    """Two hours later with Dr. Ada, or at once with Dr. Ben."""
    found = best(Problem((visit(1, 9, {ADA: [11], BEN: [9]}),)))
    assert found.plan[UUID(int=1)] == Place(120, MONDAY + 11 * 60, ADA)


def test_later_is_better_than_as_much_earlier_and_daytime_better_than_night() -> None:
    assert best(Problem((visit(1, 12, {BEN: [11, 13]}),))).plan[UUID(int=1)].start == MONDAY + 13 * 60  # type: ignore[union-attr]
    assert best(Problem((visit(1, 19, {BEN: [17, 21]}),))).plan[UUID(int=1)].start == MONDAY + 17 * 60  # type: ignore[union-attr]


def test_another_date_is_one_of_the_patients_own_calendar() -> None:
    """4 to 6 PM in Denver is one date there and two in UTC."""
    at_four = replace(visit(1, 22, {BEN: [24]}), zone="America/Denver")
    assert replan.displacement(at_four, BEN, MONDAY + 24 * 60) == 120 + replan.OTHER_PROVIDER
    in_utc = replace(at_four, zone="UTC")
    assert (
        replan.displacement(in_utc, BEN, MONDAY + 24 * 60)
        == 120 + replan.OTHER_PROVIDER + replan.OTHER_DAY + replan.ODD_HOUR
    )


def test_a_session_and_the_talk_about_it_keep_their_order() -> None:
    session, talk = visit(1, 9, {BEN: [9, 12]}, patient=7), visit(2, 10, {BEN: [10]}, patient=7)
    found = best(Problem((session, talk)))
    assert [found.plan[one.id].start for one in (session, talk)] == [MONDAY + 9 * 60, MONDAY + 10 * 60]  # type: ignore[union-attr]
    only_later = best(Problem((visit(1, 9, {BEN: [12]}, patient=7), talk)))
    assert list(only_later.plan.values()).count(None) == 1


def test_a_full_day_takes_nobody_and_a_move_within_it_is_no_new_visit() -> None:
    full = Limit(BEN, "UTC", 1, None, (MONDAY + 15 * 60,))
    assert best(Problem((visit(1, 9, {BEN: [9, 33]}),), (full,))).plan[UUID(int=1)].start == MONDAY + 33 * 60  # type: ignore[union-attr]
    own = Limit(ADA, "UTC", 1, None, (MONDAY + 9 * 60,))
    assert best(Problem((visit(1, 9, {ADA: [14]}),), (own,))).plan[UUID(int=1)] is not None


def test_no_saving_is_worth_leaving_somebody_without_a_place() -> None:
    """The second could have its best hour only if the first had none."""
    far = [14 * 24 + hour for hour in range(8, 16)]
    found = best(Problem((visit(1, 9, {BEN: [10]}), visit(2, 10, {BEN: [10, *far]}))))
    assert None not in found.plan.values()


def crowd(seed: int) -> Problem:
    """Sixty visits of one provider's week, nine colleagues of whom each patient can see half, and a tenth of whose
    hours are left this week."""
    random, people = Random(seed), [UUID(int=1000 + n) for n in range(9)]
    grid = [day * DAY + at for day in range(21) if day % 7 < 5 for at in range(9 * 60, 16 * 60, 15)]
    free = {
        who: tuple(MONDAY + at for at in grid if random.random() < (0.1 if at < 7 * DAY else 0.3)) for who in people
    }
    starts = sorted(random.sample([day * DAY + at for day in range(5) for at in range(9 * 60, 17 * 60, 30)], 60))
    return Problem(
        tuple(
            Visit(
                UUID(int=n), UUID(int=n), ADA, MONDAY + at, 0, minutes := random.choice((20, 45, 50, 120)),
                minutes + 15, "America/Denver", tuple((who, free[who]) for who in people if random.random() < 0.5),
            )
            for n, at in enumerate(starts, 1)
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_visits_of_a_full_clinic_get_the_best_plan_and_it_beats_the_greedy_one(seed: int) -> None:
    problem = crowd(seed)
    found = best(problem)
    check(problem, found)
    assert found.is_optimal
    assert found.cost < found.greedy_cost
    assert None not in found.plan.values()
