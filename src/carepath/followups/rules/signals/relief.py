"""Relief against the baseline: who responds, and who does not after the induction."""

from decimal import Decimal

from carepath.followups.rules.course import exact_relief
from carepath.followups.rules.course import relief as whole_relief
from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def responds(rule: SignalRule, point: Point) -> Behind | None:
    """`percent` of relief or more."""
    now = exact_relief(point.baseline.peg, point.reading.peg)
    return _behind(point) if now is not None and now >= rule.number("percent") else None


def responds_somewhat(rule: SignalRule, point: Point) -> Behind | None:
    """`percent` of relief or more, and the patient says so too: PGIC of `change` or better."""
    change = point.reading.change
    return responds(rule, point) if change is not None and change <= rule.number("change") else None


def does_not_respond(rule: SignalRule, point: Point) -> Behind | None:
    """Less than `percent` of relief and PGIC of `change` or worse, `from_days` to `to_days` after the plan began."""
    now, change = exact_relief(point.baseline.peg, point.reading.peg), point.reading.change
    if now is None or change is None or not point.course:
        return None
    days = Decimal((point.reading.at - point.course[0].at).days)
    in_time = rule.number("from_days") <= days <= rule.number("to_days")
    fires = in_time and now < rule.number("percent") and change >= rule.number("change")
    return _behind(point) | behind(days=days) if fires else None


def _behind(point: Point) -> Behind:
    baseline, peg = point.baseline.peg, point.reading.peg
    return behind(relief=whole_relief(baseline, peg), peg=peg, baseline=baseline, change=point.reading.change)


KINDS = {
    "responder": Kind("relief", responds, frozenset({"percent"}), ladder="relief"),
    "responder-minimal": Kind("relief", responds_somewhat, frozenset({"percent", "change"}), ladder="relief"),
    "non-responder": Kind("relief", does_not_respond, frozenset({"percent", "change", "from_days", "to_days"})),
}
