"""The kinds of visits and the clinic's holidays, as config/clinic.toml writes them, checked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import holidays

from carepath.kit.errors import ConfigProblem
from carepath.scheduling.rules.model import VisitType

CLINIC_FILE = "clinic.toml"
MODALITIES = ("video", "in-person")
STAGES = ("intake", "maintenance")
BOOKERS = ("patient", "provider", "coordinator")
_YEARS = range(2020, 2061)


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """One `[visit_types.*]` table."""

    name: str
    minutes: int
    buffer_before: int
    buffer_after: int
    modality: str = "video"
    stage: str = "intake"
    booked_by: list[str] = field(default_factory=lambda: ["patient", "coordinator"])
    grid_minutes: int | None = None
    notice_hours: int | None = None
    horizon_days: int | None = None
    after_session_check: bool = False


@dataclass(frozen=True, slots=True)
class Holidays:
    """The `[holidays]` table: whose public holidays close the clinic, which of them do not, and more closed days."""

    country: str
    subdivision: str | None = None
    open_on: list[str] = field(default_factory=list)
    also_closed: dict[str, str] = field(default_factory=dict)


def problem(key: str, reason: str) -> ConfigProblem:
    """What is wrong in clinic.toml."""
    return ConfigProblem(CLINIC_FILE, key, reason)


_NUMBERS: dict[str, tuple[Callable[[VisitEntry], int | None], int, int]] = {
    "minutes": (lambda visit: visit.minutes, 1, 480),
    "buffer_before": (lambda visit: visit.buffer_before, 0, 240),
    "buffer_after": (lambda visit: visit.buffer_after, 0, 240),
    "grid_minutes": (lambda visit: visit.grid_minutes, 1, 240),
    "notice_hours": (lambda visit: visit.notice_hours, 0, 24 * 60),
    "horizon_days": (lambda visit: visit.horizon_days, 1, 366),
}


def visit_types(entries: dict[str, VisitEntry]) -> dict[str, VisitType]:
    """The kinds of visits by code. ConfigProblem names the key."""
    if not entries:
        raise problem("visit_types", "at least one kind of visit is needed")
    for code, entry in entries.items():
        _check(f"visit_types.{code}", entry)
    return {
        code: VisitType(
            code, e.name, e.minutes, e.buffer_before, e.buffer_after, e.modality, e.stage, frozenset(e.booked_by),
            e.grid_minutes, e.notice_hours, e.horizon_days, e.after_session_check,
        )
        for code, e in entries.items()
    }  # fmt: skip


def _check(key: str, visit: VisitEntry) -> None:
    if not visit.name.strip():
        raise problem(f"{key}.name", "a line of text is needed")
    for name, (value, low, high) in _NUMBERS.items():
        number = value(visit)
        if number is not None and not low <= number <= high:
            raise problem(f"{key}.{name}", f"a number from {low} to {high} is needed")
    for name, chosen, known in (("modality", visit.modality, MODALITIES), ("stage", visit.stage, STAGES)):
        if chosen not in known:
            raise problem(f"{key}.{name}", f"{chosen!r} is none of {', '.join(known)}")
    if not visit.booked_by or not set(visit.booked_by) <= set(BOOKERS):
        raise problem(f"{key}.booked_by", f"at least one of {', '.join(BOOKERS)}, and nothing else")


def closed_days(found: Holidays | None) -> dict[date, str]:
    """Date -> the name of the holiday, from 2020 to 2060. ConfigProblem names the key."""
    if found is None:
        return {}
    known = _public(found)
    names = set(known.values())
    for place, name in enumerate(found.open_on):
        if name not in names:
            raise problem(f"holidays.open_on[{place}]", f"{name!r} is no public holiday of {found.country}")
    closed = {on: name for on, name in known.items() if name.removesuffix(" (observed)") not in found.open_on}
    for written, name in found.also_closed.items():
        try:
            closed[date.fromisoformat(written)] = name
        except ValueError:
            raise problem(f"holidays.also_closed.{written}", "a date is written 2026-12-24") from None
    return closed


def _public(found: Holidays) -> dict[date, str]:
    try:
        return dict(holidays.country_holidays(found.country, subdiv=found.subdivision, years=_YEARS))
    except NotImplementedError:
        key = "country" if found.subdivision is None else "subdivision"
        raise problem(f"holidays.{key}", "the holidays of this place are not known") from None
