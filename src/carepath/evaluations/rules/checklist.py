"""What has to be seen to before an evaluation can be decided as suitable. Pure: everything known comes as `Known`.

The software asks whether a person has done it; it never says that it was done well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from carepath.kit import when
from carepath.kit.errors import Invalid
from carepath.kit.words import _

IDENTITY, LOCATION, PDMP, CONSENT, PRESSURE, IN_PERSON = ITEMS = (
    "identity", "location", "pdmp", "consent", "blood-pressure", "in-person",
)  # fmt: skip
# What a provider can say about; consent follows from the signatures alone.
ENTERED = tuple(item for item in ITEMS if item != CONSENT)
EXAM, FLEXIBILITY = BASES = ("exam", "flexibility")
DOCUMENTS = ("photo-id", "in-person")
# (lowest, highest) of what can have been measured in somebody alive and sitting up; beyond it, it is mistyped. The same
# bounds as where a session is written down (followups/rules/sessions.py).
RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"systolic": (50, 300), "diastolic": (20, 200), "heart_rate": (20, 250)}
)
# Further back a day is a slip of the pen.
_LONGEST_AGO = {item: timedelta(days=366) for item in ENTERED} | {IN_PERSON: timedelta(days=366 * 20)}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a provider entered of one item, or took back. `on` is the day it is about."""

    item: str
    is_done: bool
    on: date | None
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pressure:
    """A blood pressure reading and its day."""

    systolic: int
    diastolic: int
    heart_rate: int
    on: date


@dataclass(frozen=True, slots=True)
class Basis:
    """The dated rule about prescribing without an exam in person, for the state where the patient is."""

    until: date
    needs_review: bool
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """All that the checklist is worked out from. `entries` holds the newest of each item; `alarms` are the words of the
    screening rules that ask for a person at once because of the newest blood pressure."""

    today: date
    entries: Mapping[str, Entry]
    unsigned: tuple[str, ...] = ()
    intake_pressure: Pressure | None = None
    licensed_in: frozenset[str] = frozenset()
    basis: Basis | None = None
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """config/evaluations.toml, [checklist]. Units are in the names; the rest are linkIds of the intake's reading."""

    location_days: int
    pdmp_days: int
    pdmp_again_days: int
    blood_pressure_days: int
    systolic: str
    diastolic: str
    heart_rate: str
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it stands. `words` say what was done or what is missing; `again_on` is when it is due again;
    `is_alarming`: seen to, and what was found needs a look of its own."""

    item: str
    is_done: bool
    words: str
    again_on: date | None = None
    is_alarming: bool = False


def lines(known: Known, limits: Limits) -> tuple[Line, ...]:
    """Every item, in the order in which a visit goes."""
    return (
        _identity(known), _location(known, limits), _pdmp(known, limits), _consent(known), _pressure(known, limits),
        _in_person(known),
    )  # fmt: skip


def _entry(known: Known, item: str) -> Entry | None:
    found = known.entries.get(item)
    return found if found is not None and found.is_done else None


def _day(on: date | None) -> str:
    return when.say_on(on) if on else "–"


def _is_old(on: date | None, days: int, today: date) -> bool:
    return on is None or on < today - timedelta(days=days)


def _identity(known: Known) -> Line:
    found = _entry(known, IDENTITY)
    if found is None:
        return Line(IDENTITY, False, _("Identity: not seen yet."))
    is_shown = found.detail.get("document") == "photo-id"
    words = _("Identity: seen (photo ID) on {day}.") if is_shown else _("Identity: known in person, on {day}.")
    return Line(IDENTITY, True, words.format(day=_day(found.on)))


def _location(known: Known, limits: Limits) -> Line:
    found = _entry(known, LOCATION)
    if found is None:
        return Line(LOCATION, False, _("Location: ask in which state the patient is."))
    state = found.detail.get("state", "")
    if _is_old(found.on, limits.location_days, known.today):
        words = _("Location: {state} was said on {day}, more than {n} days ago. Ask again.")
        return Line(LOCATION, False, words.format(state=state, day=_day(found.on), n=limits.location_days))
    if state not in known.licensed_in:
        words = _("Location: you hold no license for {state} that is valid today.")
        return Line(LOCATION, False, words.format(state=state))
    words = _("Location: {state}, asked on {day}; you are licensed there.")
    return Line(LOCATION, True, words.format(state=state, day=_day(found.on)))


def _pdmp(known: Known, limits: Limits) -> Line:
    found = _entry(known, PDMP)
    if found is None or found.on is None:
        return Line(PDMP, False, _("PDMP: not checked yet."))
    again_on = found.on + timedelta(days=limits.pdmp_again_days)
    if _is_old(found.on, limits.pdmp_days, known.today):
        words = _("PDMP: checked on {day}, more than {n} days ago. Check it again.")
        return Line(PDMP, False, words.format(day=_day(found.on), n=limits.pdmp_days), again_on)
    return Line(
        PDMP,
        True,
        _("PDMP: checked on {day}; due again on {again}.").format(day=_day(found.on), again=_day(again_on)),
        again_on,
    )


def _consent(known: Known) -> Line:
    if known.unsigned:
        words = _("Consent: not signed in its wording of today: {texts}.")
        return Line(CONSENT, False, words.format(texts=", ".join(known.unsigned)))
    return Line(CONSENT, True, _("Consent: every text is signed in its wording of today."))


def newest_pressure(known: Known) -> Pressure | None:
    """The newer of what the provider entered and what the intake says; the provider's when both are of one day."""
    found = _entry(known, PRESSURE)
    given = [known.intake_pressure] if known.intake_pressure else []
    if found is not None and found.on is not None:
        upper, lower, rate = (int(found.detail[name]) for name in ("systolic", "diastolic", "heart_rate"))
        given.append(Pressure(upper, lower, rate, found.on))
    return max(reversed(given), key=lambda one: one.on, default=None)


