"""Which starts are legal, decided once for the search and for the commit.

The search is the intersection of all gates over weeks; `bookable` is the same gates over a single
minute, and the first gate that does not let it through is the reason. So the two cannot disagree,
and a coordinator who finds nothing learns which gate closed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import overload

from carepath.scheduling.rules import frames, opening
from carepath.scheduling.rules.frames import Frame
from carepath.scheduling.rules.gates import COMMON, GATES, LOCAL, PERSONAL, Gate
from carepath.scheduling.rules.model import Ask, Offer, Refusal, Snapshot
from carepath.scheduling.rules.ranges import Range, instant_of, minute_of
from carepath.scheduling.rules.refusals import refusal


def bookable(snapshot: Snapshot, ask: Ask, start_at: datetime, standing_only: bool = False) -> Refusal | None:
    """None if the visit may start then; otherwise the first reason against it.

    `standing_only` asks whether a visit that is already booked still lies in open, licensed time.
    """
    start = minute_of(start_at)
    frame = frames.one(snapshot.pattern.zone, ask.grid_minutes, start)
    for rule in GATES:
        if (rule.stands or not standing_only) and not rule.gate(snapshot, ask, frame):
            return refusal(rule.code)
    if not standing_only and instant_of(start) != start_at:
        return refusal("off-grid")
    return None


def not_here(snapshot: Snapshot, ask: Ask, start_at: datetime) -> Refusal | None:
    """None if the law of the place that `ask` and `snapshot` are about lets the visit take place; otherwise why not.

    The search's own gates over the same minute, so that where a patient really is can allow nothing that they could
    not have booked from there.
    """
    frame = frames.one(snapshot.pattern.zone, ask.grid_minutes, minute_of(start_at))
    return next((refusal(rule.code) for rule in LOCAL if not rule.gate(snapshot, ask, frame)), None)


def against(snapshot: Snapshot, ask: Ask, start_at: datetime, standing_only: bool = False) -> list[str]:
    """The codes of every rule against it, for whoever may set some of them aside.

    Days off and holidays are asked for by themselves: a time outside the week's hours is in neither by that alone, nor
    is the second time of a repeated hour, in which nobody is open.
    """
    start = minute_of(start_at)
    frame, minutes = frames.one(snapshot.pattern.zone, ask.grid_minutes, start), (start, start + ask.visit.minutes)
    away = {
        "day-off": opening.closed(snapshot.pattern, minutes),
        "holiday": bool(ask.holidays) and opening.closed(snapshot.pattern, minutes, ask.holidays),
    }
    rules = [rule for rule in GATES if rule.stands or not standing_only]
    found = [r.code for r in rules if (away[r.code] if r.code in away else not r.gate(snapshot, ask, frame))]
    if not standing_only and instant_of(start) != start_at and "off-grid" not in found:
        found.append("off-grid")
    return found


def _frame(snapshot: Snapshot, ask: Ask, window: Range) -> Frame:
    return frames.frame(snapshot.pattern.zone, ask.grid_minutes, window)


def _masks(
    snapshots: Iterable[Snapshot], ask: Ask, window: Range, wanted: Sequence[Range] | None = None
) -> Iterator[tuple[Snapshot, Frame, int]]:
    """What all gates let through, for each practitioner; of that, only starts in `wanted` where it is given."""
    common: dict[Frame, int] = {}
    for snapshot in snapshots:
        frame = _frame(snapshot, ask, window)
        if frame not in common:
            mask = frame.on_grid if wanted is None else frame.on_grid & frame.fits(wanted, 1)
            common[frame] = _through(COMMON, snapshot, ask, frame, mask)
        yield snapshot, frame, _through(PERSONAL, snapshot, ask, frame, common[frame])


def _through(gates: tuple[Gate, ...], snapshot: Snapshot, ask: Ask, frame: Frame, mask: int) -> int:
    for gate in gates:
        if not mask:
            break
        mask &= gate(snapshot, ask, frame)
    return mask


def starts(snapshot: Snapshot, ask: Ask, window: Range) -> list[int]:
    """Every legal start within the window, in minutes since 1970, in order."""
    return next(frame.minutes(mask) for _snapshot, frame, mask in _masks([snapshot], ask, window))


def starts_of_each(
    snapshots: Iterable[Snapshot], ask: Ask, window: Range, wanted: Sequence[Range] | None = None
) -> list[tuple[Snapshot, list[int]]]:
    """The same for many; where `wanted` is given, only starts in those minutes."""
    return [(snapshot, frame.minutes(mask)) for snapshot, frame, mask in _masks(snapshots, ask, window, wanted)]


def any_starts(snapshots: Iterable[Snapshot], ask: Ask, window: Range) -> list[int]:
    """Every start at which at least one of them is free, in order."""
    masks: dict[tuple[int, int], int] = {}
    widest: dict[tuple[int, int], Frame] = {}
    for _snapshot, frame, mask in _masks(snapshots, ask, window):
        key = (frame.first, frame.unit)
        masks[key] = masks.get(key, 0) | mask
        if key not in widest or widest[key].count < frame.count:
            widest[key] = frame
    found = [widest[key].minutes(mask) for key, mask in masks.items()]
    return found[0] if len(found) == 1 else sorted({start for some in found for start in some})


def closed_by(snapshot: Snapshot, ask: Ask, window: Range) -> Refusal | None:
    """The gate at which the last start was lost, or None if something is free."""
    frame = _frame(snapshot, ask, window)
    mask = frame.on_grid
    for rule in GATES:
        mask &= rule.gate(snapshot, ask, frame)
        if not mask:
            return refusal(rule.code)
    return None


class Offers(Sequence[Offer]):
    """Legal starts, earliest first. An offer is made when it is looked at: a search finds thousands, a page shows a few."""

    def __init__(self, found: list[tuple[int, Snapshot]], minutes: int) -> None:
        self._found = found
        self._length = timedelta(minutes=minutes)

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, place: int) -> Offer: ...
    @overload
    def __getitem__(self, place: slice) -> list[Offer]: ...
    def __getitem__(self, place: int | slice) -> Offer | list[Offer]:
        if isinstance(place, slice):
            return [self._offer(*entry) for entry in self._found[place]]
        return self._offer(*self._found[place])

    def __iter__(self) -> Iterator[Offer]:
        return (self._offer(*entry) for entry in self._found)

    def _offer(self, start: int, by: Snapshot) -> Offer:
        at = instant_of(start)
        return Offer(by.practitioner_id, by.practitioner_name, by.credential, at, at + self._length)


def _by_time(entry: tuple[int, Snapshot]) -> tuple[int, str, int]:
    return entry[0], entry[1].practitioner_name, entry[1].practitioner_id.int


def offers(
    snapshots: Iterable[Snapshot], ask: Ask, window: Range, limit: int | None = None,
    wanted: Sequence[Range] | None = None,
) -> Offers:  # fmt: skip
    """The legal starts of all practitioners, earliest first, at most `limit`."""
    found = [(start, s) for s, free in starts_of_each(snapshots, ask, window, wanted) for start in free[:limit]]
    found.sort(key=_by_time)
    return Offers(found[:limit], ask.visit.minutes)


def nearest(snapshots: Iterable[Snapshot], ask: Ask, window: Range, wanted: int, count: int) -> list[Offer]:
    """The `count` legal starts nearest to `wanted` (a minute since 1970), in the order of time."""
    found: list[tuple[int, Snapshot]] = []
    for by, free in starts_of_each(snapshots, ask, window):
        place = bisect_left(free, wanted)
        found.extend((start, by) for start in free[max(0, place - count) : place + count])
    found.sort(key=lambda entry: (abs(entry[0] - wanted), entry[1].practitioner_name))
    return list(Offers(sorted(found[:count], key=_by_time), ask.visit.minutes))
