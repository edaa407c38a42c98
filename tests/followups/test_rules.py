"""Signals at, under and over each threshold."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.followups import catalogue
from carepath.followups.rules import course, signals
from carepath.followups.rules.signals import Reading
from tests.cast import NOW

RULES = catalogue.load(Path(__file__).parents[2] / "config").signals
pegs = st.integers(0, 100).map(lambda n: Decimal(n) / 10)


def raised(baseline: str | None, earlier: list[str], peg: str | None = None, **more: object) -> set[str]:
    reading = Reading(NOW, Decimal(peg) if peg else None, **more)  # type: ignore[arg-type]
    base = Decimal(baseline) if baseline else None
    return {r.rule.id for r in signals.signals(RULES, base, [Decimal(e) for e in earlier], reading)}


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


@pytest.mark.parametrize(
    ("peg", "signal"),
    [("5.7", None), ("5.6", "relief-moderate"), ("4.1", "relief-moderate"), ("4.0", "relief-substantial")],
)
def test_responders_at_their_edges(peg: str, signal: str | None):
    assert {s for s in raised("8", [], peg) if s.startswith("relief")} == ({signal} if signal else set())


def test_what_only_rounds_to_thirty_percent_is_not_thirty_percent():
    assert raised("6.1", [], "4.3") == set(), "29.5 %"
    assert "waning-relief" in raised("6.1", ["4.2"], "4.3")
    assert "waning-relief" not in raised("6.1", ["4.3"], "5"), "it never reached 30 %"


@given(pegs.filter(bool), st.lists(pegs, max_size=5), pegs)
def test_relief_is_either_there_or_waning_never_both(baseline: Decimal, earlier: list[Decimal], peg: Decimal):
    found = {r.rule.kind for r in signals.signals(RULES, baseline, earlier, Reading(NOW, peg))}
    assert not {"relief", "waning-relief"} <= found


@given(pegs.filter(bool), pegs)
def test_the_percentage_on_the_page_agrees_with_the_signal(baseline: Decimal, peg: Decimal):
    shown = course.relief(baseline, peg)
    assert shown is not None
    found = {r.rule.id for r in signals.signals(RULES, baseline, [], Reading(NOW, peg))}
    assert (shown >= 30) is bool(found & {"relief-moderate", "relief-substantial"})
    assert (shown >= 50) is ("relief-substantial" in found)


@given(st.lists(pegs, max_size=8))
def test_best_is_the_lowest_mean_of_two_in_a_row(series: list[Decimal]):
    stands = course.course(Decimal(8), series)
    assert (stands.best is None) is (len(series) < 2)
    if stands.best is not None:
        assert min(series) <= stands.best <= max(series)


def test_benefit_wanes_when_relief_falls_below_thirty_percent_again():
    assert "waning-relief" in raised("8", ["4"], "5.7")
    assert "waning-relief" not in raised("8", ["4"], "5.6")
    assert "waning-relief" not in raised("8", ["7"], "7")


def test_benefit_wanes_when_peg_stands_a_point_above_best_twice():
    assert "waning-peg" in raised("8", ["3", "3", "4"], "4")
    assert "waning-peg" not in raised("8", ["3", "3", "3.9"], "4")
    assert "waning-peg" not in raised("8", ["3"], "6"), "no best yet"


@pytest.mark.parametrize(
    ("reading", "signal"),
    [
        ({"item9": 1}, "phq-item9"),
        ({"has_severe_effect": True}, "severe-side-effect"),
        ({"has_bladder_blood": True}, "blood-in-urine"),
        ({"change": 6}, "change-worse"),
    ],
)
def test_what_is_red_or_amber_by_itself(reading: dict[str, object], signal: str):
    assert signal in raised("8", [], "8", **reading)
    assert signal not in raised("8", [], "8", change=5)


@given(st.lists(pegs, max_size=6), pegs, pegs, st.integers(0, 3), st.integers(0, 3))
def test_a_worse_reading_never_lowers_a_warning(
    earlier: list[Decimal], better: Decimal, worse: Decimal, low: int, high: int
):
    better, worse = sorted((better, worse))
    low, high = sorted((low, high))

    def warnings(peg: Decimal, item9: int) -> set[str]:
        found = signals.signals(RULES, Decimal(8), earlier, Reading(NOW, peg, item9))
        return {r.rule.id for r in found if r.rule.tone != "green"}

    assert warnings(better, low) <= warnings(worse, high)
