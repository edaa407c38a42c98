"""Consults as calendar files. Instants are in UTC, so no reader has to know our zones; nothing clinical is in them.

Neither is the video room: whoever holds a copy of the file, or the address of a feed, would hold the key to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

_REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One consult. The same `uid` with a higher `sequence` replaces the event."""

    uid: str
    sequence: int
    start_at: datetime
    end_at: datetime
    is_cancelled: bool
    changed_at: datetime
    summary: str
    url: str


@dataclass(frozen=True, slots=True)
class Organizer:
    """The clinic, as calendars show it; with an empty name by its address alone."""

    name: str
    email: str


def uid(visit_id: UUID, base_url: str) -> str:
    """The name that a consult has in every calendar, for life."""
    return f"{visit_id}@{urlsplit(base_url).hostname}"


def invite(entry: Entry, organizer: Organizer, attendee_email: str, stamp: datetime) -> bytes:
    """What is mailed about one consult (RFC 5546): REQUEST, or CANCEL once it is cancelled."""
    calendar = _calendar("CANCEL" if entry.is_cancelled else "REQUEST")
    event = _event(entry, organizer, stamp)
    attendee = vCalAddress(f"mailto:{attendee_email}")
    attendee.params["ROLE"], attendee.params["PARTSTAT"] = vText("REQ-PARTICIPANT"), vText("ACCEPTED")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(entries: Iterable[Entry], name: str, organizer: Organizer, stamp: datetime) -> bytes:
    """Consults for a calendar program that reads them again and again: PUBLISH, so nobody is invited to anything."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry, organizer, stamp))
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Carepath//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry, organizer: Organizer, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", entry.start_at.astimezone(UTC))
    event.add("dtend", entry.end_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    address = vCalAddress(f"mailto:{organizer.email}")
    if organizer.name:
        address.params["CN"] = vText(organizer.name)
    event["organizer"] = address
    return event
