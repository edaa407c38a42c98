"""Where visits go that cannot stay: what a move costs a patient, which plans are legal, and the plan a person would make.

Nothing here gives credit for a visit that moves away: a place is free only if it is free while every other visit
still stands where it was. So any part of a plan can be carried out, in any order.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from carepath.scheduling.rules import days
from carepath.scheduling.rules.ranges import Range

# Points of displacement. A minute later is one; the others say how many minutes later would be as bad.
EARLIER = 2  # a minute earlier: the patient has to rearrange sooner, and may read the message too late
OTHER_PROVIDER = 24 * 60  # a new face costs a day's wait
OTHER_DAY = 8 * 60  # another date of the patient's own calendar
ODD_HOUR = 12 * 60  # some of it before seven in the morning or after nine in the evening where the patient is
_WAKING = (7 * 60, 21 * 60)


class Place(NamedTuple):
    """A start (minutes since 1970) with somebody, and what going there would cost."""

    cost: int
    start: int
    practitioner_id: UUID


@dataclass(frozen=True, slots=True)
class Visit:
    """One that cannot stay. It occupies `before` minutes ahead of its start and `after` minutes behind it; `minutes`
    of that is the visit itself. `zone` is the patient's. `free`: whom it could go to, and when."""

    id: UUID
    patient_id: UUID
    practitioner_id: UUID
    start: int
    before: int
    minutes: int
    after: int
    zone: str
    free: tuple[tuple[UUID, tuple[int, ...]], ...]

    def occupies(self, start: int) -> Range:
        """From when to when nothing else fits, if it starts then."""
        return start - self.before, start + self.after


@dataclass(frozen=True, slots=True)
class Limit:
    """How many visits a practitioner takes in a day and a week of `zone`, and the starts of those that they have."""

    practitioner_id: UUID
    zone: str
    per_day: int | None
    per_week: int | None
    begins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """A day or week (from Monday) of a practitioner, and how many more visits may come into it from outside."""

    practitioner_id: UUID
    days: int
    first_on: date
    left: int