def _pressure(known: Known, limits: Limits) -> Line:
    newest = newest_pressure(known)
    if newest is None:
        return Line(PRESSURE, False, _("Blood pressure: no reading yet."))
    reading = _("{systolic}/{diastolic}, heart rate {rate}").format(
        systolic=newest.systolic, diastolic=newest.diastolic, rate=newest.heart_rate
    )
    if _is_old(newest.on, limits.blood_pressure_days, known.today):
        words = _("Blood pressure: {reading} on {day} is more than {n} days old. Take it again.")
        old = words.format(reading=reading, day=_day(newest.on), n=limits.blood_pressure_days)
        return Line(PRESSURE, False, " ".join((old, *known.alarms)), is_alarming=bool(known.alarms))
    taken = _("Blood pressure: {reading} on {day}.").format(reading=reading, day=_day(newest.on))
    return Line(PRESSURE, True, " ".join((taken, *known.alarms)), is_alarming=bool(known.alarms))


def _in_person(known: Known) -> Line:
    found = _entry(known, IN_PERSON)
    if found is None:
        return Line(IN_PERSON, False, _("Exam in person: neither an exam nor a dated flexibility is entered."))
    if found.detail.get("basis") == EXAM:
        return Line(IN_PERSON, True, _("Exam in person: on {day}.").format(day=_day(found.on)))
    if known.basis is None or known.today > known.basis.until:
        words = _("Exam in person: the flexibility that was entered has ended. An exam in person is needed.")
        return Line(IN_PERSON, False, words)
    if known.basis.needs_review and not found.detail.get("note"):
        return Line(IN_PERSON, False, _("Exam in person: write what you checked for this state."))
    words = _("Exam in person: telehealth flexibility, until {day}.")
    return Line(IN_PERSON, True, words.format(day=_day(known.basis.until)))


def check_entry(entry: Entry, known: Known) -> None:
    """Invalid when something entered cannot be so. What is only too old is kept, and shown as such."""
    problems: dict[str, str] = {}
    name = {PDMP: "pdmp_on", PRESSURE: "pressure_on", IN_PERSON: "exam_on"}.get(entry.item, entry.item)
    if entry.on is not None and entry.on > known.today:
        problems[name] = _("That day has not come yet.")
    elif entry.on is not None and entry.on < known.today - _LONGEST_AGO[entry.item]:
        problems[name] = _("That is very long ago. Look at the year.")
    if entry.item == PRESSURE:
        problems |= _numbers(entry.detail)
    if entry.item == LOCATION and entry.detail.get("state") not in known.licensed_in:
        problems["state"] = _("You hold no license for that state that is valid today.")
    if entry.item == IN_PERSON and entry.detail.get("basis") == FLEXIBILITY:
        problems |= _flexibility(entry, known)
    if problems:
        raise Invalid(problems)


def _numbers(detail: Mapping[str, str]) -> dict[str, str]:
    given, words = {name: int(detail.get(name) or 0) for name in RANGES}, _("Enter a number from {low} to {high}.")
    problems = {
        name: words.format(low=low, high=high) for name, (low, high) in RANGES.items() if not low <= given[name] <= high
    }
    if not problems and given["diastolic"] >= given["systolic"]:
        return {"diastolic": _("The lower number is below the upper one.")}
    return problems


def _flexibility(entry: Entry, known: Known) -> dict[str, str]:
    if known.basis is None:
        return {"basis": _("Confirm where the patient is first.")}
    if known.today > known.basis.until:
        return {"basis": _("The flexibility has ended. Enter an exam in person.")}
    if known.basis.needs_review and not entry.detail.get("note"):
        return {"basis_note": _("This state has no rule that settles it. Write what you checked.")}
    return {}
