"""Ranges that the clinic has set for its own plans. A plan beyond one is shown to whoever writes it, and never refused.

Where the clinic has set nothing, nothing is said: no number of ours stands in for one, and none is ever proposed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from carepath.followups.rules.plans import ROUTES, PlanDraft
from carepath.kit.errors import Invalid
from carepath.kit.words import _

_MONTH, _YEAR = 30, 365


@dataclass(frozen=True, slots=True)
class Limit:
    """A [[limits]] of config/followups.toml, for one route. `unit` is what `most_a_session` counts in."""

    route: str
    source: str
    unit: str | None = None
    most_a_session: float | None = None
    most_in_30_days: int | None = None
    most_in_12_months: int | None = None
    shortest_interval_days: int | None = None


@dataclass(frozen=True, slots=True)
class RangeWarning:
    """Where a plan is beyond a limit. `key` holds what was planned: another number is another warning."""

    field: str
    key: str
    words: str
    source: str


class Unseen(Invalid):
    """The plan is beyond limits of the clinic which its author has not said that they have seen."""

    def __init__(self, warnings: tuple[RangeWarning, ...]) -> None:
        super().__init__({one.field: one.words for one in warnings})
        self.warnings = warnings


def warnings(draft: PlanDraft, limits: Sequence[Limit]) -> tuple[RangeWarning, ...]:
    """Every limit of this route that the plan is beyond."""
    return tuple(one for limit in limits if limit.route == draft.route for one in _beyond(draft, limit))


def check_seen(found: tuple[RangeWarning, ...], seen: frozenset[str]) -> None:
    """Unseen unless each was ticked as it stands."""
    if any(one.key not in seen for one in found):
        raise Unseen(found)


def _beyond(draft: PlanDraft, limit: Limit) -> list[RangeWarning]:
    found: list[RangeWarning] = []
    amount, dates = draft.details.amount, draft.details.session_dates
    most = None if limit.most_a_session is None else Decimal(str(limit.most_a_session))
    if most is not None and amount is not None and amount.unit == limit.unit and amount.amount > most:
        found.append(_warning("amount", limit, f"{amount.amount:f} {amount.unit}", _("at most {n} {unit} a session").format(n=f"{limit.most_a_session:.10g}", unit=limit.unit)))  # fmt: skip
    least = limit.shortest_interval_days
    if least is not None and draft.interval_days < least:
        planned = _("every {n} days").format(n=draft.interval_days)
        found.append(_warning("interval_days", limit, planned, _("at least {n} days apart").format(n=least)))
    field = "session_dates" if dates else "interval_days"
    for days, allowed, words in (
        (_MONTH, limit.most_in_30_days, _("at most {n} sessions in 30 days")),
        (_YEAR, limit.most_in_12_months, _("at most {n} sessions in 12 months")),
    ):
        count = most_within(draft, days)
        if allowed is not None and count > allowed:
            found.append(_warning(field, limit, _("{n} sessions").format(n=count), words.format(n=allowed)))
    return found


def _warning(field: str, limit: Limit, planned: str, allowed: str) -> RangeWarning:
    words = _("{route}: {planned} planned; the clinic has set {allowed}.")
    said = words.format(route=ROUTES[limit.route], planned=planned, allowed=allowed)
    return RangeWarning(field, f"{limit.route}:{limit.unit or ''}:{allowed}:{planned}", said, limit.source)


def most_within(draft: PlanDraft, days: int) -> int:
    """So many sessions the plan holds in that many days, where it holds most: by its dates, or else by its interval."""
    dates = draft.details.session_dates
    if dates:
        return max(_from(dates, first, days) for first in dates)
    by_interval = 1 + (days - 1) // draft.interval_days
    return by_interval if draft.sessions_planned is None else min(by_interval, draft.sessions_planned)


def _from(dates: Sequence[date], first: date, days: int) -> int:
    return sum(first <= one < first + timedelta(days=days) for one in dates)
