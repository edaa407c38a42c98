"""config/clinic.toml and config/jurisdictions.toml: read, checked whole, and kept for the process."""

import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from carepath.kit import config, when
from carepath.kit.actor import Role
from carepath.kit.errors import ConfigProblem, Invalid
from carepath.scheduling.rules.model import (
    BookingRules,
    Clinic,
    FederalRule,
    Jurisdiction,
    PrescribingRule,
    VisitType,
)
from carepath.scheduling.rules.prescribing import PrescribingNote, prescribing_note
from carepath.scheduling.rules.refusals import refusal
from carepath.scheduling.visit_catalogue import (
    CLINIC_FILE,
    Holidays,
    VisitEntry,
    closed_days,
    problem,
    visit_types,
)

__all__ = ["Clinic", "Jurisdiction", "VisitType", "clinic", "configure", "load"]

JURISDICTIONS_FILE = "jurisdictions.toml"


@dataclass(frozen=True, slots=True)
class _ClinicFile:
    name: str
    phone: str
    email: str
    zone: str
    room_template: str
    booking: BookingRules
    visit_types: dict[str, VisitEntry]
    holidays: Holidays | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    name: str
    zone: str
    other_zones: list[str] = field(default_factory=list)
    prescribing: list[PrescribingRule] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _PlacesFile:
    federal: FederalRule
    jurisdictions: list[_Place]


class _Kept:
    clinic: Clinic | None = None


def configure(found: Clinic) -> None:
    """Make `found` the clinic of this process. Called once at start, and by tests."""
    _Kept.clinic = found


def clinic() -> Clinic:
    """The clinic of this process. RuntimeError before `configure`."""
    if _Kept.clinic is None:
        raise RuntimeError("the clinic is not configured: call scheduling.catalogue.configure first")
    return _Kept.clinic


def clinic_contact() -> tuple[str, str]:
    """(name, phone), as patients are told."""
    return clinic().name, clinic().phone


def clinic_zone() -> str:
    """The zone in which dates without a patient are read."""
    return clinic().zone


def place_name(jurisdiction: str) -> str:
    """ "Colorado"; the code itself for a place that the clinic no longer serves."""
    found = clinic().jurisdictions.get(jurisdiction)
    return found.name if found else jurisdiction


def prescribing(jurisdiction: str, on: date) -> tuple[PrescribingNote, date] | None:
    """What is known about prescribing there without an exam in person on that date, and the last day of the federal
    flexibility that it rests on. None for a place that the clinic does not serve."""
    found = clinic().jurisdictions.get(jurisdiction)
    return (prescribing_note(clinic().federal, found, on), clinic().federal.until) if found else None


def kind(visit_type: str) -> VisitType:
    """The kind of visit of that code. Invalid `visit_type` for an unknown one."""
    found = clinic().visit_types.get(visit_type)
    if found is None:
        raise Invalid({"visit_type": refusal("visit-type-unknown").words})
    return found


def kinds_for(role: Role) -> list[VisitType]:
    """What somebody of that role may book, in the order of the file."""
    return [one for one in clinic().visit_types.values() if role.value in one.booked_by]


def kinds_asked_after() -> list[str]:
    """The codes of visits after which a patient is asked how they have been."""
    return [one.code for one in clinic().visit_types.values() if one.after_session_check]


def load(config_dir: Path) -> Clinic:
    """Read and check both files. ConfigProblem names file, key and reason."""
    found = config.load(config_dir / CLINIC_FILE, _ClinicFile)
    places = config.load(config_dir / JURISDICTIONS_FILE, _PlacesFile)
    _check_clinic(found)
    _check_places(places)
    return Clinic(
        name=found.name,
        phone=found.phone,
        email=found.email,
        zone=found.zone,
        room_template=found.room_template,
        rules=found.booking,
        visit_types=visit_types(found.visit_types),
        jurisdictions={
            p.code: Jurisdiction(p.code, p.name, p.zone, tuple(p.other_zones), tuple(p.prescribing))
            for p in places.jurisdictions
        },
        federal=places.federal,
        holidays=(closed := closed_days(found.holidays)),
        closed_on=frozenset(closed),
    )


