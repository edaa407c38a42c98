"""Sessions at home: off unless the clinic switches them on, and then behind a gate of their own."""

from dataclasses import dataclass
from datetime import date, timedelta

from carepath.accounts.rules import phone_problem
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class HomeRule:
    """[home] of config/followups.toml. Pressure in mmHg, heart rate a minute; a reading at a limit is within it."""

    enabled: bool
    systolic: int
    diastolic: int
    heart_rate: int
    reading_days: int
    most_sessions: int
    source: str


@dataclass(frozen=True, slots=True)
class HomeGate:
    """What a provider has seen to: who stays with the patient, a monitor of blood pressure, a reading, the address."""

    monitor_name: str
    monitor_phone: str
    has_device: bool
    systolic: int | None
    diastolic: int | None
    heart_rate: int | None
    measured_on: date | None
    is_address_confirmed: bool


EMPTY = HomeGate("", "", False, None, None, None, None, False)


def home_problems(rule: HomeRule, gate: HomeGate | None, sessions: int | None, today: date) -> dict[str, str]:
    """Everything that keeps sessions from taking place at home, by the field that says it."""
    if not rule.enabled:
        return {"setting": _("Sessions at home are switched off in this clinic.")}
    found = gate or EMPTY
    problems = {**_people(found), **_reading(rule, found, today)}
    if not found.has_device:
        problems["home_device"] = _("A session at home needs a blood pressure monitor there.")
    if not found.is_address_confirmed:
        problems["home_address"] = _("Confirm the address to which help would be sent.")
    if sessions is None or sessions > rule.most_sessions:
        problems["sessions_planned"] = _("At home, plan at most {n} sessions for a prescription.").format(
            n=rule.most_sessions
        )
    return problems


def _people(gate: HomeGate) -> dict[str, str]:
    problems = {}
    if not gate.monitor_name.strip() or len(gate.monitor_name) > 120:
        problems["home_monitor"] = _("Name the adult who stays with the patient, in at most 120 characters.")
    wrong = phone_problem(gate.monitor_phone)
    if wrong or not gate.monitor_phone:
        problems["home_phone"] = wrong or _("Enter the phone number of whoever stays with the patient.")
    return problems


def _reading(rule: HomeRule, gate: HomeGate, today: date) -> dict[str, str]:
    problems = {}
    measured = (
        ("home_systolic", _("Systolic"), gate.systolic, rule.systolic),
        ("home_diastolic", _("Diastolic"), gate.diastolic, rule.diastolic),
        ("home_heart_rate", _("Heart rate"), gate.heart_rate, rule.heart_rate),
    )
    for field, name, value, most in measured:
        if value is None:
            problems[field] = _("{name}: enter what was measured.").format(name=name)
        elif value > most:
            problems[field] = _("{name}: above {n} no session takes place at home.").format(name=name, n=most)
    if gate.measured_on is None:
        problems["home_measured_on"] = _("Enter when it was measured.")
    elif not today - timedelta(days=rule.reading_days) <= gate.measured_on <= today:
        problems["home_measured_on"] = _("The reading must be from the last {n} days.").format(n=rule.reading_days)
    return problems
