"""Which starts are legal, decided once for the search and for the commit.

Each rule is a gate: the set of starts that it lets through, as the bits of one integer (bit i is the
start i minutes after the window begins). The search is the intersection of all gates over weeks;
`bookable` is the same gates over a window of one minute, and the first gate without the bit is the
reason. So the two cannot disagree, and a coordinator who finds nothing learns which gate closed.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from itertools import islice

from carepath.scheduling.rules import days
from carepath.scheduling.rules.model import Ask, Offer, Refusal, Request, Snapshot
from carepath.scheduling.rules.ranges import Range, instant_of, merge, minute_after, minute_of
from carepath.scheduling.rules.refusals import refusal

Gate = Callable[[Snapshot, Ask, Range], int]


def _span(window: Range, first: int, past: int) -> int:
    """The bits of the starts from `first` up to `past`, as far as they are in the window."""
    low = max(first, window[0]) - window[0]
    high = min(past, window[1]) - window[0]
    return ((1 << (high - low)) - 1) << low if high > low else 0


def _all(window: Range) -> int:
    return _span(window, *window)


def _fits(ranges: Iterable[Range], minutes: int, window: Range) -> int:
    """Starts from which a visit lies wholly inside one of the ranges."""
    mask = 0
    for first, past in ranges:
        mask |= _span(window, first, past - minutes + 1)
    return mask


def _clear(busy: Iterable[Range], ask: Ask, window: Range) -> int:
    """Starts from which the visit with its buffers touches nothing busy."""
    mask = _all(window)
    before, after = ask.visit.buffer_before, ask.visit.minutes + ask.visit.buffer_after
    for first, past in busy:
        mask &= ~_span(window, first - after + 1, past + before)
    return mask


def _active(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _all(window) if snapshot.is_active else 0


def _future(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _span(window, minute_after(ask.now), window[1])


def _noticed(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _span(window, minute_after(ask.now) + ask.notice_minutes, window[1])


def _near(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _span(window, window[0], minute_after(ask.now) + ask.rules.horizon_days * 24 * 60 + 1)


def _licensed_ever(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _all(window) if snapshot.licences else 0


def _licensed_then(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    spans: list[Range] = []
    for held in snapshot.licences:
        first = days.day_range(ask.licence_zone, held.valid_from, held.valid_from)[0]
        if held.valid_until is None:
            spans.append((first, max(first, window[1]) + ask.visit.minutes))
        else:
            spans.append((first, days.day_range(ask.licence_zone, held.valid_until, held.valid_until)[1]))
    return _fits(merge(spans), ask.visit.minutes, window)


def open_ranges(snapshot: Snapshot, window: Range, obey_days_off: bool = True) -> list[Range]:
    """The minutes in which the practitioner is open, for every local date that the window touches."""
    found: list[Range] = []
    for on in days.dates(snapshot.zone, *window):
        weekly = [
            (h.opens, h.closes)
            for h in snapshot.hours
            if h.weekday == on.weekday() and h.valid_from <= on and (h.valid_until is None or on <= h.valid_until)
        ]
        changes = [c for c in snapshot.changes if c.first_on <= on <= c.last_on]
        if changes:
            off = [(c.opens or 0, c.closes or 24 * 60) for c in changes if c.kind == "off" and obey_days_off]
            extra = [(c.opens or 0, c.closes or 24 * 60) for c in changes if c.kind == "extra"]
            weekly = days.walls_minus(weekly, off, extra)
        found.extend(days.instants(snapshot.zone, on, weekly))
    return merge(found)


def _in_hours(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    wide = (window[0], window[1] + ask.visit.minutes)
    return _fits(open_ranges(snapshot, wide, obey_days_off=False), ask.visit.minutes, window)


def _not_off(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    if not any(change.kind == "off" for change in snapshot.changes):
        return _all(window)
    wide = (window[0], window[1] + ask.visit.minutes)
    return _fits(open_ranges(snapshot, wide), ask.visit.minutes, window)


@lru_cache(maxsize=512)
def _grid(zone: str, step: int, window: Range) -> int:
    mask = 0
    for on in days.dates(zone, *window):
        for first, count in days.wall_grid(zone, on, step):
            past = min(count, -(-(window[1] - first) // step))
            skipped = max(0, -(-(window[0] - first) // step))
            if past > skipped:
                mask |= _comb(step, past - skipped) << (first + skipped * step - window[0])
    return mask


@lru_cache(maxsize=256)
def _comb(step: int, count: int) -> int:
    return sum(1 << (step * tooth) for tooth in range(count))


def _on_grid(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _grid(snapshot.zone, ask.rules.grid_minutes, window)


def _free(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _clear(snapshot.busy, ask, window)


def _patient_free(snapshot: Snapshot, ask: Ask, window: Range) -> int:
    return _clear(snapshot.patient_busy, ask, window)


# In the order in which a person would want to hear them. Those that stand, whatever else is booked, come with True.
GATES: tuple[tuple[str, Gate, bool], ...] = (
    ("inactive", _active, True),
    ("in-the-past", _future, False),
    ("too-soon", _noticed, False),
    ("too-far", _near, False),
    ("not-licensed", _licensed_ever, True),
    ("licence-expired", _licensed_then, True),
    ("outside-hours", _in_hours, True),
    ("day-off", _not_off, True),
    ("off-grid", _on_grid, False),
    ("taken", _free, False),
    ("patient-busy", _patient_free, False),
)


def bookable(request: Request, snapshot: Snapshot, standing_only: bool = False) -> Refusal | None:
    """None if the visit may start then; otherwise the first reason against it.

    `standing_only` asks whether a visit that is already booked still lies in open, licensed time.
    """
    if request.visit is None:
        return refusal("visit-type-unknown")
    ask = Ask(request.visit, request.licence_zone, request.rules, request.notice_minutes, request.now)
    start = minute_of(request.start_at)
    for code, gate, stands in GATES:
        if (stands or not standing_only) and not gate(snapshot, ask, (start, start + 1)):
            return refusal(code)
    if not standing_only and instant_of(start) != request.start_at:
        return refusal("off-grid")
    return None


def _bits(snapshot: Snapshot, ask: Ask, window: Range) -> str:
    """What all gates let through, as text: character i is "1" for the start i minutes into the window."""
    mask = _all(window)
    for _code, gate, _stands in GATES:
        mask &= gate(snapshot, ask, window)
        if not mask:
            return ""
    return format(mask, "b")[::-1]


def starts(snapshot: Snapshot, ask: Ask, window: Range) -> Iterator[int]:
    """Every legal start within the window, in minutes since 1970, in order."""
    bits = _bits(snapshot, ask, window)
    place = bits.find("1")
    while place >= 0:
        yield window[0] + place
        place = bits.find("1", place + 1)


def starts_around(snapshot: Snapshot, ask: Ask, window: Range, wanted: int, count: int) -> list[int]:
    """Up to `count` legal starts before and `count` from `wanted` on: among them the `count` nearest."""
    bits = _bits(snapshot, ask, window)
    centre = min(max(wanted - window[0], 0), len(bits))
    found: list[int] = []
    place = bits.rfind("1", 0, centre)
    while place >= 0 and len(found) < count:
        found.append(window[0] + place)
        place = bits.rfind("1", 0, place)
    before, place = len(found), bits.find("1", centre)
    while place >= 0 and len(found) < before + count:
        found.append(window[0] + place)
        place = bits.find("1", place + 1)
    return found


def closed_by(snapshot: Snapshot, ask: Ask, window: Range) -> Refusal | None:
    """The gate at which the last start was lost, or None if something is free."""
    mask = _all(window)
    for code, gate, _stands in GATES:
        mask &= gate(snapshot, ask, window)
        if not mask:
            return refusal(code)
    return None


def offers(snapshots: Iterable[Snapshot], ask: Ask, window: Range, limit: int | None = None) -> list[Offer]:
    """The legal starts of all practitioners, earliest first, at most `limit`."""
    found = [(start, s) for s in snapshots for start in islice(starts(s, ask, window), limit)]
    return _in_order(found, ask)[:limit]


def nearest(snapshots: Iterable[Snapshot], ask: Ask, window: Range, wanted: int, count: int) -> list[Offer]:
    """The `count` legal starts nearest to `wanted` (a minute since 1970), in the order of time."""
    found = [(start, s) for s in snapshots for start in starts_around(s, ask, window, wanted, count)]
    found.sort(key=lambda entry: (abs(entry[0] - wanted), entry[1].practitioner_name))
    return _in_order(found[:count], ask)


def _in_order(found: list[tuple[int, Snapshot]], ask: Ask) -> list[Offer]:
    length = timedelta(minutes=ask.visit.minutes)
    found.sort(key=lambda entry: (entry[0], entry[1].practitioner_name))
    return [
        Offer(s.practitioner_id, s.practitioner_name, s.credential, at := instant_of(start), at + length)
        for start, s in found
    ]
