"""The week board and one provider's hours, in words."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from carepath.journey.coordinate import Board, Calendar
from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, AvailabilityException, OpenHours, Practitioner
from carepath.web.coordinator.views import FlagView, attention_words, flags, status_words

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
STRETCHES = 2  # how often a provider can open on one weekday


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
class BoardNote:
    """When one provider is open that day, in their own wall time, or that they are off."""

    who: str
    words: str


@dataclass(frozen=True, slots=True)
class BoardDay:
    """One day of the board."""

    label: str
    is_today: bool
    items: tuple[BoardItem, ...]
    notes: tuple[BoardNote, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """The week, and what to look at in any week."""

    title: str
    zone: str
    zone_words: str
    earlier: str
    later: str
    week: str
    days: tuple[BoardDay, ...]
    providers: tuple[tuple[UUID, str], ...]
    zones: tuple[tuple[str, str], ...]
    flagged: tuple[FlagView, ...]
    failed_messages: int


def board(found: Board, first_on: date, zone: str, now: datetime, clinic: Clinic) -> BoardView:
    """Seven days, each with its consults in order."""
    names = dict.fromkeys((zone, *(p.zone for p in found.practitioners), clinic.zone))
    return BoardView(
        _("Week of {day}").format(day=when.say_date(first_on)), zone, when.zone_words(now, zone),
        f"/coordinator?week={first_on - timedelta(days=7)}&zone={zone}",
        f"/coordinator?week={first_on + timedelta(days=7)}&zone={zone}", first_on.isoformat(),
        tuple(_day(found, first_on + timedelta(days=n), zone, now) for n in range(7)),
        tuple((p.id, f"{p.name}, {p.credential}") for p in found.practitioners),
        tuple((name, when.zone_words(now, name)) for name in names),
        flags(found.flagged, found.names, zone), found.failed_messages,
    )  # fmt: skip


def _day(found: Board, day: date, zone: str, now: datetime) -> BoardDay:
    where = when.zone(zone)
    here = (a for a in found.appointments if a.start_at.astimezone(where).date() == day)
    items = tuple(_item(a, found.names.get(a.patient_id, ""), zone) for a in sorted(here, key=lambda a: a.start_at))
    notes = (_note(p, found.hours[p.id], found.exceptions[p.id], day) for p in found.practitioners if p.is_active)
    label = when.say_date(day).rpartition(",")[0]
    return BoardDay(label, day == now.astimezone(where).date(), items, tuple(note for note in notes if note))


def _item(a: Appointment, patient: str, zone: str) -> BoardItem:
    css = "hold" if a.status == "proposed" else "done" if a.status in {"fulfilled", "noshow"} else ""
    return BoardItem(
        a.id, f"{when.say_time(a.start_at, zone)} – {when.say_time(a.end_at, zone)}", patient, a.practitioner_name,
        status_words(a.status), f"{css} {'attention' if a.attention else ''}".strip(), attention_words(a.attention),
    )  # fmt: skip


def _note(
    person: Practitioner, hours: list[OpenHours], exceptions: list[AvailabilityException], day: date
) -> BoardNote | None:
    """Open hours and partial days off; None on a day without either."""
    here = [e for e in exceptions if e.first_on <= day <= e.last_on]
    if any(e.kind == "off" and e.opens is None for e in here):
        return BoardNote(person.name, _("off"))
    weekly = (h for h in hours if h.weekday == day.weekday() and h.valid_from <= day <= (h.valid_until or day))
    open_ = [
        *(_span(h.opens, h.closes) for h in weekly),
        *(_span(e.opens, e.closes) for e in here if e.kind == "extra"),
    ]
    off = [_("off {span}").format(span=_span(e.opens, e.closes)) for e in here if e.kind == "off"]
    if not open_:
        return None
    return BoardNote(person.name, f"{', '.join([*open_, *off])} ({_place(person.zone)})")


def _place(zone: str) -> str:
    """The city that stands for a zone: wall time there has two zone names a year, but one city."""
    return zone.rpartition("/")[2].replace("_", " ")


def _span(opens: time | None, closes: time | None) -> str:
    return f"{_clock(opens)}–{_clock(closes)}" if opens and closes else ""


def _clock(at: time) -> str:
    """Like 9 AM or 1:30 PM: short, for the narrow columns of a week."""
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'AM' if at.hour < 12 else 'PM'}"


@dataclass(frozen=True, slots=True)
class HoursView:
    """One provider's week, exceptions, and visits that no longer stand. `rows` are (weekday, its field numbers)."""

    id: UUID
    name: str
    place: str
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    values: dict[str, str]
    exceptions: tuple[tuple[UUID, str], ...]
    flagged: tuple[FlagView, ...]


def hours(found: Calendar, zone: str) -> HoursView:
    """Two stretches for each weekday, filled with what is open now. `zone` is the reader's."""
    values: dict[str, str] = {}
    for weekday in range(7):
        open_ = sorted((h for h in found.hours if h.weekday == weekday), key=lambda h: h.opens)
        for row, stretch in zip(_rows(weekday), open_, strict=False):
            values[f"opens_{row}"], values[f"closes_{row}"] = f"{stretch.opens:%H:%M}", f"{stretch.closes:%H:%M}"
    person = found.practitioner
    return HoursView(
        person.id, f"{person.name}, {person.credential}", _place(person.zone),
        tuple((name, _rows(n)) for n, name in enumerate(WEEKDAYS)), values,
        tuple((e.id, _exception(e)) for e in found.exceptions), flags(found.flagged, found.names, zone),
    )  # fmt: skip


def _rows(weekday: int) -> tuple[int, ...]:
    return tuple(range(weekday * STRETCHES, (weekday + 1) * STRETCHES))


def _exception(e: AvailabilityException) -> str:
    days = when.say_date(e.first_on) + ("" if e.last_on == e.first_on else f" – {when.say_date(e.last_on)}")
    span = f", {_span(e.opens, e.closes)}" if e.opens else ""
    return f"{_('Off') if e.kind == 'off' else _('Extra')}: {days}{span}"
