"""Histories of nobody, to work signals out from: days counted from NOW, numbers as text."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from carepath.followups import catalogue
from carepath.followups.rules.history import Baseline, Dose, History, PlanPoint, Reading
from carepath.followups.rules.signals import KINDS, TONES, signals
from carepath.followups.rules.signals.model import Raised
from tests.cast import NOW

RULES = catalogue.load(Path(__file__).parents[2] / "config").signals
FAMILY = {rule.id: KINDS[rule.kind].family for rule in RULES if rule.kind in KINDS}
_DECIMALS = ("peg", "nrs", "mme")
NOTHING_KNOWN = Baseline()


def reading(day: float, number: int = 0, **said: object) -> Reading:
    """Reading number `number`, `day` days after NOW."""
    exact = {name: Decimal(str(value)) if name in _DECIMALS else value for name, value in said.items()}
    return Reading(UUID(int=number + 1), NOW + timedelta(days=day), "check-in", **exact)  # type: ignore[arg-type]


def baseline(**said: object) -> Baseline:
    exact = {name: Decimal(str(value)) if name in _DECIMALS else value for name, value in said.items()}
    return Baseline(**exact)  # type: ignore[arg-type]


def plan(day: float, version: int = 1, phase: str = "maintenance", every: int = 28, dose: str = "") -> PlanPoint:
    """A version of the plan; `dose` like "50 mg"."""
    amount, _space, unit = dose.partition(" ")
    given = Dose(Decimal(amount), unit) if dose else None
    return PlanPoint(NOW + timedelta(days=day), version, phase, every, given)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a table: the last of `said` (a reading every 14 days, unless a day is given) raises `raised`, of one
    family; anything else of that family it does not."""

    what: str
    said: tuple[dict[str, object], ...]
    raised: frozenset[str]
    baseline: Baseline = NOTHING_KNOWN
    plans: tuple[PlanPoint, ...] = ()


def case(
    what: str,
    *said: dict[str, object],
    raised: str = "",
    base: Baseline = NOTHING_KNOWN,
    plans: tuple[PlanPoint, ...] = (),
) -> Case:
    """`raised` are ids with spaces between."""
    return Case(what, said, frozenset(raised.split()), base, plans)


def history(found: Case) -> History:
    """The readings of a case, 14 days apart."""
    given = [dict(one) for one in found.said]
    days = [one.pop("day", 14 * n) for n, one in enumerate(given)]
    readings = tuple(reading(float(str(day)), n, **one) for n, (day, one) in enumerate(zip(days, given, strict=True)))
    return History(found.baseline, readings, found.plans)


def last(found: History, family: str) -> dict[str, Raised]:
    """What the newest reading raises, of one family, by rule."""
    newest = max(found.readings, key=lambda one: (one.at, one.id))
    return {
        one.rule.id: one
        for one in signals(RULES, found)
        if one.reading_id == newest.id and FAMILY[one.rule.id] == family
    }


def loudness(raised: dict[str, Raised]) -> int:
    """0 nothing or good news, 1 amber, 2 red."""
    return max((TONES.index(one.rule.tone) for one in raised.values()), default=0)
