"""Pregnancy, the wish for it, breastfeeding."""

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def pregnancy(rule: SignalRule, point: Point) -> Behind | None:
    """The patient says so."""
    return behind(pregnancy="yes") if point.reading.is_pregnant else None


KINDS = {"pregnancy": Kind("pregnancy", pregnancy)}
