"""Relief, when check-ins fall due, and what a plan may say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.followups.rules import course
from carepath.followups.rules.history import Baseline, History
from carepath.followups.rules.signals import signals

from .histories import RULES, reading

pegs = st.integers(0, 100).map(lambda n: Decimal(n) / 10)


def raised(baseline: Decimal, *series: Decimal) -> set[str]:
    """What the last of these PEGs raises."""
    readings = tuple(reading(14 * n, n, peg=peg) for n, peg in enumerate(series))
    found = signals(RULES, History(Baseline(baseline), readings, ()))
    return {one.rule.id for one in found if one.reading_id == readings[-1].id}


@pytest.mark.parametrize(
    ("baseline", "now", "percent"),
    [
        ("8", "4", 50),
        ("8", "5.6", 30),
        ("8", "8.8", -10),
        ("0", "3", None),
        ("7.7", "7.7", 0),
        ("6.1", "4.3", 29),
        ("7", "4.9", 30),
    ],
)
def test_relief_in_percent(baseline: str, now: str, percent: int | None):
    expected = None if percent is None else Decimal(percent)
    assert course.relief(Decimal(baseline), Decimal(now)) == expected


@given(pegs.filter(bool), pegs, pegs)
def test_relief_is_either_there_or_waning_never_both(baseline: Decimal, earlier: Decimal, peg: Decimal):
    found = raised(baseline, earlier, peg)
    assert not (found & {"relief-moderate", "relief-substantial"} and "waning-relief" in found)


@given(pegs.filter(bool), pegs)
def test_the_percentage_on_the_page_agrees_with_the_signal(baseline: Decimal, peg: Decimal):
    shown = course.relief(baseline, peg)
    assert shown is not None
    found = raised(baseline, peg)
    assert (shown >= 30) is bool(found & {"relief-moderate", "relief-substantial"})
    assert (shown >= 50) is ("relief-substantial" in found)


@given(st.lists(pegs, max_size=8))
def test_best_is_the_lowest_mean_of_two_in_a_row(series: list[Decimal]):
    stands = course.course(Decimal(8), series)
    assert (stands.best is None) is (len(series) < 2)
    if stands.best is not None:
        assert min(series) <= stands.best <= max(series)
