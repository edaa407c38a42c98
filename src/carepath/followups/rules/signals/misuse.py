"""Signs of misuse: one asks for a look, several together for holding the refill."""

from datetime import timedelta
from decimal import Decimal

from carepath.followups.rules.history import Reading
from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind

EARLY = "early-refill"


def misuse(rule: SignalRule, point: Point) -> Behind | None:
    """This reading has a sign, and it makes `at_least` different ones within `days`.

    Doses that go faster than planned count as one: by `early_percent`, or by `early_days`.
    """
    now = _signs(rule, point, point.reading)
    if not now:
        return None
    since = point.reading.at - timedelta(days=int(rule.number("days")))
    known = now.union(*(_signs(rule, point, one) for one in point.earlier if one.at >= since))
    return behind(misuse=known) if len(known) >= rule.number("at_least") else None


def _signs(rule: SignalRule, point: Point, reading: Reading) -> frozenset[str]:
    return reading.misuse | {EARLY} if _is_early(rule, point, reading) else reading.misuse


def _is_early(rule: SignalRule, point: Point, reading: Reading) -> bool:
    """Since doses were counted last, more were used than the plan's interval allows for. One dose more may fall between
    two counts by itself; a count that went up means a refill, and says nothing."""
    counted = [one for one in point.series if one.doses_left is not None and one.at < reading.at]
    plans = [one for one in point.plans if one.at <= reading.at]
    if reading.doses_left is None or not counted or not plans or counted[-1].doses_left is None:
        return False
    used = counted[-1].doses_left - reading.doses_left
    elapsed = Decimal((reading.at - counted[-1].at).days)
    meant = Decimal((used - 1) * plans[-1].interval_days)
    too_many = meant > elapsed * (1 + rule.number("early_percent") / 100)
    return used > 1 and (too_many or meant > elapsed + rule.number("early_days"))


KINDS = {
    "misuse": Kind("misuse", misuse, frozenset({"at_least", "days", "early_percent", "early_days"}), ladder="misuse")
}
