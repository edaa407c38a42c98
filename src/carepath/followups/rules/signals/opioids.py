"""Opioids, in mg of morphine a day (MME)."""

from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind


def fewer(rule: SignalRule, point: Point) -> Behind | None:
    """`percent` or more below the baseline."""
    now, baseline = point.reading.mme, point.baseline.mme
    if now is None or not baseline or now > baseline * (1 - rule.number("percent") / 100):
        return None
    return behind(mme=now, baseline=baseline)


def more(rule: SignalRule, point: Point) -> Behind | None:
    """More than `percent` above what was known before: the last reading with opioids, or the baseline."""
    now = point.reading.mme
    known = [one.mme for one in point.earlier if one.mme is not None]
    before = known[-1] if known else point.baseline.mme
    if now is None or before is None or now <= before * (1 + rule.number("percent") / 100):
        return None
    return behind(mme=now, before=before)


KINDS = {
    "mme-down": Kind("opioids", fewer, frozenset({"percent"})),
    "mme-up": Kind("opioids", more, frozenset({"percent"})),
}
