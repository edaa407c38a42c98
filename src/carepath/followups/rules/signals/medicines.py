"""Other medicines."""

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def new_medicine(rule: SignalRule, point: Point) -> Behind | None:
    """Something is taken that was not."""
    return behind(medicines="changed") if point.reading.has_new_medicine else None


KINDS = {"new-medicine": Kind("medicines", new_medicine)}
