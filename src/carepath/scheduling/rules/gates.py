"""The rules of a legal start, each a gate: the starts of a frame that it lets through, as bits."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from carepath.scheduling.rules import days, opening
from carepath.scheduling.rules.days import first_of
from carepath.scheduling.rules.frames import Frame
from carepath.scheduling.rules.model import Ask, Snapshot, Validity
from carepath.scheduling.rules.ranges import Range, merge, minute_after

Gate = Callable[[Snapshot, Ask, Frame], int]


class Rule(NamedTuple):
    """`gate` under its reason code. It `stands` if it binds a visit that is already booked, too; it is `common` if it
    looks at no practitioner, so that a search for fifty of them asks it once; it is `local` if the law of the place
    where the patient is says it, so that it is asked again when they say where that is."""

    code: str
    gate: Gate
    stands: bool = False
    common: bool = False
    local: bool = False


def _active(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.whole if snapshot.is_active else 0


def _future(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.span(minute_after(ask.now), frame.past)


def _noticed(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.span(minute_after(ask.now) + ask.notice_minutes, frame.past)


def _near(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.span(frame.first, minute_after(ask.now) + ask.horizon_minutes + 1)


def _allowed(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    if not ask.no_telehealth:
        return frame.whole
    return frame.whole & ~frame.touched(
        tuple(_spans(ask.no_telehealth, ask.licence_zone, frame.past)), 0, ask.visit.minutes
    )


def _licensed_ever(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.whole if snapshot.licences else 0


def _licensed_then(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.fits(_spans(snapshot.licences, ask.licence_zone, frame.past), ask.visit.minutes)


def _spans(held: tuple[Validity, ...], zone: str, past: int) -> list[Range]:
    """The minutes of the dates; what has no end goes on until well behind `past`."""
    found: list[Range] = []
    for one in held:
        first = _begin(zone, one.valid_from)
        last = _begin(zone, one.valid_until + timedelta(days=1)) if one.valid_until else max(first, past) + 10_000
        found.append((first, last))
    return merge(found)


@lru_cache(maxsize=8192)
def _begin(zone: str, on: date) -> int:
    return days.day_range(zone, on, on)[0]


def _in_hours(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return opening.mask(frame, snapshot.pattern, ask.visit.minutes, opening.NOBODY_OFF, obey_days_off=False)


def _not_off(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    if not snapshot.pattern.changes:
        return frame.whole
    return opening.mask(frame, snapshot.pattern, ask.visit.minutes, opening.NOBODY_OFF)


def _no_holiday(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    if not ask.holidays:
        return frame.whole
    if frame.count == 1 and not days.may_touch(ask.holidays, frame.first, frame.past + ask.visit.minutes):
        return frame.whole  # of one minute, sooner said than worked out
    return opening.mask(frame, snapshot.pattern, ask.visit.minutes, ask.holidays)


def _on_grid(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.on_grid


def _free(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.whole & ~_touched(snapshot.busy, ask, frame)


def _free_elsewhere(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    # A calendar outside knows nothing of our buffers: the visit itself is what must not meet it.
    return frame.whole & ~frame.touched(snapshot.elsewhere, 0, ask.visit.minutes) if snapshot.elsewhere else frame.whole


def _patient_free(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    return frame.whole & ~_touched(snapshot.patient_busy, ask, frame) if snapshot.patient_busy else frame.whole


def _touched(busy: tuple[Range, ...], ask: Ask, frame: Frame) -> int:
    return frame.touched(busy, ask.visit.buffer_before, ask.visit.minutes + ask.visit.buffer_after)


def _day_has_room(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    limits = snapshot.limits
    return frame.whole if limits is None else _room(snapshot, frame, limits.per_day, days=1)


def _week_has_room(snapshot: Snapshot, ask: Ask, frame: Frame) -> int:
    limits = snapshot.limits
    return frame.whole if limits is None else _room(snapshot, frame, limits.per_week, days=7)


def _room(snapshot: Snapshot, frame: Frame, most: int | None, days: int) -> int:
    """Starts in days (or weeks from Monday) of the practitioner in which fewer than `most` visits begin."""
    if most is None or snapshot.limits is None:
        return frame.whole
    zone, counts = snapshot.pattern.zone, dict[date, int]()
    for begins in snapshot.limits.begins:
        first_on = first_of(zone, begins, days)
        counts[first_on] = counts.get(first_on, 0) + 1
    mask = frame.whole
    first_on, end = first_of(zone, frame.first, days), frame.past
    while _begin(zone, first_on) < end:
        next_on = first_on + timedelta(days=days)
        if counts.get(first_on, 0) >= most:
            mask &= ~frame.span(_begin(zone, first_on), _begin(zone, next_on))
        first_on = next_on
    return mask


# In the order in which a person would want to hear them.
GATES = (
    Rule("inactive", _active, stands=True),
    Rule("in-the-past", _future, common=True),
    Rule("too-soon", _noticed, common=True),
    Rule("too-far", _near, common=True),
    Rule("no-telehealth", _allowed, stands=True, common=True, local=True),
    Rule("not-licensed", _licensed_ever, stands=True, local=True),
    Rule("licence-expired", _licensed_then, stands=True, local=True),
    Rule("outside-hours", _in_hours, stands=True),
    Rule("day-off", _not_off, stands=True),
    Rule("holiday", _no_holiday, stands=True),
    Rule("off-grid", _on_grid, common=True),
    Rule("busy-elsewhere", _free_elsewhere, stands=True),
    Rule("taken", _free),
    Rule("day-full", _day_has_room),
    Rule("week-full", _week_has_room),
    Rule("patient-busy", _patient_free),
)
COMMON = tuple(rule.gate for rule in GATES if rule.common)
LOCAL = tuple(rule for rule in GATES if rule.local)
PERSONAL = tuple(rule.gate for rule in GATES if not rule.common)