def _check_clinic(found: _ClinicFile) -> None:
    for key, text in (("name", found.name), ("phone", found.phone), ("email", found.email)):
        if not text.strip() or not text.isprintable():
            raise problem(key, "a line of text is needed")
    if not when.is_zone(found.zone):
        raise problem("zone", f"{found.zone!r} is not an IANA time zone")
    _check_room(found.room_template)
    _check_booking(found.booking)


def _check_room(template: str) -> None:
    try:
        names = [name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name is not None]
    except ValueError:
        names = []
    if names != ["room"] or not template.startswith("https://"):
        raise problem("room_template", "it begins with https:// and holds {room} once")


_LIMITS: dict[str, tuple[Callable[[BookingRules], int], int, int]] = {
    "grid_minutes": (lambda rules: rules.grid_minutes, 1, 240),
    "notice_hours": (lambda rules: rules.notice_hours, 0, 24 * 60),
    "horizon_days": (lambda rules: rules.horizon_days, 1, 366),
    "hold_minutes": (lambda rules: rules.hold_minutes, 1, 120),
    "max_open_holds": (lambda rules: rules.max_open_holds, 1, 10),
    "no_show_grace_minutes": (lambda rules: rules.no_show_grace_minutes, 0, 24 * 60),
    "check_in_opens_minutes": (lambda rules: rules.check_in_opens_minutes, 0, 24 * 60),
    "change_notice_hours": (lambda rules: rules.change_notice_hours, 0, 14 * 24),
    "most_moves": (lambda rules: rules.most_moves, 0, 100),
    "assignment_days": (lambda rules: rules.assignment_days, 1, 366),
    "offer_hours": (lambda rules: rules.offer_hours, 1, 7 * 24),
    "proposal_hours": (lambda rules: rules.proposal_hours, 1, 14 * 24),
    "most_missed_offers": (lambda rules: rules.most_missed_offers, 1, 20),
}


def _check_booking(rules: BookingRules) -> None:
    for key, (value, low, high) in _LIMITS.items():
        if not low <= value(rules) <= high:
            raise problem(f"booking.{key}", f"a number from {low} to {high} is needed")


def _check_places(found: _PlacesFile) -> None:
    codes: set[str] = set()
    for place, entry in enumerate(found.jurisdictions):
        key = f"jurisdictions[{place}]"
        if not (entry.code.isascii() and entry.code.isupper() and len(entry.code) == 2):
            raise ConfigProblem(JURISDICTIONS_FILE, f"{key}.code", "two capital letters are needed")
        if entry.code in codes:
            raise ConfigProblem(JURISDICTIONS_FILE, f"{key}.code", f"{entry.code} is there twice")
        codes.add(entry.code)
        for zone in (entry.zone, *entry.other_zones):
            if not when.is_zone(zone):
                raise ConfigProblem(JURISDICTIONS_FILE, f"{key}.zone", f"{zone!r} is not an IANA time zone")
        _check_dates(f"{key}.prescribing", entry.prescribing)
    if not codes:
        raise ConfigProblem(JURISDICTIONS_FILE, "jurisdictions", "at least one place is needed")


def _check_dates(key: str, rules: list[PrescribingRule]) -> None:
    """Rules follow each other in time, so that a day never has two answers."""
    for place, rule in enumerate(rules):
        if (rule.valid_until or date.max) < rule.valid_from:
            raise ConfigProblem(JURISDICTIONS_FILE, f"{key}[{place}].valid_until", "it ends before it begins")
        if place and (rules[place - 1].valid_until or date.max) >= rule.valid_from:
            raise ConfigProblem(JURISDICTIONS_FILE, f"{key}[{place}].valid_from", "it overlaps the rule before it")
