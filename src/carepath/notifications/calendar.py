"""A consult as a calendar file. Instants are in UTC, so no reader has to know our zones; nothing clinical is in it."""

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText


def invite(
    *, uid: str, sequence: int, method: str, start_at: datetime, end_at: datetime, summary: str,
    organizer_email: str, organizer_name: str, attendee_email: str, url: str, stamp: datetime,
) -> bytes:  # fmt: skip
    """The file's bytes. `method` is REQUEST or CANCEL; the same `uid` with a higher `sequence` replaces the event."""
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Carepath//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", start_at.astimezone(UTC))
    event.add("dtend", end_at.astimezone(UTC))
    event.add("summary", summary)
    event.add("url", url)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{organizer_email}")
    organizer.params["CN"] = vText(organizer_name)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{attendee_email}")
    attendee.params["ROLE"], attendee.params["PARTSTAT"] = vText("REQ-PARTICIPANT"), vText("ACCEPTED")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
