"""The week board in words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.journey.coordinate import Board
from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, AvailabilityException, OpenHours, Practitioner
from carepath.web.coordinator.views import FlagView, attention_words, flags, status_words


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
        tuple(_day(found, first_on + timedelta(days=n), zone, now, clinic) for n in range(7)),
        tuple((p.id, f"{p.name}, {p.credential}") for p in found.practitioners),
        tuple((name, when.zone_words(now, name)) for name in names),
        flags(found.flagged, found.names, zone), found.failed_messages,
    )  # fmt: skip


def _day(found: Board, day: date, zone: str, now: datetime, clinic: Clinic) -> BoardDay:
    where = when.zone(zone)
    here = (a for a in found.appointments if a.start_at.astimezone(where).date() == day)
    items = tuple(_item(a, found.names.get(a.patient_id, ""), zone) for a in sorted(here, key=lambda a: a.start_at))
    holiday = clinic.holidays.get(day, "")
    notes = (
        _note(p, found.hours[p.id], found.exceptions[p.id], day, holiday) for p in found.practitioners if p.is_active
    )
    label = when.say_date(day).rpartition(",")[0]
    return BoardDay(label, day == now.astimezone(where).date(), items, tuple(note for note in notes if note))


def _item(a: Appointment, patient: str, zone: str) -> BoardItem:
    css = "hold" if a.status == "proposed" else "done" if a.status in {"fulfilled", "noshow"} else ""
    return BoardItem(
        a.id, f"{when.say_time(a.start_at, zone)} – {when.say_time(a.end_at, zone)}", patient, a.practitioner_name,
        status_words(a.status), f"{css} {'attention' if a.attention else ''}".strip(), attention_words(a.attention),
    )  # fmt: skip


def _note(
    person: Practitioner, hours: list[OpenHours], exceptions: list[AvailabilityException], day: date, holiday: str
) -> BoardNote | None:
    """Open hours as they are on that day, and why there are none if there is a reason."""
    spans = scheduling.open_on(person.zone, hours, exceptions, day)
    if spans:
        return BoardNote(person.name, f"{', '.join(span(*one) for one in spans)} ({place(person.zone)})")
    if holiday:
        return BoardNote(person.name, _("closed: {name}").format(name=holiday))
    is_off = any(e.kind == "off" and e.first_on <= day <= e.last_on for e in exceptions)
    return BoardNote(person.name, _("off")) if is_off else None


def place(zone: str) -> str:
    """The city that stands for a zone: wall time there has two zone names a year, but one city."""
    return zone.rpartition("/")[2].replace("_", " ")


def span(opens: int, closes: int) -> str:
    """ "9 AM–5:30 PM", of minutes after midnight."""
    return f"{wall(opens)}–{wall(closes)}"


def wall(minute: int) -> str:
    """Like 9 AM or 1:30 PM: short, for narrow columns."""
    if minute == 24 * 60:
        return _("midnight")
    hour, rest = divmod(minute, 60)
    return f"{hour % 12 or 12}{f':{rest:02}' if rest else ''} {'AM' if hour < 12 else 'PM'}"
