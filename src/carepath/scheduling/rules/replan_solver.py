"""The cheapest plan, found and proved by CP-SAT, and never worse than the greedy one.

A visit has thousands of places and takes one of the first few. So each round shows the solver the cheapest ones of
every visit and one more choice, "somewhere beyond", which is bound by nothing and costs what the next place would. That
is a relaxation: its bound holds for the whole problem, and a solution that goes nowhere beyond is the whole problem's.
Whatever goes beyond is shown more next time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from uuid import UUID

from ortools.sat.python import cp_model

from carepath.scheduling.rules.replan import Place, Plan, Problem, Visit, arrives, greedy, is_legal, periods

_SHOWN = 24  # places of each visit in the first round
_FACTOR = 2  # how many times more in the next; for visits that went beyond, that many times that many
_EFFORT = (
    3.0  # in CP-SAT's own units, about seconds: the same on every machine, so that the same input gives the same plan
)
_WALL_SECONDS = 4.0  # a machine so slow that this comes first still answers, with what it has


@dataclass(frozen=True, slots=True)
class Best:
    """A legal plan, its cost, the cost of the greedy plan, and a bound: no plan costs less than that."""

    plan: Plan
    cost: int
    greedy_cost: int
    bound: int

    @property
    def is_optimal(self) -> bool:
        """Proved: nothing is cheaper."""
        return self.cost == self.bound


def best(problem: Problem) -> Best:
    """The cheapest plan that could be found within the limits of effort. Deterministic."""
    first = greedy(problem)
    found, first_cost = first, problem.cost(first)
    bound = sum(problem.places(one)[0].cost if problem.places(one) else problem.unplaced for one in problem.visits)
    shown = {one.id: _SHOWN for one in problem.visits}
    effort, seconds = _EFFORT, _WALL_SECONDS
    while bound < problem.cost(found) and effort > 0 and seconds > 0:
        asked = _Round(problem, shown, found)
        answer = asked.solve(effort, seconds)
        effort, seconds = effort - answer.effort - 0.001, seconds - answer.seconds
        bound = max(bound, answer.bound)
        if answer.plan is None:
            break
        whole = greedy(problem, answer.plan)
        if is_legal(problem, whole) and problem.cost(whole) < problem.cost(found):
            found = whole
        if not answer.beyond:
            break
        shown = {one: many * _FACTOR ** (1 + (one in answer.beyond)) for one, many in shown.items()}
    return Best(found, problem.cost(found), first_cost, min(bound, problem.cost(found)))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a round found; `plan` leaves out the visits that went `beyond`, and is None when nothing was found."""

    plan: Plan | None
    beyond: frozenset[UUID]
    bound: int
    effort: float
    seconds: float


class _Round:
    """One question to the solver. Every visit takes exactly one of: a place that is shown, no place, beyond."""

    def __init__(self, problem: Problem, shown: dict[UUID, int], known: Plan) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        self.at: list[tuple[Visit, Place, cp_model.IntVar]] = []
        self.of: dict[UUID, list[tuple[Place, cp_model.IntVar]]] = {}
        self.nowhere: dict[UUID, cp_model.IntVar] = {}
        self.beyond: dict[UUID, cp_model.IntVar] = {}
        self.terms: list[cp_model.LinearExpr] = []
        for visit in problem.visits:
            self._choices(visit, shown[visit.id], known[visit.id])
        self._one_at_a_time()
        self._in_order()
        self._within_limits()
        self.model.add(sum(self.terms) <= problem.cost(known))
        self.model.minimize(sum(self.terms))

    def _choices(self, visit: Visit, count: int, known: Place | None) -> None:
        every = self.problem.places(visit)
        shown = every[:count] + ([known] if known is not None and known not in every[:count] else [])
        made = [(place, self.model.new_bool_var("")) for place in shown]
        nowhere = self.nowhere[visit.id] = self.model.new_bool_var("")
        self.of[visit.id] = made
        self.at += [(visit, place, var) for place, var in made]
        self.terms += [place.cost * var for place, var in made] + [self.problem.unplaced * nowhere]
        choices = [nowhere, *(var for _place, var in made)]
        if count < len(every):
            beyond = self.beyond[visit.id] = self.model.new_bool_var("")
            self.terms.append(every[count].cost * beyond)
            self.model.add_hint(beyond, 0)
            choices.append(beyond)
        self.model.add_exactly_one(choices)
        self.model.add_hint(nowhere, known is None)
        for place, var in made:
            self.model.add_hint(var, place == known)

    def _one_at_a_time(self) -> None:
        """At every moment at which a visit could begin to occupy somebody, at most one occupies them."""
        by_whom: dict[UUID, list[tuple[int, int, UUID, cp_model.IntVar]]] = {}
        for visit, place, var in self.at:
            by_whom.setdefault(place.practitioner_id, []).append((*visit.occupies(place.start), visit.id, var))
        for taken in by_whom.values():
            for moment in sorted({begin for begin, _end, _id, _var in taken}):
                over = [(whose, var) for begin, end, whose, var in taken if begin <= moment < end]
                if len({whose for whose, _var in over}) > 1:
                    self.model.add_at_most_one(var for _whose, var in over)

    def _in_order(self) -> None:
        """One patient's visits follow each other as they did."""
        for one, other in combinations(sorted(self.problem.visits, key=lambda visit: visit.start), 2):
            if one.patient_id == other.patient_id:
                end = sum((place.start + one.after) * var for place, var in self.of[one.id])
                begin = sum((place.start - other.before) * var for place, var in self.of[other.id])
                placed = [~var for visit in (one, other) for var in self._elsewhere(visit)]
                self.model.add(begin >= end).only_enforce_if(placed)

    def _elsewhere(self, visit: Visit) -> Iterator[cp_model.IntVar]:
        yield self.nowhere[visit.id]
        if visit.id in self.beyond:
            yield self.beyond[visit.id]

    def _within_limits(self) -> None:
        zones = {limit.practitioner_id: limit.zone for limit in self.problem.limits}
        for period in periods(self.problem):
            zone = zones[period.practitioner_id]
            coming = [var for visit, place, var in self.at if arrives(visit, place, period, zone)]
            if len(coming) > period.left:
                self.model.add(sum(coming) <= period.left)

    def solve(self, effort: float, seconds: float) -> _Answer:
        """Ask. One worker, a fixed seed, and limits in the solver's own time."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        # The whole question as a linear program, too: its bound is nearly always the answer. Measured: 4 s and a gap without.
        solver.parameters.linearization_level = 2
        solver.parameters.max_deterministic_time = effort
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(self.model)
        spent = (solver.response_proto.deterministic_time, solver.wall_time)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return _Answer(None, frozenset(), 0, *spent)
        plan: dict[UUID, Place | None] = {
            one: next((place for place, var in made if solver.boolean_value(var)), None)
            for one, made in self.of.items()
        }
        beyond = frozenset(one for one, var in self.beyond.items() if solver.boolean_value(var))
        kept = {one: place for one, place in plan.items() if one not in beyond}
        return _Answer(kept, beyond, ceil(solver.best_objective_bound - 1e-6), *spent)
