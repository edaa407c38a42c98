"""Signals: which reading calls a provider's attention, and how loudly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from carepath.followups.rules.course import best as best_of
from carepath.followups.rules.course import exact_relief, relief

TONES = ("green", "amber", "red")
KINDS = ("relief", "waning-relief", "waning-peg", "item9", "severe-effect", "bladder-blood", "change")


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A signal of config/followups.toml."""

    id: str
    version: str
    kind: str
    tone: str
    at_least: float
    words: str
    source: str
    readings: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What one check-in says. `peg` is 0-10; `item9` 0-3; `change` is PGIC, 1 best to 7 worst."""

    at: datetime
    peg: Decimal | None
    item9: int = 0
    has_severe_effect: bool = False
    has_bladder_blood: bool = False
    change: int | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A signal that a check-in raises, with the numbers behind it."""

    rule: SignalRule
    readings: dict[str, str]


def signals(
    rules: Sequence[SignalRule], baseline: Decimal | None, earlier: Sequence[Decimal], reading: Reading
) -> list[Raised]:
    """Every signal that `reading` raises, given the baseline and the PEGs of earlier check-ins, oldest first."""
    raised = [Raised(rule, found) for rule in rules if (found := _fires(rule, baseline, earlier, reading)) is not None]
    best_relief = max((r.rule.at_least for r in raised if r.rule.kind == "relief"), default=None)
    return [r for r in raised if r.rule.kind != "relief" or r.rule.at_least == best_relief]


def _fires(
    rule: SignalRule, baseline: Decimal | None, earlier: Sequence[Decimal], reading: Reading
) -> dict[str, str] | None:
    limit, now = Decimal(str(rule.at_least)), exact_relief(baseline, reading.peg)
    match rule.kind:
        case "relief":
            shown = relief(baseline, reading.peg)
            return _when(now is not None and now >= limit, relief=shown, peg=reading.peg, baseline=baseline)
        case "waning-relief":
            return _waning_relief(limit, baseline, earlier, reading.peg)
        case "waning-peg":
            return _waning(rule, limit, earlier, reading.peg)
        case "item9":
            return _when(reading.item9 >= limit, item9=reading.item9)
        case "severe-effect":
            return _when(reading.has_severe_effect, severe_effect=1)
        case "bladder-blood":
            return _when(reading.has_bladder_blood, blood=1)
        case "change":
            return _when(reading.change is not None and reading.change >= limit, change=reading.change)
    return None


def _waning_relief(
    limit: Decimal, baseline: Decimal | None, earlier: Sequence[Decimal], peg: Decimal | None
) -> dict[str, str] | None:
    """An earlier check-in reached `limit` percent of relief and this one does not."""
    now, lowest = exact_relief(baseline, peg), min(earlier, default=None)
    reached = exact_relief(baseline, lowest)
    fires = now is not None and reached is not None and reached >= limit > now
    return _when(fires, relief=relief(baseline, peg), reached=relief(baseline, lowest))


def _waning(rule: SignalRule, limit: Decimal, earlier: Sequence[Decimal], now: Decimal | None) -> dict[str, str] | None:
    """The last `readings` check-ins all stand `limit` or more above the best that came before them."""
    if now is None:
        return None
    series = [*earlier, now]
    last, before = series[-rule.readings :], series[: -rule.readings]
    best = best_of(before)
    return _when(
        best is not None and len(last) == rule.readings and all(peg >= best + limit for peg in last), best=best, peg=now
    )


def _when(fires: bool, **numbers: object) -> dict[str, str] | None:
    return {name: str(number) for name, number in numbers.items() if number is not None} if fires else None
