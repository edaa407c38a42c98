"""Signals worked out from the whole history: for every reading, what it raises given all that came before it."""

from collections.abc import Sequence
from datetime import datetime

from carepath.followups.rules.history import History
from carepath.followups.rules.signals import (
    adverse,
    bladder,
    breathing,
    medicines,
    mind,
    misuse,
    opioids,
    pregnancy,
    pressure,
    relief,
    suicide,
    tolerance,
    waning,
)  # fmt: skip
from carepath.followups.rules.signals.model import TONES, Kind, Point, Raised, SignalRule

KINDS: dict[str, Kind] = {
    **relief.KINDS, **waning.KINDS, **tolerance.KINDS, **adverse.KINDS, **suicide.KINDS, **bladder.KINDS,
    **pressure.KINDS, **breathing.KINDS, **misuse.KINDS, **mind.KINDS, **pregnancy.KINDS, **medicines.KINDS, **opioids.KINDS,
}  # fmt: skip


def signals(rules: Sequence[SignalRule], history: History, since: datetime | None = None) -> list[Raised]:
    """What every reading from `since` on raises. The order in which readings are given does not matter."""
    readings = sorted(history.readings, key=lambda one: (one.at, one.id))
    plans = sorted(history.plans, key=lambda one: (one.at, one.version))
    found: list[Raised] = []
    for number, reading in enumerate(readings):
        if since is None or reading.at >= since:
            known = tuple(one for one in plans if one.at <= reading.at)
            found += at_point(rules, Point(history.baseline, reading, tuple(readings[:number]), known))
    return found


def at_point(rules: Sequence[SignalRule], point: Point) -> list[Raised]:
    """What one reading raises: of a ladder, the loudest."""
    reading, raised = point.reading, []
    for rule in rules:
        kind = KINDS.get(rule.kind)  # what falls due by the calendar is not asked of readings
        readings = kind.fires(rule, point) if kind else None
        if readings is not None:
            raised.append(Raised(rule, f"reading:{reading.id}", reading.at, readings, reading.id))
    loudest: dict[str, Raised] = {}
    for one in raised:
        ladder = KINDS[one.rule.kind].ladder or one.rule.id
        kept = loudest.get(ladder)
        if kept is None or TONES.index(one.rule.tone) > TONES.index(kept.rule.tone):
            loudest[ladder] = one
    return list(loudest.values())
