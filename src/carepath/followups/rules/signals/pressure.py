"""Blood pressure and heart rate. Either number of a blood pressure counts."""

from carepath.followups.rules.history import Reading
from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def pressure(rule: SignalRule, point: Point) -> Behind | None:
    """Of the last `of` readings with a blood pressure, `times` are above `systolic` or above `diastolic`."""
    if not _is_known(point.reading):
        return None
    last = [one for one in point.series if _is_known(one)][-int(rule.number("of")) :]
    above = [one for one in last if _is_above(rule, one)]
    if len(above) < rule.number("times"):
        return None
    return behind(pressure=", ".join(f"{one.systolic or '–'}/{one.diastolic or '–'}" for one in last))


def _is_known(reading: Reading) -> bool:
    return reading.systolic is not None or reading.diastolic is not None


def _is_above(rule: SignalRule, reading: Reading) -> bool:
    systolic, diastolic = reading.systolic or 0, reading.diastolic or 0
    return systolic > rule.number("systolic") or diastolic > rule.number("diastolic")


def heart_rate(rule: SignalRule, point: Point) -> Behind | None:
    """A heart rate above `above`."""
    rate = point.reading.heart_rate
    return behind(heart_rate=rate) if rate is not None and rate > rule.number("above") else None


KINDS = {
    "pressure": Kind("pressure", pressure, frozenset({"systolic", "diastolic", "times", "of"}), ladder="pressure"),
    "heart-rate": Kind("pressure", heart_rate, frozenset({"above"})),
}
