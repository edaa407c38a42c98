"""Thoughts of death, and a mood that falls."""

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def item9(rule: SignalRule, point: Point) -> Behind | None:
    """PHQ-9 item 9 of `at_least`, whatever the total."""
    value = point.reading.item9
    return behind(item9=value) if value is not None and value >= rule.number("at_least") else None


def cssrs(rule: SignalRule, point: Point) -> Behind | None:
    """The C-SSRS triage of `at_least`: 1 low, 2 moderate, 3 high."""
    value = point.reading.cssrs
    return behind(cssrs=value) if value is not None and value >= rule.number("at_least") else None


def mood_falls(rule: SignalRule, point: Point) -> Behind | None:
    """PHQ-9 stands `points` or more above the baseline, or above the one before."""
    now = point.reading.phq9
    earlier = [one.phq9 for one in point.earlier if one.phq9 is not None]
    known = [value for value in (point.baseline.phq9, *earlier[-1:]) if value is not None]
    if now is None or not known or now < min(known) + rule.number("points"):
        return None
    return behind(phq9=now, baseline=point.baseline.phq9, previous=earlier[-1] if earlier else None)


KINDS = {
    "item9": Kind("suicide", item9, frozenset({"at_least"})),
    "cssrs": Kind("suicide", cssrs, frozenset({"at_least"}), ladder="cssrs"),
    "phq9-up": Kind("suicide", mood_falls, frozenset({"points"})),
}
