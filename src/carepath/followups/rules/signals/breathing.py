"""Oxygen in the blood."""

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def oxygen(rule: SignalRule, point: Point) -> Behind | None:
    """Below `below` percent."""
    value = point.reading.oxygen
    return behind(oxygen=value) if value is not None and value < rule.number("below") else None


KINDS = {"oxygen": Kind("breathing", oxygen, frozenset({"below"}), ladder="oxygen")}
