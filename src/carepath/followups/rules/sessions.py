"""Dosing sessions: what a report may say, and the reading it leaves. No dose is judged, only that one is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from carepath.followups.rules.history import Dose, Reading
from carepath.followups.rules.plans import ROUTES
from carepath.kit.errors import Invalid
from carepath.kit.words import _

SEVERITIES = {"mild": _("mild"), "moderate": _("moderate"), "severe": _("severe")}
UNITS = ("mg", "mg/kg")
NO_EFFECT = "none"
MOST_DOSE = Decimal(10_000)
# (lowest, highest, unit) of what can have been measured in somebody alive and sitting up; beyond it, it is mistyped.
# The same bounds as in the patient's own questions (config/questionnaires/after-session.json).
RANGES: Mapping[str, tuple[int, int, str]] = MappingProxyType(
    {
        "systolic": (50, 300, "mmHg"),
        "diastolic": (20, 200, "mmHg"),
        "heart_rate": (20, 250, _("a minute")),
        "oxygen": (50, 100, "%"),
    }
)
_LIMITS = {"dose_words": 200, "home_with": 200, "notes": 2000}


@dataclass(frozen=True, slots=True)
class Vitals:
    """Measured at one time; None: not measured. Units as in RANGES."""

    systolic: int | None = None
    diastolic: int | None = None
    heart_rate: int | None = None
    oxygen: int | None = None


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """What somebody reports of a session. `severity` is that of the worst of `effects`, of which NO_EFFECT is one;
    `dissociation` and `distress` are 0-10; `escort`: was an adult there; `will_not_drive`: they know that they must not
    drive until the next day. None: not said."""

    held_at: datetime
    route: str
    dose: Dose | None
    dose_words: str
    before: Vitals
    after: Vitals
    effects: frozenset[str]
    severity: str
    dissociation: int | None
    distress: int | None
    escort: bool | None
    home_with: str
    will_not_drive: bool | None
    notes: str


def check_session(
    draft: SessionDraft, effects: Collection[str], now: datetime, back: timedelta, ahead: timedelta
) -> None:  # fmt: skip
    """What a provider writes. Invalid names every field that is wrong; late is not wrong, longer ago than `back` is."""
    problems: dict[str, str] = {}
    if draft.held_at > now + ahead:
        problems["held_on"] = _("A session is written down once it has taken place.")
    elif draft.held_at < now - back:
        problems["held_on"] = _("This is more than {n} days ago. Write it into a note instead.").format(n=back.days)
    if draft.route not in ROUTES:
        problems["route"] = _("Choose a route.")
    problems |= _dose(draft) | _vitals("before", draft.before) | _vitals("after", draft.after)
    problems |= _effects(draft, effects) | _company(draft)
    for name, value in (("dissociation", draft.dissociation), ("distress", draft.distress)):
        if value is not None and not 0 <= value <= 10:
            problems[name] = _("Enter a whole number from {low} to {high}.").format(low=0, high=10)
    for name, limit in _LIMITS.items():
        if len(getattr(draft, name)) > limit:
            problems[name] = _("This can have at most {limit} characters.").format(limit=limit)
    if problems:
        raise Invalid(problems)


def _dose(draft: SessionDraft) -> dict[str, str]:
    if draft.dose is None:
        needs = not draft.dose_words.strip()
        return {"dose_amount": _("Write the dose that was given: a number, or words below.")} if needs else {}
    problems = {}
    if not 0 < draft.dose.amount <= MOST_DOSE:
        problems["dose_amount"] = _("Enter a number above 0 and up to {most}.").format(most=MOST_DOSE)
    if draft.dose.unit not in UNITS:
        problems["dose_unit"] = _("Choose the unit of the dose.")
    return problems


def _vitals(when: str, vitals: Vitals) -> dict[str, str]:
    problems = {}
    for name, (low, high, unit) in RANGES.items():
        value = getattr(vitals, name)
        if value is not None and not low <= value <= high:
            words = _("Enter a number from {low} to {high} ({unit}).")
            problems[f"{when}_{name}"] = words.format(low=low, high=high, unit=unit)
    upper, lower = vitals.systolic, vitals.diastolic
    if (upper is None) != (lower is None):
        problems[f"{when}_{'systolic' if upper is None else 'diastolic'}"] = _(
            "Enter both numbers of the blood pressure."
        )
    elif upper is not None and lower is not None and lower >= upper and not problems:
        problems[f"{when}_diastolic"] = _("The lower number is below the upper one.")
    return problems


def _effects(draft: SessionDraft, known: Collection[str]) -> dict[str, str]:
    if not draft.effects:
        return {"effects": _("Tick what was seen, or that there was none.")}
    if not draft.effects <= set(known) or (NO_EFFECT in draft.effects and len(draft.effects) > 1):
        return {"effects": _("Tick side effects of this list, or none alone.")}
    if draft.effects != {NO_EFFECT} and draft.severity not in SEVERITIES:
        return {"severity": _("Say how bad the worst of them was.")}
    if draft.effects == {NO_EFFECT} and draft.severity:
        return {"severity": _("Without a side effect there is no severity.")}
    return {}


def _company(draft: SessionDraft) -> dict[str, str]:
    problems = {}
    if draft.escort is None:
        problems["escort"] = _("Say whether an adult was there.")
    if draft.will_not_drive is None:
        problems["will_not_drive"] = _("Say whether they know that they must not drive until the next day.")
    return problems


def worst(before: Vitals, after: Vitals) -> Vitals:
    """What a signal must not miss, each number by itself: the highest upper and the highest lower blood pressure, the
    fastest heart, the lowest oxygen. Either number of a blood pressure counts: 178/88 must not hide 176/124.
    """

    def measured(name: str) -> list[int]:
        return [value for one in (before, after) if (value := getattr(one, name)) is not None]

    upper, lower, rate = (max(measured(name), default=None) for name in ("systolic", "diastolic", "heart_rate"))
    return Vitals(upper, lower, rate, min(measured("oxygen"), default=None))


def reading_of(draft: SessionDraft, reading_id: UUID) -> Reading:
    """What signals are worked out from."""
    seen = worst(draft.before, draft.after)
    return Reading(
        reading_id, draft.held_at, "session", effects=draft.effects - {NO_EFFECT}, severity=draft.severity,
        **{one.name: getattr(seen, one.name) for one in fields(seen)}, dose=draft.dose,
        dissociation=draft.dissociation, distress=draft.distress,
    )  # fmt: skip


def with_said(reading: Reading, said: Reading) -> Reading:
    """A session's reading with what the same answers say beside the report: codes of both, and what it leaves open."""
    return Reading(
        **{one.name: _joined(getattr(reading, one.name), getattr(said, one.name)) for one in fields(Reading)}
    )


def _joined(mine: Any, other: Any) -> Any:
    if isinstance(mine, frozenset) and isinstance(other, frozenset):
        return mine | other
    return other if mine is None or mine == "" else mine
