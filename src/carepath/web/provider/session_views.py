"""Dosing sessions in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from carepath.followups.rules.plans import ROUTES
from carepath.followups.rules.sessions import RANGES, SEVERITIES, SessionDraft, Vitals
from carepath.followups.service import Session, SessionReport, Told
from carepath.journey.dose import SessionsFile
from carepath.kit import when
from carepath.kit.words import _

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a report, and when and why it was written."""

    written: str
    reason: str
    facts: Pairs


@dataclass(frozen=True, slots=True)
class SideView:
    """One side's report as it stands; `correct` leads to the form that replaces it, `earlier` is what it replaced."""

    title: str
    now: VersionView
    earlier: tuple[VersionView, ...]
    correct: str | None
    answers: str | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session: its place in the series and each side's report, the provider's first."""

    title: str
    held: str
    short: str
    sides: tuple[SideView, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class SessionsView:
    """The page of a patient's sessions."""

    patient_id: UUID
    name: str
    sessions: tuple[SessionView, ...]
    unwritten: tuple[tuple[UUID, str], ...]
    may_write: bool


def view(file: SessionsFile, zone: str) -> SessionsView:
    """In words; `zone` is the reader's."""
    return SessionsView(
        file.patient.id, file.patient.name, tuple(_session(one, file, zone) for one in file.sessions),
        tuple((one.id, when.say_short(one.start_at, zone)) for one in file.unwritten), file.plan.status != "completed",
    )  # fmt: skip


def brief(one: Session, zone: str) -> tuple[str, str, str]:
    """One session in a line: (date, dose, worst side effect); the provider's report before the patient's."""
    told = one.by_provider or one.by_patient
    draft = told.report.draft if told else None
    effect = SEVERITIES.get(draft.severity, "") if draft else ""
    return (
        when.say_date_short(one.held_at, zone), (_dose(draft) if draft else "") or _("no dose written"),
        _("side effects {severity}").format(severity=effect) if effect else "",
    )  # fmt: skip


def _session(one: Session, file: SessionsFile, zone: str) -> SessionView:
    if one.planned is None:
        title = _("Session {n}").format(n=one.number)
    else:
        title = _("Session {n} of {planned} planned").format(n=one.number, planned=one.planned)
    sides = (_("Written by the provider"), one.by_provider), (_("Told by the patient"), one.by_patient)
    shown = tuple(_side(words, told, file, zone) for words, told in sides if told is not None)
    missing = "" if one.by_provider else _("The provider has not written this session down.")
    return SessionView(title, when.say(one.held_at, zone), when.say_short(one.held_at, zone), shown, missing)


def _side(title: str, told: Told, file: SessionsFile, zone: str) -> SideView:
    report, words = told.report, dict(file.words)
    path = f"/provider/patients/{file.patient.id}/sessions/{report.id}/correct"
    return SideView(
        title, _version(report, words, zone), tuple(_version(one, words, zone) for one in told.earlier),
        path if report.reported_by == "provider" else None,
        f"/provider/check-ins/{report.check_in_id}" if report.check_in_id else None,
    )  # fmt: skip


def _version(report: SessionReport, words: Mapping[str, str], zone: str) -> VersionView:
    written = _("Written {when}").format(when=when.say_short(report.created_at, zone))
    return VersionView(written, report.reason, _facts(report.draft, words, zone))


def _facts(draft: SessionDraft, words: Mapping[str, str], zone: str) -> Pairs:
    pairs = (
        (_("When"), when.say_short(draft.held_at, zone)), (_("Route"), ROUTES.get(draft.route) or words.get(draft.route, draft.route)),
        (_("Dose"), _dose(draft)), (_("Before"), _vitals(draft.before)), (_("After"), _vitals(draft.after)),
        (_("Side effects"), ", ".join(words.get(one, one) for one in sorted(draft.effects))),
        (_("Worst of them"), SEVERITIES.get(draft.severity, "")), (_("Detached"), _of_ten(draft.dissociation)),
        (_("Distress"), _of_ten(draft.distress)), (_("An adult was there"), _yes(draft.escort)),
        (_("Went home"), words.get(draft.home_with, draft.home_with)),
        (_("Knows not to drive until the next day"), _yes(draft.will_not_drive)), (_("Notes"), draft.notes),
    )  # fmt: skip
    return tuple((term, said) for term, said in pairs if said)


def _dose(draft: SessionDraft) -> str:
    number = f"{draft.dose.amount} {draft.dose.unit}" if draft.dose else ""
    return "; ".join(filter(None, (number, draft.dose_words)))


def _vitals(vitals: Vitals) -> str:
    parts = []
    if vitals.systolic is not None:
        lower = "?" if vitals.diastolic is None else vitals.diastolic
        parts.append(f"{vitals.systolic}/{lower} {RANGES['systolic'][2]}")
    if vitals.heart_rate is not None:
        parts.append(_("heart {n} {unit}").format(n=vitals.heart_rate, unit=RANGES["heart_rate"][2]))
    if vitals.oxygen is not None:
        parts.append(_("oxygen {n} %").format(n=vitals.oxygen))
    return ", ".join(parts)


def _of_ten(value: int | None) -> str:
    return "" if value is None else _("{n} of 10").format(n=value)


def _yes(value: bool | None) -> str:
    return "" if value is None else _("yes") if value else _("no")
