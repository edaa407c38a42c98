from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit.intervals import Interval, merge, subtract

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def between(start: int, end: int) -> Interval:
    return Interval(ZERO + timedelta(minutes=start), ZERO + timedelta(minutes=end))


intervals = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 60)).map(lambda p: between(p[0], p[0] + p[1])), max_size=8
)


def minutes(pieces: list[Interval]) -> set[int]:
    return {
        minute
        for piece in pieces
        for minute in range(
            int((piece.start - ZERO).total_seconds() // 60), int((piece.end - ZERO).total_seconds() // 60)
        )
    }


@given(intervals)
def test_merging_keeps_every_minute_and_leaves_gaps_between(pieces: list[Interval]):
    merged = merge(pieces)
    assert minutes(merged) == minutes(pieces)
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(intervals, intervals)
def test_subtracting_is_set_difference(wholes: list[Interval], holes: list[Interval]):
    assert minutes(subtract(wholes, holes)) == minutes(wholes) - minutes(holes)


def test_touching_is_not_overlapping():
    assert not between(0, 30).overlaps(between(30, 60))
    assert between(0, 31).overlaps(between(30, 60))


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5)])
def test_an_empty_interval_is_refused(start: int, end: int):
    with pytest.raises(ValueError, match="ends after"):
        between(start, end)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        Interval(datetime(2026, 1, 1), ZERO)
