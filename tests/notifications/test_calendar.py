"""Calendar files against RFC 5545 and 5546, read back with libraries that did not write them here."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st

from carepath.notifications import calendar
from carepath.notifications.calendar import Entry, Organizer

STAMP = datetime(2026, 11, 23, 12, 0, 30, 999, tzinfo=UTC)
START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
VISIT = UUID("0190c000-0000-7000-8000-000000000001")
CLINIC = Organizer(
    "Klinik Zürich, Ärzte; „Süd“ und Partner für Schmerz 🩺 und noch viel mehr Wörter", "desk@clinic.example"
)


def entry(start_at: datetime = START, sequence: int = 0, is_cancelled: bool = False, hours: int = 1) -> Entry:
    return Entry(
        calendar.uid(VISIT, "https://clinic.example"), sequence, start_at, start_at + timedelta(hours=hours), is_cancelled,
        STAMP, f"Video visit with {CLINIC.name}", "https://clinic.example/home",
    )  # fmt: skip


def read(file: bytes) -> tuple[icalendar.Calendar, list[icalendar.Event]]:
    found = icalendar.Calendar.from_ical(file)
    assert isinstance(found, icalendar.Calendar)
    assert found.errors == []
    return found, list(found.walk("VEVENT"))


@pytest.mark.parametrize(
    ("is_cancelled", "method", "status"), [(False, "REQUEST", "CONFIRMED"), (True, "CANCEL", "CANCELLED")]
)
def test_an_invite_has_all_that_the_rfcs_ask_for(is_cancelled: bool, method: str, status: str):
    found, (event,) = read(
        calendar.invite(entry(sequence=3, is_cancelled=is_cancelled), CLINIC, "ana@mail.example", STAMP)
    )
    assert (found["VERSION"], found["METHOD"], found["CALSCALE"]) == ("2.0", method, "GREGORIAN")
    assert found["PRODID"]
    assert event["UID"] == f"{VISIT}@clinic.example"
    assert (event["SEQUENCE"], event["STATUS"], event["CLASS"]) == (3, status, "PRIVATE")
    assert event["DTSTAMP"].dt == STAMP.replace(microsecond=0)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (START, START + timedelta(hours=1))
    assert event["ORGANIZER"] == "mailto:desk@clinic.example"
    assert event["ORGANIZER"].params["CN"] == CLINIC.name
    assert event["ATTENDEE"] == "mailto:ana@mail.example"
    assert event["SUMMARY"] == f"Video visit with {CLINIC.name}"
    assert not found.walk("VTIMEZONE")  # instants in UTC need none


def test_a_feed_invites_nobody_and_is_one_event_an_entry():
    found, events = read(calendar.feed([entry(), entry(is_cancelled=True)], "Visits", CLINIC, STAMP))
    assert (found["METHOD"], found["NAME"], found["X-WR-CALNAME"]) == ("PUBLISH", "Visits", "Visits")
    assert found["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CANCELLED"]
    assert all("ATTENDEE" not in event and event["ORGANIZER"] for event in events)
    _empty, none = read(calendar.feed([], "Visits", CLINIC, STAMP))
    assert none == []


@pytest.mark.parametrize(
    "file",
    [calendar.invite(entry(), CLINIC, "ana@mail.example", STAMP), calendar.feed([entry()], CLINIC.name, CLINIC, STAMP)],
)
def test_lines_end_and_fold_as_they_must_and_no_letter_is_torn(file: bytes):
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert any(line.startswith(b" ") for line in lines)
    for line in lines:
        line.decode()  # every line by itself is UTF-8


@pytest.mark.parametrize(
    ("zone", "first", "second"),
    [
        ("America/Denver", "2026-11-01T07:30", "2026-11-01T08:30"),  # 1:30 AM twice
        ("America/Denver", "2026-03-08T08:30", "2026-03-08T09:30"),  # 1:30 AM, then 3:30 AM
        ("America/New_York", "2026-11-01T05:30", "2026-11-01T06:30"),
    ],
)
def test_on_the_nights_when_the_clock_changes_every_reader_finds_the_same_hour(zone: str, first: str, second: str):
    starts = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, second)]
    entries = [
        entry(starts[0]),
        Entry("other@x", 0, starts[1], starts[1] + timedelta(hours=1), False, STAMP, "Visit", "https://x.example"),
    ]
    found, _events = read(calendar.feed(entries, "Visits", CLINIC, STAMP))
    local = [one.astimezone(ZoneInfo(zone)) for one in (starts[0] - timedelta(hours=3), starts[1] + timedelta(hours=3))]
    seen = recurring_ical_events.of(found).between(*local)
    assert sorted((one["DTSTART"].dt, one["DTEND"].dt) for one in seen) == [
        (at, at + timedelta(hours=1)) for at in starts
    ]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200))
def test_whatever_a_clinic_is_called_the_file_says_it_and_nothing_else(name: str):
    organizer = Organizer(name.replace('"', "'"), "desk@clinic.example")
    file = calendar.feed(
        [Entry("a@b", 1, START, START + timedelta(hours=1), False, STAMP, name, "https://x.example")],
        name,
        organizer,
        STAMP,
    )
    found, (event,) = read(file)
    assert str(event["SUMMARY"]) == name
    assert (event["UID"], event["SEQUENCE"], found["METHOD"]) == ("a@b", 1, "PUBLISH")
