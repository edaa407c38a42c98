"""Half-open ranges of whole minutes, `(first, past)`. Integers keep the slot search fast and exact."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Range = tuple[int, int]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minute_of(instant: datetime) -> int:
    """Whole minutes since 1970 UTC, rounded down."""
    return (instant - _EPOCH) // _MINUTE


def minute_after(instant: datetime) -> int:
    """Whole minutes since 1970 UTC, rounded up."""
    return -((_EPOCH - instant) // _MINUTE)


def instant_of(minute: int) -> datetime:
    """The UTC instant at which that minute begins."""
    return _EPOCH + timedelta(minutes=minute)


def merge(ranges: Iterable[Range]) -> list[Range]:
    """The same minutes as ordered, disjoint ranges; touching ones become one."""
    merged: list[Range] = []
    for first, past in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], past))
        else:
            merged.append((first, past))
    return merged


def subtract(wholes: Iterable[Range], holes: Iterable[Range]) -> list[Range]:
    """What is left of `wholes` without `holes`, ordered and disjoint."""
    left: list[Range] = []
    gaps = merge(holes)
    for first, past in merge(wholes):
        for gap_first, gap_past in gaps:
            if gap_past <= first or gap_first >= past:
                continue
            if gap_first > first:
                left.append((first, gap_first))
            first = max(first, gap_past)
        if first < past:
            left.append((first, past))
    return left
