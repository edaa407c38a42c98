"""Where a visit that cannot stay could go: the search's own rule, as if every other visit stayed where it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from carepath.scheduling.rules import slots
from carepath.scheduling.rules.model import Ask, Limits, Snapshot
from carepath.scheduling.rules.ranges import Range, minute_after
from carepath.scheduling.rules.replan import Limit, Visit

_DAY = 24 * 60
LATEST = 21 * _DAY  # nobody is moved further than this
WARNING = _DAY  # nobody is expected sooner than they knew, unless they have this long to read it


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit as it stands, in minutes since 1970. `zone` is the patient's."""

    id: UUID
    patient_id: UUID
    practitioner_id: UUID
    visit_type: str
    jurisdiction: str
    zone: str
    start: int
    occupied: Range


def window_of(visits: Iterable[Booked], now: int, horizon: int) -> Range:
    """The whole days in which any of them could begin, at most `horizon` minutes ahead."""
    last = min(max(one.start for one in visits) + LATEST, now + horizon)
    return now - now % _DAY, max(last, now) - max(last, now) % -_DAY + _DAY


def visit_of(
    one: Booked, ask: Ask, snapshots: Sequence[Snapshot], window: Range, others: Sequence[Range], fixed: Sequence[Range]
) -> Visit:
    """The visit with every place it could have. `others` is what else occupies the patient; of that, `fixed` does not
    move, and is neither overtaken nor fallen behind."""
    kind = ask.visit
    before, after = kind.buffer_before, kind.minutes + kind.buffer_after
    seen = [_without(snapshot, one, tuple(others)) for snapshot in snapshots]
    first, past = _between(one, fixed)
    latest = min(past - after, one.start + LATEST)
    earliest = max(first + before, min(one.start, minute_after(ask.now) + WARNING))
    free = tuple(
        (by.practitioner_id, tuple(s for s in starts if earliest <= s <= latest and not _is_here(one, by, s)))
        for by, starts in slots.starts_of_each(seen, ask, window)
        if starts
    )
    return Visit(
        one.id, one.patient_id, one.practitioner_id, one.start, before, kind.minutes, after, one.zone,
        tuple(entry for entry in free if entry[1]),
    )  # fmt: skip


def nowhere(one: Booked) -> Visit:
    """A visit of a kind or place that the clinic knows no more: nothing can be found for it."""
    before, after = one.start - one.occupied[0], one.occupied[1] - one.start
    return Visit(one.id, one.patient_id, one.practitioner_id, one.start, before, after, after, one.zone, ())


def limits_of(snapshots: Iterable[Snapshot]) -> tuple[Limit, ...]:
    """The limits of those who have any."""
    return tuple(
        Limit(s.practitioner_id, s.pattern.zone, s.limits.per_day, s.limits.per_week, s.limits.begins)
        for s in snapshots
        if s.limits is not None
    )


def _is_here(one: Booked, by: Snapshot, start: int) -> bool:
    return by.practitioner_id == one.practitioner_id and start == one.start


def _between(one: Booked, fixed: Sequence[Range]) -> Range:
    """From the end of the patient's visit before it to the beginning of the one behind it."""
    first = max((end for begin, end in fixed if begin < one.start), default=0)
    return first, min((begin for begin, _end in fixed if begin >= one.start), default=one.start + 366 * _DAY)


def _without(snapshot: Snapshot, one: Booked, others: tuple[Range, ...]) -> Snapshot:
    """As the practitioner stands without this one visit."""
    if snapshot.practitioner_id != one.practitioner_id:
        return replace(snapshot, patient_busy=others)
    busy = list(snapshot.busy)
    if one.occupied in busy:
        busy.remove(one.occupied)
    limits = snapshot.limits
    if limits is not None and one.start in limits.begins:
        begins = list(limits.begins)
        begins.remove(one.start)
        limits = Limits(limits.per_day, limits.per_week, tuple(begins))
    return replace(snapshot, busy=tuple(busy), patient_busy=others, limits=limits)
