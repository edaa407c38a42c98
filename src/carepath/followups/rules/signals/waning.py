"""Benefit waning: what was gained is being lost."""

from collections.abc import Sequence
from decimal import Decimal

from carepath.followups.rules.course import best as best_of
from carepath.followups.rules.course import exact_relief, relief
from carepath.followups.rules.history import Reading
from carepath.followups.rules.signals.model import Behind, Kind, Point, SignalRule, behind

_BEFORE_SETTLED = frozenset({"test-dose", "induction"})


def settled(point: Point) -> tuple[Reading, ...]:
    """Earlier readings from the end of the induction on: those that a best may come from.

    Without any version of a plan all of them; while the induction lasts none.
    """
    if not point.course:
        return point.earlier
    since = next((one.at for one in point.course if one.phase not in _BEFORE_SETTLED), None)
    return tuple(one for one in point.earlier if since is not None and one.at >= since)


def relief_lost(rule: SignalRule, point: Point) -> Behind | None:
    """An earlier reading had `percent` of relief, this one has not."""
    baseline, limit = point.baseline.peg, rule.number("percent")
    lowest = min((one.peg for one in point.earlier if one.peg is not None), default=None)
    now, reached = exact_relief(baseline, point.reading.peg), exact_relief(baseline, lowest)
    if now is None or reached is None or not reached >= limit > now:
        return None
    return behind(relief=relief(baseline, point.reading.peg), reached=relief(baseline, lowest), peg=point.reading.peg)


def peg_above_best(rule: SignalRule, point: Point) -> Behind | None:
    """The last `readings` PEGs all stand `points` or more above the best that came before them."""
    if point.reading.peg is None:
        return None
    wanted = int(rule.number("readings"))
    last = [one for one in point.series if one.peg is not None][-wanted:]
    before = [one.peg for one in settled(point) if one.peg is not None and one not in last]
    pegs = [one.peg for one in last if one.peg is not None]
    return _above(rule.number("points"), best_of(before), pegs, "peg") if len(pegs) == wanted else None


def nrs_above_best(rule: SignalRule, point: Point) -> Behind | None:
    """Pain now stands `points` or more above the best that came before."""
    if point.reading.nrs is None:
        return None
    before = [one.nrs for one in settled(point) if one.nrs is not None]
    return _above(rule.number("points"), best_of(before), [point.reading.nrs], "nrs")


def _above(points: Decimal, best: Decimal | None, last: Sequence[Decimal], name: str) -> Behind | None:
    if best is None or any(value < best + points for value in last):
        return None
    return behind(best=best) | {name: ", ".join(str(value) for value in last)}


def said_worse(rule: SignalRule, point: Point) -> Behind | None:
    """PGIC of `change` or worse; 1 is very much improved, 7 very much worse."""
    change = point.reading.change
    return behind(change=change) if change is not None and change >= rule.number("change") else None


KINDS = {
    "waning-relief": Kind("waning", relief_lost, frozenset({"percent"})),
    "waning-peg": Kind("waning", peg_above_best, frozenset({"points", "readings"})),
    "waning-nrs": Kind("waning", nrs_above_best, frozenset({"points"})),
    "waning-change": Kind("waning", said_worse, frozenset({"change"}), ladder="change"),
}
