"""The bladder against its baseline. A check-in asks what is new or worse; what the intake says was always so is not new."""

from carepath.followups.rules.history import Reading
from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def _new(point: Point, reading: Reading) -> frozenset[str]:
    return (reading.bladder or frozenset()) - point.baseline.bladder


def any_of(rule: SignalRule, point: Point) -> Behind | None:
    """One of `codes`, whatever the baseline."""
    found = (point.reading.bladder or frozenset()) & set(rule.codes)
    return behind(bladder=found) if found else None


def with_new(rule: SignalRule, point: Point) -> Behind | None:
    """The first of `codes`, whatever the baseline, together with a new one of the others."""
    pain, *others = rule.codes
    said = point.reading.bladder or frozenset()
    return behind(bladder=said) if pain in said and _new(point, point.reading) & set(others) else None


def new_again(rule: SignalRule, point: Point) -> Behind | None:
    """Anything new now, and at `readings` readings with this one."""
    now = _new(point, point.reading)
    times = sum(bool(_new(point, one)) for one in point.series)
    return behind(bladder=now, readings=times) if now and times >= rule.number("readings") else None


def nights(rule: SignalRule, point: Point) -> Behind | None:
    """Up at night `more` times more often than at the baseline."""
    now, baseline = point.reading.nights, point.baseline.nights
    if now is None or baseline is None or now < baseline + rule.number("more"):
        return None
    return behind(nights=now, baseline=baseline)


KINDS = {
    "bladder-any": Kind("bladder", any_of, codes="bladder"),
    "bladder-together": Kind("bladder", with_new, codes="bladder"),
    "bladder-new": Kind("bladder", new_again, frozenset({"readings"})),
    "bladder-nights": Kind("bladder", nights, frozenset({"more"})),
}
