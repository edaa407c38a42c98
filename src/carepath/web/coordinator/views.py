"""The coordinator's pages in words. The week and the hours are in `calendar_views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit.queries import Change
from carepath.journey.coordinate import Consult
from carepath.kit import when
from carepath.kit.actor import Role
from carepath.kit.words import _
from carepath.scheduling.rules.refusals import refusal
from carepath.scheduling.service import Assignment
from carepath.web.history_words import VISIT, step_words
from carepath.worklists.attention import FlaggedVisit
from carepath.worklists.coordinator import PatientRow

_STATUS = {
    "proposed": _("held"), "booked": _("booked"), "checked-in": _("under way"), "fulfilled": _("took place"),
    "cancelled": _("cancelled"), "noshow": _("did not come"),
}  # fmt: skip
_STATUS_TONES = {"booked": "blue", "checked-in": "green", "noshow": "amber"}
_ATTENTION = {
    "outside-hours": _("outside open hours"), "not-licensed": _("provider not licensed there"),
    "inactive": _("provider not active"), "busy-elsewhere": _("provider busy in another calendar"),
    "no-telehealth": _("no video visits allowed there on that day"),
    "located-elsewhere": _("the patient says they are where the provider may not see them; call them"),
}  # fmt: skip
_SET_ASIDE = {
    "outside-hours": _("open hours"), "day-off": _("a day off"), "holiday": _("a holiday"),
    "off-grid": _("the usual starting minutes"), "too-far": _("how far ahead one can book"),
    "busy-elsewhere": _("the provider's other calendar"), "day-full": _("the most visits a day"),
    "week-full": _("the most visits a week"),
}  # fmt: skip


def status_words(status: str) -> str:
    """A visit's status."""
    return _STATUS.get(status, status)


def attention_words(attention: str | None) -> str | None:
    """Why somebody should look at a visit."""
    return _ATTENTION.get(attention, attention) if attention else None


@dataclass(frozen=True, slots=True)
class FlagView:
    """A visit that no longer stands."""

    id: UUID
    when_words: str
    patient: str
    provider: str
    why: str


def flags(found: Sequence[FlaggedVisit], names: Mapping[UUID, str], zone: str) -> tuple[FlagView, ...]:
    """Visits to look at, times in the reader's `zone`."""
    return tuple(
        FlagView(
            f.appointment_id, when.say_short(f.start_at, zone), names.get(f.patient_id, ""), f.practitioner_name,
            attention_words(f.attention) or "",
        )
        for f in found
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PatientLine:
    """Somebody to book for. `why_not` is empty when one can."""

    id: UUID
    name: str
    jurisdiction: str
    next_visit: str
    why_not: str


def patients(found: Sequence[PatientRow]) -> tuple[PatientLine, ...]:
    """One line each, the next visit in the patient's own zone."""
    return tuple(
        PatientLine(
            r.patient_id, r.name, r.jurisdiction, when.say_short(r.next_visit_at, r.zone) if r.next_visit_at else "–",
            "" if r.is_bookable else _("has not sent the answers yet"),
        )
        for r in found
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsultView:
    """One consult."""

    id: UUID
    patient_id: UUID
    title: str
    status: str
    tone: str
    attention: str | None
    facts: tuple[tuple[str, str], ...]
    email: str
    phone: str | None
    can_change: bool
    is_over: bool
    history: tuple[tuple[str, str, str], ...]
    set_aside: str
    choice: tuple[tuple[str, str], ...]
    choice_days: int


def consult(found: Consult, zone: str, now: datetime) -> ConsultView:
    """Facts for the desk and the phone: both zones, contact, history."""
    a, patient = found.appointment, found.patient
    facts = (
        (_("For us"), when.say(a.start_at, zone)), (_("For the patient"), when.say(a.start_at, a.patient_zone)),
        (_("Provider"), a.practitioner_name), (_("Patient is in"), a.jurisdiction),
        *(((_("Says to be in now"), a.located_in),) if a.located_in else ()),
    )  # fmt: skip
    history = tuple(
        (when.say_short(c.at, zone), step_words(VISIT, c.action, c.author_role), _reason(c)) for c in found.changes
    )
    return ConsultView(
        a.id, patient.id, patient.name, status_words(a.status), _STATUS_TONES.get(a.status, "grey"),
        attention_words(a.attention), facts, patient.email, patient.phone,
        a.status == "booked" and (a.start_at > now or a.attention == "located-elsewhere"),
        a.status in {"cancelled", "fulfilled", "noshow"}, history,
        ", ".join(_SET_ASIDE.get(code, code) for code in a.overridden), _choice(found.assignment),
        found.assignment.days if found.assignment else 0,
    )  # fmt: skip


def _choice(found: Assignment | None) -> tuple[tuple[str, str], ...]:
    """Who was considered, in the order in which they were asked, and who could not be had."""
    if found is None:
        return ()
    asked = (
        (one["name"], _("{minutes} minutes, share {weight} %").format(minutes=one["minutes"], weight=one["weight"]))
        for one in found.considered
    )
    return (*asked, *((one["name"], refusal(one["code"]).words) for one in found.excluded))


def _reason(change: Change) -> str:
    """Why staff did it. What a patient wrote may be clinical, and stays with their provider."""
    return "" if change.author_role == Role.PATIENT else change.reason or ""
