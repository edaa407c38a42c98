"""Relief: PEG against its baseline and its best."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Course:
    """PEG over time: baseline, best (lowest mean of two check-ins in a row), now, relief in percent."""

    baseline: Decimal | None
    best: Decimal | None
    now: Decimal | None
    relief: Decimal | None


def relief(baseline: Decimal | None, now: Decimal | None) -> Decimal | None:
    """(baseline - now) / baseline in whole percent. None without both, or for a baseline of 0.

    Rounded down, so that what is shown as 30 % has passed every threshold of 30.
    """
    exact = exact_relief(baseline, now)
    return None if exact is None else exact.quantize(Decimal(1), ROUND_FLOOR)


def exact_relief(baseline: Decimal | None, now: Decimal | None) -> Decimal | None:
    """In percent, as thresholds see it: unrounded."""
    return (baseline - now) * 100 / baseline if baseline and now is not None else None


def change(baseline: Decimal | None, now: Decimal | None) -> Decimal | None:
    """(now - baseline) / baseline in whole percent, up being more. None without both, or for a baseline of 0.

    Rounded towards zero, so that what is shown as 20 % has passed every threshold of 20, whichever way.
    """
    exact = exact_relief(baseline, now)
    # "+ 0" leaves no minus before a zero.
    return None if exact is None else (-exact).quantize(Decimal(1), ROUND_DOWN) + 0


def course(baseline: Decimal | None, pegs: Sequence[Decimal]) -> Course:
    """Where the patient stands. `pegs` are those of check-ins, oldest first."""
    now = pegs[-1] if pegs else None
    return Course(baseline, best(pegs), now, relief(baseline, now))


def best(pegs: Sequence[Decimal]) -> Decimal | None:
    """The lowest mean of two in a row, to one decimal. None for fewer than two."""
    means = [(a + b) / 2 for a, b in pairwise(pegs)]
    return min(means).quantize(Decimal("0.1"), ROUND_HALF_UP) if means else None
