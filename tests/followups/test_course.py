"""Percent against a baseline, up and down: what is shown has passed what it says."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.followups.rules.course import change, exact_relief, relief

amounts = st.decimals(0, 500, places=1)


@pytest.mark.parametrize(
    ("baseline", "now", "shown"),
    [("45", "60", "33"), ("60", "45", "-25"), ("60", "60", "0"), ("60", "59.9", "0"), ("50", "59.9", "19"), ("50", "60", "20")],
)  # fmt: skip
def test_more_is_up_and_nothing_is_rounded_up(baseline: str, now: str, shown: str):
    assert str(change(Decimal(baseline), Decimal(now))) == shown


def test_without_a_baseline_there_is_no_percent():
    assert change(None, Decimal(1)) is None
    assert change(Decimal(0), Decimal(1)) is None
    assert change(Decimal(1), None) is None


@given(amounts, amounts)
def test_a_change_that_is_shown_has_been_reached(baseline: Decimal, now: Decimal):
    shown, exact = change(baseline, now), exact_relief(baseline, now)
    if shown is None or exact is None:
        assert not baseline
        return
    assert abs(shown) <= abs(exact) < abs(shown) + 1
    assert (relief(baseline, now) or 0) <= exact
