"""Side effects: how bad, which, and how often; how hard a session was to bear."""

from datetime import timedelta

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def severe(rule: SignalRule, point: Point) -> Behind | None:
    """The worst was severe, or one of `codes` is among them however mild it felt."""
    reading = point.reading
    fires = reading.severity == "severe" or bool(reading.effects & set(rule.codes))
    return _behind(point) if fires else None


def moderate(rule: SignalRule, point: Point) -> Behind | None:
    """The worst was moderate, or more."""
    return _behind(point) if point.reading.severity in {"moderate", "severe"} else None


def repeated(rule: SignalRule, point: Point) -> Behind | None:
    """One of this reading's side effects was named `times` within `days`, however mild."""
    since = point.reading.at - timedelta(days=int(rule.number("days")))
    recent = [one.effects for one in point.series if one.at >= since]
    often = {code for code in point.reading.effects if sum(code in one for one in recent) >= rule.number("times")}
    return behind(effects=often, times=int(rule.number("times"))) if often else None


def detached(rule: SignalRule, point: Point) -> Behind | None:
    """Detached or unreal by `at_least` of 10."""
    value = point.reading.dissociation
    return behind(dissociation=value) if value is not None and value >= rule.number("at_least") else None


def distressed(rule: SignalRule, point: Point) -> Behind | None:
    """Distressed by `at_least` of 10."""
    value = point.reading.distress
    return behind(distress=value) if value is not None and value >= rule.number("at_least") else None


def _behind(point: Point) -> Behind:
    return behind(effects=point.reading.effects or None, severity=point.reading.severity or None)


KINDS = {
    "effect-severe": Kind("adverse", severe, codes="effects", ladder="effects"),
    "effect-moderate": Kind("adverse", moderate, ladder="effects"),
    "effect-repeated": Kind("adverse", repeated, frozenset({"times", "days"})),
    "dissociation": Kind("adverse", detached, frozenset({"at_least"})),
    "distress": Kind("adverse", distressed, frozenset({"at_least"})),
}
