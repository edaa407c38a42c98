"""Half-open ranges of instants: [start, end)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`start` <= t < `end`, both aware. ValueError when empty or naive."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """True if they share an instant; touching ends do not count."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        """True if the other lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as ordered, disjoint ranges; touching ones become one."""
    merged: list[Interval] = []
    for piece in sorted(intervals):
        if merged and piece.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, piece.end))
        else:
            merged.append(piece)
    return merged


def subtract(wholes: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """What is left of `wholes` without `holes`, ordered and disjoint."""
    gaps, left = merge(holes), []
    for whole in merge(wholes):
        start = whole.start
        for gap in gaps:
            if gap.end <= start or gap.start >= whole.end:
                continue
            if gap.start > start:
                left.append(Interval(start, gap.start))
            start = max(start, gap.end)
        if start < whole.end:
            left.append(Interval(start, whole.end))
    return left
