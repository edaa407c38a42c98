"""The coordinator's pages in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.journey.coordinate import Board, Calendar, Consult
from carepath.kit import when
from carepath.kit.words import _
from carepath.notifications.service import Message
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, AvailabilityException
from carepath.worklists.coordinator import PatientRow

_STATUS = {
    "proposed": _("held"), "booked": _("booked"), "checked-in": _("under way"), "fulfilled": _("took place"),
    "cancelled": _("cancelled"), "noshow": _("did not come"),
}  # fmt: skip
_ATTENTION = {
    "outside-hours": _("outside open hours"), "not-licensed": _("provider not licensed there"),
    "inactive": _("provider not active"),
}  # fmt: skip
WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
MESSAGE_STATES = {
    "queued": _("waiting"), "sending": _("being sent"), "sent": _("sent"), "failed": _("failed"),
    "skipped": _("not sent"), "superseded": _("replaced"),
}  # fmt: skip
_MESSAGE_TONES = {"sent": "green", "failed": "red", "queued": "blue", "sending": "blue"}


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One consult on the board."""

    id: UUID
    time: str
    patient: str
    provider: str
    status: str
    css: str
    attention: str | None


@dataclass(frozen=True, slots=True)
class BoardDay:
    """One day of the board."""

    label: str
    is_today: bool
    items: tuple[BoardItem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """The week."""

    title: str
    zone: str
    zone_words: str
    earlier: str
    later: str
    week: str
    days: tuple[BoardDay, ...]
    providers: tuple[tuple[UUID, str], ...]
    zones: tuple[tuple[str, str], ...]
    needs_attention: int


def board(found: Board, first_on: date, zone: str, now: datetime, clinic: Clinic) -> BoardView:
    """Seven days, each with its consults in order."""
    where, today = when.zone(zone), now.astimezone(when.zone(zone)).date()
    days = []
    for day in (first_on + timedelta(days=n) for n in range(7)):
        here = sorted(
            (a for a in found.appointments if a.start_at.astimezone(where).date() == day), key=lambda a: a.start_at
        )
        items = tuple(_item(a, found.names.get(a.patient_id, ""), zone) for a in here)
        days.append(BoardDay(when.say_date(day), day == today, items, _notes(found, day)))
    names = dict.fromkeys((zone, *(p.zone for p in found.practitioners), clinic.zone))
    return BoardView(
        _("Week of {day}").format(day=when.say_date(first_on)), zone, when.zone_words(now, zone),
        f"/coordinator?week={first_on - timedelta(days=7)}&zone={zone}",
        f"/coordinator?week={first_on + timedelta(days=7)}&zone={zone}", first_on.isoformat(), tuple(days),
        tuple((p.id, f"{p.name}, {p.credential}") for p in found.practitioners),
        tuple((name, when.zone_words(now, name)) for name in names), sum(1 for a in found.appointments if a.attention),
    )  # fmt: skip


def _item(a: Appointment, patient: str, zone: str) -> BoardItem:
    css = "hold" if a.status == "proposed" else "done" if a.status in {"fulfilled", "noshow"} else ""
    attention = _ATTENTION.get(a.attention, a.attention) if a.attention else None
    return BoardItem(
        a.id, f"{when.say_time(a.start_at, zone)} – {when.say_time(a.end_at, zone)}", patient, a.practitioner_name,
        _STATUS.get(a.status, a.status), f"{css} {'attention' if attention else ''}".strip(), attention,
    )  # fmt: skip


def _notes(found: Board, day: date) -> tuple[str, ...]:
    """Who is open (in their own wall time) and who is away."""
    notes = []
    for person in found.practitioners:
        away = [e for e in found.exceptions[person.id] if e.first_on <= day <= e.last_on]
        if any(e.kind == "off" and e.opens is None for e in away):
            notes.append(_("{name}: day off").format(name=person.name))
            continue
        open_ = [(h.opens, h.closes) for h in found.hours[person.id] if h.weekday == day.weekday()]
        extra = [(e.opens, e.closes) for e in away if e.kind == "extra" and e.opens and e.closes]
        spans = [f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in (*open_, *extra)]
        if spans:
            notes.append(f"{person.name}: {', '.join(spans)} {person.zone.rpartition('/')[2].replace('_', ' ')}")
    return tuple(notes)


def patients(found: Sequence[PatientRow]) -> list[tuple[UUID, str, str, str, bool, str]]:
    """(id, name, state, next visit, bookable, why not)."""
    return [
        (r.patient_id, r.name, r.jurisdiction, when.say_short(r.next_visit_at, r.zone) if r.next_visit_at else "–",
         r.is_bookable, "" if r.is_bookable else _("has not sent the answers yet"))
        for r in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsultView:
    """One consult."""

    id: UUID
    patient_id: UUID
    title: str
    status: str
    attention: str | None
    facts: tuple[tuple[str, str], ...]
    can_change: bool
    history: tuple[tuple[str, str, str], ...]


def consult(found: Consult, zone: str, now: datetime) -> ConsultView:
    """Facts for the desk and the phone: both zones, contact, history."""
    a, patient = found.appointment, found.patient
    facts = [
        (_("For us"), when.say(a.start_at, zone)), (_("For the patient"), when.say(a.start_at, a.patient_zone)),
        (_("Provider"), a.practitioner_name), (_("Patient is in"), a.jurisdiction), (_("E-mail"), patient.email),
        (_("Phone"), patient.phone or "–"), (_("Version"), str(a.version)),
    ]  # fmt: skip
    history = tuple(
        (when.say_short(c.at, zone), f"{c.action.replace('-', ' ')} ({c.author_role})", c.reason or "")
        for c in found.changes
    )
    attention = _ATTENTION.get(a.attention, a.attention) if a.attention else None
    can_change = a.status == "booked" and a.start_at > now
    return ConsultView(
        a.id, patient.id, patient.name, _STATUS.get(a.status, a.status), attention, tuple(facts), can_change, history
    )


@dataclass(frozen=True, slots=True)
class HoursView:
    """One provider's week and exceptions."""

    id: UUID
    name: str
    zone_words: str
    rows: tuple[tuple[str, int, int], ...]
    values: dict[str, str]
    exceptions: tuple[tuple[UUID, str], ...]


def hours(found: Calendar) -> HoursView:
    """Two stretches for each weekday, filled with what is open now."""
    values: dict[str, str] = {}
    for weekday in range(7):
        open_ = sorted((h for h in found.hours if h.weekday == weekday), key=lambda h: h.opens)
        for place, stretch in enumerate(open_[:2]):
            row = weekday * 2 + place
            values[f"opens_{row}"], values[f"closes_{row}"] = f"{stretch.opens:%H:%M}", f"{stretch.closes:%H:%M}"
    person = found.practitioner
    return HoursView(
        person.id, f"{person.name}, {person.credential}", person.zone,
        tuple((name, n * 2, n * 2 + 1) for n, name in enumerate(WEEKDAYS)), values,
        tuple((e.id, _exception(e)) for e in found.exceptions),
    )  # fmt: skip


def _exception(e: AvailabilityException) -> str:
    days = when.say_date(e.first_on) + ("" if e.last_on == e.first_on else f" – {when.say_date(e.last_on)}")
    span = f", {e.opens:%H:%M}–{e.closes:%H:%M}" if e.opens and e.closes else ""
    return f"{_('Off') if e.kind == 'off' else _('Extra')}: {days}{span}"


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message: what, when, in which state, why."""

    id: UUID
    kind: str
    due: str
    state: str
    tone: str
    reason: str
    tries: int
    next_try: str
    can_retry: bool


def messages(found: Sequence[Message], zone: str, now: datetime) -> list[MessageView]:
    """Messages without any address or words of theirs."""
    return [
        MessageView(
            m.id, m.kind.replace("-", " "), when.say_short(m.due_at, zone), MESSAGE_STATES[m.status],
            _MESSAGE_TONES.get(m.status, "grey"), m.reason, m.attempts,
            when.say_short(m.next_try_at, zone) if m.status == "queued" else "", m.status == "failed",
        )
        for m in found
    ]  # fmt: skip
