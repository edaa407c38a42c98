"""What config/followups.toml says of plans: when records are due again, sessions at home, ranges."""

from collections.abc import Sequence
from dataclasses import dataclass

from carepath.followups.rules.home import HomeRule
from carepath.followups.rules.limits import Limit
from carepath.followups.rules.plans import ROUTES, UNITS
from carepath.kit.errors import ConfigProblem


@dataclass(frozen=True, slots=True)
class PlanRule:
    """When labs and the prescription register are due again, as far as a plan says nothing else."""

    labs_due_after_days: int
    labs_source: str
    pdmp_due_after_days: int
    pdmp_source: str


def check_plan_rule(file: str, rule: PlanRule) -> None:
    """ConfigProblem names the key."""
    for key, days in (("labs_due_after_days", rule.labs_due_after_days), ("pdmp_due_after_days", rule.pdmp_due_after_days)):  # fmt: skip
        if not 1 <= days <= 366:
            raise ConfigProblem(file, f"plan.{key}", "a number of days from 1 to 366")
    for key, source in (("labs_source", rule.labs_source), ("pdmp_source", rule.pdmp_source)):
        if not source.strip():
            raise ConfigProblem(file, f"plan.{key}", "say where the number comes from")


def check_home(file: str, rule: HomeRule) -> None:
    """ConfigProblem names the key. The bounds tell a slip of the pen from a limit; they are no limits themselves."""
    for key, value, low, high in (
        ("systolic", rule.systolic, 80, 250), ("diastolic", rule.diastolic, 40, 150),
        ("heart_rate", rule.heart_rate, 40, 200), ("reading_days", rule.reading_days, 1, 90),
        ("most_sessions", rule.most_sessions, 1, 365),
    ):  # fmt: skip
        if not low <= value <= high:
            raise ConfigProblem(file, f"home.{key}", f"a number from {low} to {high}")
    if rule.diastolic >= rule.systolic:
        raise ConfigProblem(file, "home.diastolic", "the lower number of a blood pressure is below the upper one")
    if not rule.source.strip():
        raise ConfigProblem(file, "home.source", "say where the numbers come from")


def check_limits(file: str, limits: Sequence[Limit]) -> None:
    """ConfigProblem names the entry, counted from 0 as it stands in the file."""
    seen: set[tuple[str, str | None]] = set()
    for place, limit in enumerate(limits):
        reason = _wrong(limit)
        if reason is None and (limit.route, limit.unit) in seen:
            reason = "this route and unit stand here twice"
        if reason is not None:
            raise ConfigProblem(file, f"limits[{place}]", reason)
        seen.add((limit.route, limit.unit))


def _wrong(limit: Limit) -> str | None:
    numbers = (
        limit.most_a_session, limit.most_in_30_days, limit.most_in_12_months, limit.shortest_interval_days,
    )  # fmt: skip
    if limit.route not in ROUTES:
        return f"route is one of {', '.join(ROUTES)}"
    if all(number is None for number in numbers):
        return "there is no number in it"
    if any(number is not None and not 0 < number < 1_000_000 for number in numbers):
        return "every number is above 0"
    if (limit.most_a_session is None) != (limit.unit is None) or limit.unit not in (None, *UNITS):
        return f"most_a_session goes with a unit: {', '.join(UNITS)}"
    return None if limit.source.strip() else "source: say where the numbers come from"
