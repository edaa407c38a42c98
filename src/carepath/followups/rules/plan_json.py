"""A plan as JSON, before it is sealed. What older versions lack has the value that it had for everybody then."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from carepath.followups.rules.history import Dose
from carepath.followups.rules.home import HomeGate
from carepath.followups.rules.limits import RangeWarning
from carepath.followups.rules.plans import PlanDetails, PlanDraft

_DATES = ("starts_on", "runway_until", "labs_due_on", "pdmp_due_on")
_NUMBERS = ("interval_days", "check_in_every_days", "sessions_planned")
_DETAIL_DATES = ("labs_seen_on", "pdmp_checked_on")


@dataclass(frozen=True, slots=True)
class SeenWarning:
    """A limit that whoever wrote the plan saw that they were beyond."""

    field: str
    words: str
    source: str


def write_details(details: PlanDetails) -> str:
    """What is not in columns of its own."""
    return json.dumps(_said(asdict(details)), default=str)


def read_details(text: str | None) -> PlanDetails:
    """None: the plan is older than details are."""
    return _details(json.loads(text)) if text else PlanDetails()


def write_version(draft: PlanDraft, warnings: Sequence[RangeWarning]) -> str:
    """All of it, and what its author was shown."""
    seen = [asdict(SeenWarning(one.field, one.words, one.source)) for one in warnings]
    whole = asdict(draft) | {"details": _said(asdict(draft.details))}
    return json.dumps(_said(whole | {"warnings": seen}), default=str)


def read_version(text: str) -> tuple[PlanDraft, tuple[SeenWarning, ...]]:
    """Numbers of the first versions were written as words."""
    said = json.loads(text)
    seen = tuple(SeenWarning(**one) for one in said.pop("warnings", ()))
    said |= {name: date.fromisoformat(said[name]) for name in _DATES if name in said}
    said |= {name: int(said[name]) for name in _NUMBERS if name in said}
    said["details"] = _details(said.get("details", {}))
    known = {one.name for one in fields(PlanDraft)}
    return PlanDraft(**{name: value for name, value in said.items() if name in known}), seen


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Nothing is written of what was not said."""
    return {name: value for name, value in values.items() if value not in (None, (), [], {})}


def _details(said: dict[str, Any]) -> PlanDetails:
    kept: dict[str, Any] = {name: said[name] for name in ("route_words", "therapy_words", "taper") if name in said}
    kept |= {name: date.fromisoformat(said[name]) for name in _DETAIL_DATES if name in said}
    if "amount" in said:
        kept["amount"] = Dose(Decimal(said["amount"]["amount"]), said["amount"]["unit"])
    if "home" in said:
        kept["home"] = _home(said["home"])
    dates = tuple(date.fromisoformat(one) for one in said.get("session_dates", ()))
    return PlanDetails(session_dates=dates, therapies=tuple(said.get("therapies", ())), **kept)


def _home(said: dict[str, Any]) -> HomeGate:
    on = said.get("measured_on")
    return HomeGate(**said | {"measured_on": date.fromisoformat(on) if on else None})
