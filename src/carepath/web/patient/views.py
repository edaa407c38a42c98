"""What patient pages show, in words. Templates only arrange it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, Offer

_PAGE_DAYS = 14


@dataclass(frozen=True, slots=True)
class SlotButton:
    """One free start. `value` is what the button sends."""

    value: str
    time: str
    provider: str


@dataclass(frozen=True, slots=True)
class SlotDay:
    """The free starts of a day of the patient."""

    label: str
    count: int
    buttons: tuple[SlotButton, ...]


@dataclass(frozen=True, slots=True)
class SlotCalendar:
    """Two weeks of days that have free starts, and the way to other weeks."""

    action: str
    zone_words: str
    days: tuple[SlotDay, ...]
    span: str
    earlier: str | None
    later: str


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as its patient sees it."""

    id: UUID
    status: str
    status_words: str
    when_words: str
    provider: str
    minutes: int
    room: str | None
    attention: str | None
    hold_expires_iso: str | None
    hold_words: str | None
    is_live: bool
    can_change: bool


_STATUS_WORDS = {
    "proposed": _("Held for you"),
    "booked": _("Booked"),
    "checked-in": _("Under way"),
    "fulfilled": _("Took place"),
    "cancelled": _("Cancelled"),
    "noshow": _("Missed"),
}


def jurisdiction_options(clinic: Clinic) -> list[tuple[str, str]]:
    """Choices for "which state are you in today"."""
    return [(code, found.name) for code, found in clinic.jurisdictions.items()]


def zone_options(clinic: Clinic) -> list[tuple[str, str]]:
    """Every zone that the clinic's jurisdictions have; empty means the state's main one."""
    names = dict.fromkeys(z for j in clinic.jurisdictions.values() for z in (j.zone, *j.other_zones))
    moment = datetime(2026, 1, 15, 12, tzinfo=UTC)
    labelled = ((name, f"{when.zone_words(moment, name)} ({name.rpartition('/')[2].replace('_', ' ')})") for name in names)
    return [("", _("The usual one of that state")), *sorted(labelled, key=lambda option: option[1])]


def slot_calendar(offers: Sequence[Offer], zone: str, first_on: date, now: datetime, action: str) -> SlotCalendar:
    """Offers by day of `zone`, each with its time and provider."""
    where = when.zone(zone)
    ordered = sorted(offers, key=lambda o: (o.start_at, o.practitioner_name))
    days = []
    for day, group in groupby(ordered, key=lambda o: o.start_at.astimezone(where).date()):
        buttons = tuple(
            SlotButton(
                f"{o.practitioner_id}@{o.start_at.astimezone(UTC).isoformat(timespec='seconds')}",
                when.say_time(o.start_at, zone),
                o.practitioner_name,
            )
            for o in group
        )
        days.append(SlotDay(when.say_date(day), len(buttons), buttons))
    today = now.astimezone(where).date()
    earlier = max(today, first_on - timedelta(days=_PAGE_DAYS))
    last_on = first_on + timedelta(days=_PAGE_DAYS - 1)
    return SlotCalendar(
        action, when.zone_words(now, zone), tuple(days), f"{when.say_date(first_on)} – {when.say_date(last_on)}",
        f"{action}?from={earlier}" if first_on > today else None, f"{action}?from={last_on + timedelta(days=1)}",
    )  # fmt: skip


def visit(appointment: Appointment, now: datetime) -> VisitView:
    """One visit in its patient's zone."""
    zone, status = appointment.patient_zone, appointment.status
    is_live = status in {"booked", "checked-in"} and appointment.end_at > now
    expires = appointment.hold_expires_at
    return VisitView(
        appointment.id, status, _STATUS_WORDS.get(status, status), when.say(appointment.start_at, zone),
        appointment.practitioner_name, int((appointment.end_at - appointment.start_at).total_seconds() // 60),
        appointment.room if is_live else None, appointment.attention,
        expires.astimezone(UTC).isoformat() if expires else None, _hold_words(expires, zone),
        is_live, status == "booked" and appointment.start_at > now,
    )  # fmt: skip


def _hold_words(expires: datetime | None, zone: str) -> str | None:
    if expires is None:
        return None
    return _("We keep this time for you until {time}.").format(
        time=f"{when.say_time(expires, zone)} {when.zone_words(expires, zone)}"
    )
