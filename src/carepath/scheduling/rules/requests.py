"""Somebody who waits for a time: what may happen to the request, what would suit, and which free time is offered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _
from carepath.scheduling.rules import days
from carepath.scheduling.rules.drafts import date_problem
from carepath.scheduling.rules.parts import PARTS
from carepath.scheduling.rules.ranges import Range, merge

_ASKERS = roles(Role.PATIENT, Role.COORDINATOR, Role.SYSTEM)
_WORKER = roles(Role.SYSTEM)

REQUEST = Machine(
    "consult request",
    ("waiting",),
    (
        Transition("offer", ("waiting",), "offered", _WORKER),
        Transition("accept", ("offered",), "fulfilled", _ASKERS),
        Transition("decline", ("offered",), "waiting", _ASKERS),
        Transition("expire", ("offered",), "waiting", _WORKER),
        Transition("void", ("offered",), "waiting", _WORKER),
        Transition("fulfil", ("waiting", "offered"), "fulfilled", _WORKER),
        Transition("withdraw", ("waiting", "offered"), "withdrawn", _ASKERS),
        Transition("lapse", ("waiting", "offered"), "lapsed", _WORKER),
    ),
)
MOST_WINDOWS = 7 * len(PARTS)
# An offer that could be taken for less than this is none.
LEAST_TIME = timedelta(minutes=30)

Window = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """What would suit. `windows` are (weekday, 0 = Monday; from; to) in wall minutes of the patient's zone, in which
    the whole visit has to lie; none is any time. `practitioner_ids` empty is anybody. `instead_of` is a booked visit
    that would be given up for an earlier time."""

    visit_type: str
    first_on: date
    last_on: date
    windows: tuple[Window, ...] = ()
    practitioner_ids: tuple[UUID, ...] = ()
    instead_of: UUID | None = None


def windows_of(weekdays: Iterable[int], parts: Iterable[str]) -> tuple[Window, ...]:
    """Chosen days and parts of the day as windows: none chosen is all of them; both none is any time at all."""
    chosen_days, chosen_parts = sorted(set(weekdays)), [part for part in PARTS if part in set(parts)]
    if not chosen_days and not chosen_parts:
        return ()
    spans = merge(PARTS[part] for part in chosen_parts or PARTS)
    return tuple((day, *span) for day in chosen_days or range(7) for span in spans)


def check(draft: RequestDraft, today: date, horizon_days: int) -> None:
    """Invalid names first_on, last_on or windows."""
    problems: dict[str, str] = {}
    for field, on in (("first_on", draft.first_on), ("last_on", draft.last_on)):
        if problem := date_problem(on):
            problems[field] = problem
    if not problems and draft.last_on < max(draft.first_on, today):
        problems["last_on"] = _("The last day lies ahead, and not before the first.")
    elif not problems and draft.first_on > today + timedelta(days=horizon_days):
        problems["first_on"] = _("Visits are booked at most {days} days ahead.").format(days=horizon_days)
    if len(draft.windows) > MOST_WINDOWS or any(not _is_window(one) for one in draft.windows):
        problems["windows"] = _("Choose days and times of the day.")
    if problems:
        raise Invalid(problems)


def _is_window(one: Window) -> bool:
    weekday, low, high = one
    return 0 <= weekday <= 6 and 0 <= low < high <= 24 * 60


def suitable(
    windows: Sequence[Window], zone: str, first_on: date, last_on: date, within: Range, minutes: int
) -> list[Range]:
    """The minutes since 1970 at which a visit of that length may start, so that all of it lies in the windows.

    Wall times are resolved date by date: a window that the clocks jump over is shorter on that day.
    """
    found: list[Range] = []
    for on in days.dates(zone, *within):
        if first_on <= on <= last_on:
            walls = [(low, high) for weekday, low, high in windows if weekday == on.weekday()]
            found.extend(days.instants(zone, on, walls if windows else [(0, 24 * 60)]))
    whole = ((max(first, within[0]), min(past - minutes + 1, within[1])) for first, past in merge(found))
    return [(first, past) for first, past in whole if first < past]


@dataclass(frozen=True, slots=True)
class Suits:
    """What one request may be offered: `wanted` starts, not one that was offered before, not at or after `before`;
    the nearest to `target` first where there is one, else the earliest."""

    wanted: tuple[Range, ...]
    offered: frozenset[tuple[UUID, int]] = frozenset()
    before: int | None = None
    target: int | None = None
    among: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A start and everybody who is free then, in the order in which they are to be asked."""

    start: int
    practitioner_ids: tuple[UUID, ...]


def places(free: Sequence[tuple[UUID, Sequence[int]]], suits: Suits) -> Iterator[Place]:
    """Every place that suits, best first. `free` are each practitioner's legal starts, in order; the practitioners
    in the order in which they are to be asked."""
    who: dict[int, list[UUID]] = {}
    for practitioner_id, starts in free:
        if not suits.among or practitioner_id in suits.among:
            for start in _within(starts, suits):
                if (practitioner_id, start) not in suits.offered:
                    who.setdefault(start, []).append(practitioner_id)
    target = suits.target
    order = sorted(who) if target is None else sorted(who, key=lambda start: (abs(start - target), start))
    return (Place(start, tuple(who[start])) for start in order)


def _within(starts: Sequence[int], suits: Suits) -> Iterator[int]:
    ranges = iter(suits.wanted)
    here = next(ranges, None)
    for start in starts:
        if suits.before is not None and start >= suits.before:
            return
        while here is not None and here[1] <= start:
            here = next(ranges, None)
        if here is None:
            return
        if here[0] <= start:
            yield start


def expires_at(start_at: datetime, notice: timedelta, kept_for: timedelta, now: datetime) -> datetime:
    """Until when an offer stands: as long as the clinic says, but no longer than the patient could book it."""
    return min(now + kept_for, start_at - notice)
