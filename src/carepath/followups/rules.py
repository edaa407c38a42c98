"""Plans, cadence, relief and signals: pure rules. A signal asks a person to look; none proposes a dose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise

from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _

ROUTES = {
    "iv": _("Infusion into a vein (IV)"),
    "im": _("Injection into a muscle (IM)"),
    "sc": _("Injection under the skin (SC)"),
    "nasal": _("Nasal spray"),
    "sublingual": _("Lozenge under the tongue"),
    "other": _("Other"),
}
SETTINGS = {"clinic": _("In the clinic"), "home": _("At home")}
TONES = ("green", "amber", "red")
KINDS = ("relief", "waning-relief", "waning-peg", "item9", "severe-effect", "bladder-blood", "change")

_PROVIDER, _SYSTEM = roles(Role.PROVIDER), roles(Role.SYSTEM)

PLAN = Machine(
    "treatment plan",
    ("active",),
    (
        Transition("change", ("active", "on-hold"), "active", _PROVIDER),
        Transition("pause", ("active",), "on-hold", _PROVIDER),
        Transition("resume", ("on-hold",), "active", _PROVIDER),
        Transition("end", ("active", "on-hold"), "completed", _PROVIDER),
    ),
)
CHECK_IN = Machine(
    "check-in",
    ("due",),
    (
        Transition("mark-overdue", ("due",), "overdue", _SYSTEM),
        Transition("complete", ("due", "overdue"), "completed", roles(Role.PATIENT, Role.SYSTEM)),
        Transition("close", ("due", "overdue"), "cancelled", roles(Role.PROVIDER, Role.SYSTEM)),
    ),
)


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What the provider writes. `dose` is their own words; intervals are in days."""

    route: str
    setting: str
    dose: str
    interval_days: int
    check_in_every_days: int
    goals: str
    starts_on: date


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


@dataclass(frozen=True, slots=True)
class Course:
    """PEG over time: baseline, best (lowest mean of two check-ins in a row), now, relief in percent."""

    baseline: Decimal | None
    best: Decimal | None
    now: Decimal | None
    relief: Decimal | None


def check_plan(draft: PlanDraft, today: date) -> None:
    """Invalid names every field that is wrong. No dose is judged, only that one is written."""
    problems = {}
    if draft.route not in ROUTES:
        problems["route"] = _("Choose a route.")
    if draft.setting not in SETTINGS:
        problems["setting"] = _("Choose where the sessions take place.")
    if draft.setting == "home":
        problems["setting"] = _("Sessions at home are switched off in this clinic.")
    for field, text, limit in (("dose", draft.dose, 300), ("goals", draft.goals, 1000)):
        if not text.strip():
            problems[field] = _("Write something here.")
        elif len(text) > limit:
            problems[field] = _("This can have at most {limit} characters.").format(limit=limit)
    for field, days in (("interval_days", draft.interval_days), ("check_in_every_days", draft.check_in_every_days)):
        if not 1 <= days <= 366:
            problems[field] = _("Enter a number of days from 1 to 366.")
    if not today - timedelta(days=3660) <= draft.starts_on <= today + timedelta(days=366):
        problems["starts_on"] = _("Choose a date within the next year.")
    if problems:
        raise Invalid(problems)


def next_check_in(after: datetime, every_days: int) -> datetime:
    """When the following check-in falls due: elapsed days."""
    return after + timedelta(days=every_days)


def first_check_in(now: datetime, starts_on: date, every_days: int) -> datetime:
    """When the first check-in of a plan falls due: counted from its start when that is still to come."""
    return next_check_in(now + timedelta(days=max(0, (starts_on - now.date()).days)), every_days)


def relief(baseline: Decimal | None, now: Decimal | None) -> Decimal | None:
    """(baseline - now) / baseline in whole percent. None without both, or for a baseline of 0.

    Rounded down, so that what is shown as 30 % has passed every threshold of 30.
    """
    exact = _relief(baseline, now)
    return None if exact is None else exact.quantize(Decimal(1), ROUND_FLOOR)


def _relief(baseline: Decimal | None, now: Decimal | None) -> Decimal | None:
    """In percent, as thresholds see it: unrounded."""
    return (baseline - now) * 100 / baseline if baseline and now is not None else None


def course(baseline: Decimal | None, pegs: Sequence[Decimal]) -> Course:
    """Where the patient stands. `pegs` are those of check-ins, oldest first."""
    now = pegs[-1] if pegs else None
    return Course(baseline, _best(pegs), now, relief(baseline, now))


def _best(pegs: Sequence[Decimal]) -> Decimal | None:
    means = [(a + b) / 2 for a, b in pairwise(pegs)]
    return min(means).quantize(Decimal("0.1"), ROUND_HALF_UP) if means else None


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
    limit, now = Decimal(str(rule.at_least)), _relief(baseline, reading.peg)
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
    now, lowest = _relief(baseline, peg), min(earlier, default=None)
    reached = _relief(baseline, lowest)
    fires = now is not None and reached is not None and reached >= limit > now
    return _when(fires, relief=relief(baseline, peg), reached=relief(baseline, lowest))


def _waning(rule: SignalRule, limit: Decimal, earlier: Sequence[Decimal], now: Decimal | None) -> dict[str, str] | None:
    """The last `readings` check-ins all stand `limit` or more above the best that came before them."""
    if now is None:
        return None
    series = [*earlier, now]
    last, before = series[-rule.readings :], series[: -rule.readings]
    best = _best(before)
    return _when(
        best is not None and len(last) == rule.readings and all(peg >= best + limit for peg in last), best=best, peg=now
    )


def _when(fires: bool, **numbers: object) -> dict[str, str] | None:
    return {name: str(number) for name, number in numbers.items() if number is not None} if fires else None