Plan = Mapping[UUID, Place | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """The visits, first one first, and the limits of those who have any."""

    visits: tuple[Visit, ...]
    limits: tuple[Limit, ...] = ()
    _ranked: dict[UUID, list[Place]] = field(default_factory=dict, compare=False)

    def places(self, visit: Visit) -> list[Place]:
        """Every place a visit could have, the cheapest first, then the earliest; ties in the order of ids."""
        if visit.id not in self._ranked:
            self._ranked[visit.id] = _ranked(visit)
        return self._ranked[visit.id]

    @property
    def unplaced(self) -> int:
        """What it costs to leave one visit without a place: more than all others together could ever save."""
        return 1 + sum(self.places(one)[-1].cost for one in self.visits if self.places(one))

    def cost(self, plan: Plan) -> int:
        """The displacement of a whole plan."""
        chosen = (plan[one.id] for one in self.visits)
        return sum(self.unplaced if place is None else place.cost for place in chosen)


def _ranked(visit: Visit) -> list[Place]:
    found = [
        Place(displacement(visit, who, start), start, who)
        for who, starts in sorted(visit.free, key=lambda entry: entry[0].int)
        for start in starts
    ]
    found.sort(key=itemgetter(0, 1))
    return found


def displacement(visit: Visit, practitioner_id: UUID, start: int) -> int:
    """What a move to there costs the patient, in points."""
    moved = start - visit.start
    points = moved if moved >= 0 else -moved * EARLIER
    if practitioner_id != visit.practitioner_id:
        points += OTHER_PROVIDER
    on, wall = _local(visit.zone, start)
    if on != _local(visit.zone, visit.start)[0]:
        points += OTHER_DAY
    if wall < _WAKING[0] or wall + visit.minutes > _WAKING[1]:
        points += ODD_HOUR
    return points


@lru_cache(maxsize=65536)
def _local(zone: str, minute: int) -> tuple[int, int]:
    """(date as a number, minutes after midnight) that the wall shows."""
    local = datetime.fromtimestamp(minute * 60, ZoneInfo(zone))
    return local.toordinal(), local.hour * 60 + local.minute


def clash(one: Visit, here: Place, other: Visit, there: Place) -> bool:
    """They cannot both be had: the same practitioner at once, or one patient's visits at once or out of order.

    A session comes before the talk about it: a patient's visits keep their order.
    """
    (begin, end), (other_begin, other_end) = one.occupies(here.start), other.occupies(there.start)
    if one.patient_id == other.patient_id:
        return end > other_begin if one.start < other.start else other_end > begin
    return here.practitioner_id == there.practitioner_id and begin < other_end and other_begin < end


def periods(problem: Problem) -> list[Period]:
    """Every day and week with a limit in which any of the visits could land."""
    found = []
    for limit in problem.limits:
        starts = {s for one in problem.visits for who, free in one.free if who == limit.practitioner_id for s in free}
        for most, length in ((limit.per_day, 1), (limit.per_week, 7)):
            if most is not None:
                has = Counter(days.first_of(limit.zone, begins, length) for begins in limit.begins)
                firsts = sorted({days.first_of(limit.zone, start, length) for start in starts})
                found += [Period(limit.practitioner_id, length, on, max(0, most - has[on])) for on in firsts]
    return found


def arrives(visit: Visit, place: Place, period: Period, zone: str) -> bool:
    """Does a move to that place bring a visit into the period that was not in it before?"""
    if place.practitioner_id != period.practitioner_id:
        return False
    if days.first_of(zone, place.start, period.days) != period.first_on:
        return False
    was_theirs = visit.practitioner_id == period.practitioner_id
    return not (was_theirs and days.first_of(zone, visit.start, period.days) == period.first_on)


def greedy(problem: Problem, begun: Plan | None = None) -> dict[UUID, Place | None]:
    """The plan of somebody with a telephone: the first visit first, each to the cheapest place that is left.

    `begun` are places that stand already.
    """
    plan: dict[UUID, Place | None] = dict(begun or {})
    book = _Book(problem)
    for one in problem.visits:
        if (place := plan.get(one.id)) is not None:
            book.take(one, place)
    for one in problem.visits:
        if one.id not in plan:
            plan[one.id] = next((place for place in problem.places(one) if book.has_room(one, place)), None)
            if (chosen := plan[one.id]) is not None:
                book.take(one, chosen)
    return plan


def is_legal(problem: Problem, plan: Plan) -> bool:
    """Every place is one of the visit's own, no two clash, and every limit holds."""
    book = _Book(problem)
    for one in problem.visits:
        place = plan[one.id]
        if place is None:
            continue
        own = any(who == place.practitioner_id and place.start in free for who, free in one.free)
        if not own or place.cost != displacement(one, place.practitioner_id, place.start):
            return False
        if not book.has_room(one, place):
            return False
        book.take(one, place)
    return True


class _Book:
    """The places that were given so far."""

    def __init__(self, problem: Problem) -> None:
        self._taken: list[tuple[Visit, Place]] = []
        self._zones = {limit.practitioner_id: limit.zone for limit in problem.limits}
        self._left = {period: period.left for period in periods(problem)} if problem.limits else {}

    def has_room(self, visit: Visit, place: Place) -> bool:
        """Nothing that was given stands against this."""
        if any(clash(visit, place, other, there) for other, there in self._taken):
            return False
        return all(self._left[period] > 0 for period in self._entered(visit, place))

    def take(self, visit: Visit, place: Place) -> None:
        """Give it away."""
        self._taken.append((visit, place))
        for period in self._entered(visit, place):
            self._left[period] -= 1

    def _entered(self, visit: Visit, place: Place) -> Sequence[Period]:
        if place.practitioner_id not in self._zones:
            return ()
        zone = self._zones[place.practitioner_id]
        return [period for period in self._left if arrives(visit, place, period, zone)]
