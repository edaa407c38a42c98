"""Tolerance: more of the same does less."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from carepath.followups.rules.history import PlanPoint
from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def plan_steps(rule: SignalRule, point: Point) -> Behind | None:
    """The provider raised the dose or shortened the interval by `percent`, `times` within `days`, and relief is no better
    than before the first of these steps."""
    since = point.reading.at - timedelta(days=int(rule.number("days")))
    steps = [later for earlier, later in pairwise(point.course) if later.at >= since and _is_step(rule, earlier, later)]
    if len(steps) < rule.number("times"):
        return None
    before, now = _peg_before(point, steps[0].at), point.reading.peg
    if before is None or now is None or now < before:
        return None
    return behind(steps=len(steps), peg=now, peg_before=before)


def _is_step(rule: SignalRule, earlier: PlanPoint, later: PlanPoint) -> bool:
    share = rule.number("percent") / 100
    shorter = later.interval_days <= earlier.interval_days * (1 - share)
    if earlier.dose is None or later.dose is None or earlier.dose.unit != later.dose.unit:
        return shorter  # doses in different units are not compared
    return shorter or later.dose.amount >= earlier.dose.amount * (1 + share)


def _peg_before(point: Point, at: datetime) -> Decimal | None:
    known = [one.peg for one in point.earlier if one.peg is not None and one.at < at]
    return known[-1] if known else point.baseline.peg


def said_shorter(rule: SignalRule, point: Point) -> Behind | None:
    """The patient has said `readings` times in a row that the effect wears off sooner than it did."""
    wanted = int(rule.number("readings"))
    said = [one.wears_off_sooner for one in point.series if one.wears_off_sooner is not None][-wanted:]
    fires = point.reading.wears_off_sooner and len(said) == wanted and all(said)
    return behind(wears_off_sooner=wanted) if fires else None


KINDS = {
    "tolerance-plan": Kind("tolerance", plan_steps, frozenset({"percent", "times", "days"})),
    "tolerance-said": Kind("tolerance", said_shorter, frozenset({"readings"})),
}
