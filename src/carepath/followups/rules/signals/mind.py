"""Mania or psychosis."""

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def mind(rule: SignalRule, point: Point) -> Behind | None:
    """One of `codes`."""
    found = point.reading.mind & set(rule.codes)
    return behind(mind=found) if found else None


KINDS = {"mind": Kind("mind", mind, codes="mind")}
