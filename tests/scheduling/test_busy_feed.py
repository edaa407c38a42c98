"""A provider's own calendar, honest or not: what is busy, what is said, and what it may cost."""

import time as stopwatch
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from carepath.scheduling.rules import feed_rules
from carepath.scheduling.rules.busy_feed import BadFeed, Feed, read
from carepath.scheduling.rules.feed_limits import MOST_BYTES, Budget
from carepath.scheduling.rules.ranges import instant_of, minute_of

DENVER, NEW_YORK = "America/Denver", "America/New_York"


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


WINDOW = minute_of(at("2026-10-01")), minute_of(at("2027-04-01"))


def calendar(*parts: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//EN", *parts, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "one") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Dentist with Bo", *lines, "END:VEVENT"])


def feed(*parts: str, zone: str = DENVER, window: tuple[int, int] = WINDOW) -> Feed:
    return read(calendar(*parts).encode(), zone, window)


def utc(found: Feed) -> list[str]:
    return [f"{instant_of(a):%m-%dT%H:%M}/{instant_of(b):%m-%dT%H:%M}" for a, b in found.busy]


def wall(found: Feed, zone: str) -> list[str]:
    return [f"{instant_of(a).astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for a, _b in found.busy]


TEN = "DTSTART:20261110T100000Z"
WINTER = (
    "BEGIN:STANDARD",
    "DTSTART:16010101T020000",
    "TZOFFSETFROM:-0600",
    "TZOFFSETTO:-0700",
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    "END:STANDARD",
)
SUMMER = (
    "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000",
    "TZOFFSETFROM:-0700",
    "TZOFFSETTO:-0600",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
    "END:DAYLIGHT",
)


def described(name: str, *kinds: str) -> str:
    return "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{name}", *kinds, "END:VTIMEZONE"])


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        ((TEN, "DTEND:20261110T113000Z"), ["11-10T10:00/11-10T11:30"]),
        ((TEN, "DURATION:PT45M"), ["11-10T10:00/11-10T10:45"]),
        (("DTSTART:20261110T100030Z", "DTEND:20261110T103001Z"), ["11-10T10:00/11-10T10:31"]),
        ((TEN,), []),
        ((TEN, "DTEND:20261110T100000Z"), []),
        (("DTSTART:20261110T090000", "DURATION:PT1H"), ["11-10T16:00/11-10T17:00"]),
        (("DTSTART;TZID=America/New_York:20261110T090000", "DURATION:PT1H"), ["11-10T14:00/11-10T15:00"]),
        (('DTSTART;X-ODD="a:b;c";TZID="America/New_York":20261110T090000', "DURATION:PT1H"), ["11-10T14:00/11-10T15:00"]),
        (("DTSTART;TZID=Eastern Standard Time:20261110T090000", "DURATION:PT1H"), ["11-10T14:00/11-10T15:00"]),
        (("DTSTART;TZID=/vendor.org/2026/America/New_York:20261110T090000", "DURATION:PT1H"), ["11-10T14:00/11-10T15:00"]),
        (("DTSTART;TZID=America/New_York:20261110T090000Z", "DURATION:PT1H"), ["11-10T09:00/11-10T10:00"]),
        (("DTSTART;TZID=America/New_York:20261110T090000", "DTEND;TZID=America/Los_Angeles:20261110T090000"), ["11-10T14:00/11-10T17:00"]),
        (("DTSTART;VALUE=DATE:20261110", "DTEND;VALUE=DATE:20261112"), ["11-10T07:00/11-12T07:00"]),
        (("DTSTART;VALUE=DATE:20261110",), ["11-10T07:00/11-11T07:00"]),
        (("DTSTART;VALUE=DATE:20261110", "DURATION:P2D"), ["11-10T07:00/11-12T07:00"]),
        (("DTSTART;VALUE=DATE:20261110", "DURATION:PT2H"), ["11-10T07:00/11-10T09:00"]),
        (("DTSTART;VALUE=DATE:20261101",), ["11-01T06:00/11-02T07:00"]),
        (("DTSTART;VALUE=DATE:20261110", "DTEND:20261110T080000Z"), ["11-10T07:00/11-10T08:00"]),
        (("DTSTART:20260930T230000Z", "DTEND:20261001T003000Z"), ["10-01T00:00/10-01T00:30"]),
        (("DTSTART:20270331T233000Z", "DTEND:20270401T003000Z"), ["03-31T23:30/04-01T00:00"]),
        (("DTSTART:20260901T100000Z", "DTEND:20260901T110000Z"), []),
        ((TEN, "DTEND:20261110T113000Z", "TRANSP:TRANSPARENT"), []),
        ((TEN, "DTEND:20261110T113000Z", "TRANSP:OPAQUE"), ["11-10T10:00/11-10T11:30"]),
        ((TEN, "DTEND:20261110T113000Z", "STATUS:CANCELLED"), []),
        ((TEN, "DTEND:20261110T113000Z", "STATUS:TENTATIVE"), ["11-10T10:00/11-10T11:30"]),
        ((TEN, "DTEND:20261110T113000Z", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), []),
        ((TEN, "DTEND:20261110T113000Z", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"), ["11-10T10:00/11-10T11:30"]),
        ((TEN, "DURATION:PT10M", "BEGIN:VALARM", "TRIGGER:-PT15M", "DURATION:PT5H", "END:VALARM"), ["11-10T10:00/11-10T10:10"]),
    ],
)  # fmt: skip
def test_one_event(lines: tuple[str, ...], busy: list[str]) -> None:
    found = feed(event(*lines))
    assert utc(found) == busy
    assert (found.notes, found.ignored) == ((), 0)


@pytest.mark.parametrize(
    ("lines", "busy", "note", "ignored"),
    [
        ((TEN, "DTEND:20261110T093000Z"), [], "Ignored because they end before they begin: 1.", 1),
        ((TEN, "DURATION:-PT1H"), [], "Ignored because they end before they begin: 1.", 1),
        (("DTEND:20261110T093000Z",), [], "Ignored because their date or time cannot be read: 1.", 1),
        (("DTSTART:next Tuesday",), [], "Ignored because their date or time cannot be read: 1.", 1),
        (("DTSTART:20261310T100000Z", "DURATION:PT1H"), [], "Ignored because their date or time cannot be read: 1.", 1),
        (("DTSTART:99991231T235959Z", "DURATION:P1D"), [], "Ignored because their date or time cannot be read: 1.", 1),
        (("DTSTART:00010101T000000Z", "DURATION:P1D"), [], "Ignored because their date or time cannot be read: 1.", 1),
        ((TEN, "DURATION:P99999999999999999W"), [], "Ignored because their date or time cannot be read: 1.", 1),
        ((TEN, "DURATION:P999999W"), ["11-10T10:00/04-01T00:00"], "Longer than 60 days, kept as busy: 1.", 0),
        ((TEN, "DTEND:99991231T235959Z"), ["11-10T10:00/04-01T00:00"], "Longer than 60 days, kept as busy: 1.", 0),
        (("DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:99991231"), ["10-01T00:00/04-01T00:00"], "Longer than 60 days, kept as busy: 1.", 0),
        (("DTSTART;TZID=Nowhere:20261110T100000", "DURATION:PT1H"), ["11-10T17:00/11-10T18:00"], "Times in an unknown time zone, read as America/Denver: 1.", 0),
        ((TEN, "DURATION:PT1H", "RRULE:FREQ=HOURLY"), ["11-10T10:00/11-10T11:00"], "Repeats that are not understood, such as every hour; only the first time counts: 1.", 1),
        ((TEN, "DURATION:PT1H", "RRULE:FREQ=SECONDLY"), ["11-10T10:00/11-10T11:00"], "Repeats that are not understood, such as every hour; only the first time counts: 1.", 1),
        ((TEN, "DURATION:PT1H", "RRULE:once in a while"), ["11-10T10:00/11-10T11:00"], "Repeats that are not understood, such as every hour; only the first time counts: 1.", 1),
        ((TEN, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:soon"), ["11-10T10:00/11-10T11:00", "11-11T10:00/11-11T11:00"], "Added or left-out dates of a repeat that cannot be read: 1.", 0),
    ],
)  # fmt: skip
def test_lies_and_oddities_are_said(lines: tuple[str, ...], busy: list[str], note: str, ignored: int) -> None:
    found = feed(event(*lines))
    assert utc(found) == busy
    assert (found.notes, found.ignored) == ((note,), ignored)


def daily(*more: str) -> str:
    return event("DTSTART;TZID=America/New_York:20261110T090000", "DURATION:PT30M", "RRULE:FREQ=DAILY;COUNT=4", *more)


def change(*lines: str, instead_of: str = ";TZID=America/New_York:20261111T090000") -> str:
    return event(f"RECURRENCE-ID{instead_of}", *lines)


@pytest.mark.parametrize(
    ("parts", "begins"),
    [
        ([daily()], ["11-10 09:00", "11-11 09:00", "11-12 09:00", "11-13 09:00"]),
        ([daily("EXDATE;TZID=America/New_York:20261111T090000,20261112T090000")], ["11-10 09:00", "11-13 09:00"]),
        ([daily("EXDATE:20261111T140000Z")], ["11-10 09:00", "11-12 09:00", "11-13 09:00"]),
        ([daily("EXDATE;VALUE=DATE:20261111")], ["11-10 09:00", "11-12 09:00", "11-13 09:00"]),
        ([daily("EXDATE;TZID=America/New_York:20261110T090000")], ["11-11 09:00", "11-12 09:00", "11-13 09:00"]),
        ([daily("RDATE;TZID=America/New_York:20261120T130000")], ["11-10 09:00", "11-11 09:00", "11-12 09:00", "11-13 09:00", "11-20 13:00"]),
        ([daily("RDATE;VALUE=PERIOD:20261120T130000Z/PT1H")], ["11-10 09:00", "11-11 09:00", "11-12 09:00", "11-13 09:00", "11-20 08:00"]),
        ([daily(), change("DTSTART;TZID=America/New_York:20261111T150000", "DURATION:PT1H")], ["11-10 09:00", "11-11 15:00", "11-12 09:00", "11-13 09:00"]),
        ([change("DTSTART;TZID=America/New_York:20261111T150000", "DURATION:PT1H"), daily()], ["11-10 09:00", "11-11 15:00", "11-12 09:00", "11-13 09:00"]),
        ([daily(), change(TEN, "STATUS:CANCELLED")], ["11-10 09:00", "11-12 09:00", "11-13 09:00"]),
        ([daily(), change("DTSTART;TZID=America/New_York:20261111T090000", "DURATION:PT30M", "TRANSP:TRANSPARENT")], ["11-10 09:00", "11-12 09:00", "11-13 09:00"]),
        ([daily("TRANSP:TRANSPARENT"), change("DTSTART;TZID=America/New_York:20261111T150000", "DURATION:PT1H")], ["11-11 15:00"]),
        ([daily("STATUS:CANCELLED")], []),
        ([daily(), change("DTSTART;TZID=America/New_York:20261111T100000", "DURATION:PT30M", instead_of=";RANGE=THISANDFUTURE;TZID=America/New_York:20261111T090000")], ["11-10 09:00", "11-11 10:00", "11-12 10:00", "11-13 10:00"]),
        ([change("DTSTART;TZID=America/New_York:20261111T150000", "DURATION:PT1H")], ["11-11 15:00"]),
        ([daily("SEQUENCE:1"), event("DTSTART:20261120T130000Z", "DURATION:PT1H", "SEQUENCE:2")], ["11-20 08:00"]),
        ([daily(), event("DTSTART:20261120T130000Z", "DURATION:PT1H")], ["11-10 09:00", "11-11 09:00", "11-12 09:00", "11-13 09:00", "11-20 08:00"]),
    ],
)  # fmt: skip
def test_series(parts: list[str], begins: list[str]) -> None:
    found = feed(*parts)
    assert wall(found, NEW_YORK) == begins
    assert (found.notes, found.ignored) == ((), 0)


@pytest.mark.parametrize(
    ("first", "rule", "days"),
    [
        ("20100104", "FREQ=WEEKLY", 26),
        ("20100104", "FREQ=WEEKLY;UNTIL=20261012", 2),
        ("20100104", "FREQ=WEEKLY;UNTIL=20261012T000000Z", 2),
        ("20100104", "FREQ=WEEKLY;COUNT=3", 0),
        ("20100104", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", 26),
        ("16040101", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", 1),
        ("20100131", "FREQ=MONTHLY", 4),
        ("20100131", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 6),
        ("20100101", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 0),
        ("20261001", "FREQ=DAILY;UNTIL=20261003", 3),
    ],
)
def test_whole_days_repeat_on_the_providers_own_days(first: str, rule: str, days: int) -> None:
    found = feed(event(f"DTSTART;VALUE=DATE:{first}", f"RRULE:{rule}"))
    assert round(sum(past - begin for begin, past in found.busy) / 1440) == days
    assert {text[-5:] for text in wall(found, DENVER)} <= {"00:00", "18:00"}, "the window begins at 18:00"


def test_a_weekly_event_keeps_its_wall_time_through_both_clock_changes() -> None:
    found = feed(event("DTSTART;TZID=America/New_York:20200106T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"))
    begins = [instant_of(first).astimezone(ZoneInfo(NEW_YORK)) for first, _past in found.busy]
    assert {(each.hour, each.minute, each.weekday()) for each in begins} == {(9, 0, 0)}
    assert {each.utcoffset() for each in begins} == {timedelta(hours=-4), timedelta(hours=-5)}
    assert [bool(begins[place].dst()) for place in (0, 10, -1)] == [True, False, True]
    assert len(begins) == 26


def test_a_zone_that_only_the_file_knows_keeps_its_wall_time_too() -> None:
    weekly = event("DTSTART;TZID=Customized:20200106T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    found = feed(weekly, described("Customized", *WINTER, *SUMMER), zone=NEW_YORK)
    assert {text[-5:] for text in wall(found, DENVER)} == {"09:00"}
    assert (len(found.busy), found.notes) == (26, ())


def test_the_worlds_zone_wins_over_the_files_lie() -> None:
    lie = described(NEW_YORK, *WINTER, *SUMMER)
    found = feed(lie, event("DTSTART;TZID=America/New_York:20261110T090000", "DURATION:PT1H"))
    assert utc(found) == ["11-10T14:00/11-10T15:00"]


def test_a_place_that_the_files_zone_names_is_believed() -> None:
    found = feed(
        described("X", "X-LIC-LOCATION:Asia/Kolkata"), event("DTSTART;TZID=X:20261110T090000", "DURATION:PT1H")
    )
    assert utc(found) == ["11-10T03:30/11-10T04:30"]


def test_one_files_zone_is_forgotten_before_the_next() -> None:
    timed = event("DTSTART;TZID=Customized:20261110T090000", "DURATION:PT1H")
    assert utc(feed(described("Customized", *WINTER), timed, zone="UTC")) == ["11-10T16:00/11-10T17:00"]
    assert utc(feed(timed, zone="UTC")) == ["11-10T09:00/11-10T10:00"]


@pytest.mark.parametrize(
    "kinds",
    [
        (),
        ("BEGIN:STANDARD", "END:STANDARD"),
        ("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+9900", "TZOFFSETTO:+9900", "END:STANDARD"),
        (*WINTER[:4], "RRULE:FREQ=SECONDLY", WINTER[5]),
    ],
)
def test_a_broken_zone_is_the_providers_own(kinds: tuple[str, ...]) -> None:
    found = feed(described("Odd", *kinds), event("DTSTART;TZID=Odd:20261110T090000", "DURATION:PT1H"))
    assert utc(found) == ["11-10T16:00/11-10T17:00"]
    assert found.notes == ("Times in an unknown time zone, read as America/Denver: 1.",)


def test_free_and_busy_periods() -> None:
    lines = (
        "FREEBUSY:20261110T100000Z/PT1H,20261110T120000Z/20261110T130000Z",
        "FREEBUSY;FBTYPE=FREE:20261111T100000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261112T100000Z/PT1H",
        "FREEBUSY:20261113T100000Z/PT-1H,20261114T110000Z/20261114T100000Z,20261115T100000Z/PT1H",
    )
    found = feed("\r\n".join(["BEGIN:VFREEBUSY", *lines, "END:VFREEBUSY"]))
    assert utc(found) == [
        "11-10T10:00/11-10T11:00", "11-10T12:00/11-10T13:00", "11-12T10:00/11-12T11:00", "11-15T10:00/11-15T11:00",
    ]  # fmt: skip
    assert found.ignored == 2


def test_overlapping_events_become_one_busy_time() -> None:
    parts = [event(f"DTSTART:20261110T{hour}3000Z", "DURATION:PT1H", uid=f"{hour}") for hour in (12, 10, 11)]
    assert utc(feed(*parts)) == ["11-10T10:30/11-10T13:30"]


def test_nothing_but_times_comes_out() -> None:
    found = feed(
        event(TEN, "DTEND:oops", "LOCATION:Room 9"), event("DTSTART;TZID=Secret Lover:20261110T100000", "DURATION:P90D")
    )
    assert found.ignored == 1
    for word in ("Dentist", "Bo", "Room", "Secret", "Lover", "oops"):
        assert word not in repr(found)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"<!DOCTYPE html><html><body>Please sign in</body></html>", "web page"),
        (b"\xef\xbb\xbf  <html>", "web page"),
        (b"BEGIN:VCARD\nEND:VCARD\n", "not a calendar"),
        (b'{"kind": "calendar#events"}', "not a calendar"),
        (b"PK\x03\x04\0\0", "not text"),
        ("BEGIN:VCALENDAR".encode("utf-16"), "not text"),
        (b"BEGIN:VCALENDAR\nSUMMARY:\0\nEND:VCALENDAR\n", "not text"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "not complete"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT\n", "damaged"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", "damaged"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\n", "something else"),
        (b"BEGIN:VCALENDAR\nCALSCALE:HEBREW\nEND:VCALENDAR\n", "Gregorian"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 5 + b"END:X\n" * 5 + b"END:VCALENDAR\n", "nested"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\nEND:X\n" * 10_000 + b"END:VCALENDAR\n", "10,000"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEXDATE:" + b"2" * 80_000 + b"\nEND:VEVENT\nEND:VCALENDAR\n", "too long"),
        (b"BEGIN:VCALENDAR\nX:" + b"a" * MOST_BYTES + b"\nEND:VCALENDAR\n", "2 MB"),
    ],
)
def test_what_is_no_calendar_is_refused_in_plain_words(body: bytes, reason: str) -> None:
    with pytest.raises(BadFeed) as caught:
        read(body, DENVER, WINDOW)
    assert reason in caught.value.reason


def test_harmless_damage_is_read_and_said() -> None:
    long = "DESCRIPTION:" + "a" * 80_000
    body = calendar(event(TEN, "DURATION:PT1H", long)).encode().replace(b"Dentist", b"\xff\xfe")
    found = read(b"\xef\xbb\xbf" + body, DENVER, WINDOW)
    assert utc(found) == ["11-10T10:00/11-10T11:00"]
    assert len(found.notes) == 2


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
def test_folds_inside_a_letter_and_any_line_ending(ending: str) -> None:
    body = calendar(event("DTSTART:2026\r\n 1110T1000\r\n\t00Z", "DURATION:PT1H", "LOCATION:Zürich")).encode()
    body = body.replace("ü".encode(), b"\xc3\r\n \xbc").replace(b"\r\n", ending.encode())
    found = read(body, DENVER, WINDOW)
    assert utc(found) == ["11-10T10:00/11-10T11:00"]
    assert found.notes == ()


def bomb(name: str) -> str:
    old = "DTSTART;TZID=America/New_York:16000104T090000"
    rules = {
        "daily since 1600": "FREQ=DAILY",
        "never": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "counted": "FREQ=DAILY;COUNT=1000000",
        "every minute": f"FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}",
        "places": f"FREQ=YEARLY;BYMONTH={','.join(map(str, range(1, 13)))};BYSETPOS={','.join(map(str, range(1, 367)))}",
    }
    if name in rules:
        lines = old, "DURATION:PT1H", f"RRULE:{rules[name]}"
        most = min(9_900, MOST_BYTES // (len(event(*lines)) + 10))
        return calendar(*(event(*lines, uid=f"{i}") for i in range(most)))
    if name == "overrides":
        moved = (
            change(TEN, instead_of=f":20261111T{i // 60 % 24:02d}{i % 60:02d}{i // 1440:02d}Z") for i in range(9000)
        )
        return calendar(daily(), *moved)
    if name == "exceptions":
        return calendar(daily(*(f"EXDATE:{','.join(['20261111T140000Z'] * 100)}" for _ in range(1000))))
    if name == "zones":
        zones = (described(f"Z{i}", *WINTER, *SUMMER) for i in range(2000))
        return calendar(*zones, *(event(f"DTSTART;TZID=Z{i}:20261110T090000", uid=f"{i}") for i in range(2000)))
    return calendar(event(TEN, *(f'EXDATE;X="{"a" * 900}":20261110T100000Z' for _ in range(2000))))


@pytest.mark.parametrize(
    "name",
    ["daily since 1600", "never", "counted", "every minute", "places", "overrides", "exceptions", "zones", "quotes"],
)
def test_no_file_takes_long(name: str) -> None:
    body = bomb(name).encode()
    assert len(body) <= MOST_BYTES
    begun = stopwatch.process_time()
    with suppress(BadFeed):
        read(body, DENVER, WINDOW)
    assert stopwatch.process_time() - begun < 4, "about one second is usual; the rest is for a busy machine"


def test_a_full_but_honest_calendar_is_read() -> None:
    """Six years of ten series a year, each with dates left out, and two thousand single events."""
    series = [
        event(
            f"DTSTART;TZID=America/New_York:202{i % 6}01{i % 28 + 1:02d}T{i % 9 + 8:02d}0000", "DURATION:PT50M",
            "RRULE:FREQ=WEEKLY", f"EXDATE;TZID=America/New_York:202{i % 6}02{i % 28 + 1:02d}T{i % 9 + 8:02d}0000", uid=f"s{i}",
        )
        for i in range(60)
    ]  # fmt: skip
    single = [event(f"DTSTART:2026{i % 12 + 1:02d}{i % 28 + 1:02d}T{i % 24:02d}0000Z", "DURATION:PT25M", uid=f"{i}") for i in range(2000)]  # fmt: skip
    found = feed(*series, *single)
    assert (found.notes, found.ignored) == ((), 0)
    assert len(found.busy) > 500


_BITS = st.sampled_from(
    ["DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "TRANSP", "STATUS", "UID", "SEQUENCE", "FREEBUSY",
     "TZID", "TZOFFSETFROM", "TZOFFSETTO", "BEGIN", "END", "CALSCALE"]
)  # fmt: skip
_PARAMS = st.sampled_from(["", "", ";TZID=America/New_York", ";TZID=X", ";VALUE=DATE", ";TZID=Nope", ';TZID="', ";RANGE=THISANDFUTURE", ";;="])  # fmt: skip
_VALUES = st.one_of(
    st.sampled_from(
        ["20261110T100000Z", "20261101T013000", "20270314T023000", "20261110", "99991231", "99991231T235959Z", "00010101T000000", "PT1H",
         "-PT1H", "P999W", "P99999999999D", "20261110T100000Z/PT1H", "20261110T100000Z/20261109T100000Z", "+0100", "-2359", "FREQ=DAILY",
         "FREQ=WEEKLY;BYDAY=MO,-1TU;UNTIL=20270101", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5", "FREQ=YEARLY;BYWEEKNO=53;UNTIL=99991231T235959Z",
         "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;UNTIL=00010101T000000Z", "FREQ=DAILY;WKST=XX",
         "FREQ=DAILY;UNTIL=PT1H", "FREQ=DAILY;BYDAY=", "20261110,20261111T100000Z,", "TRANSPARENT", "CANCELLED", "1", "9" * 30, "X", ""]
    ),
    st.text(max_size=20),
)  # fmt: skip
_LINES = st.lists(st.tuples(_BITS, _PARAMS, _VALUES).map(lambda each: f"{each[0]}{each[1]}:{each[2]}"), max_size=8)


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    parts = []
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["VEVENT", "VEVENT", "VEVENT", "VFREEBUSY", "VTIMEZONE"]))
        inner = ["BEGIN:STANDARD", *draw(_LINES), "END:STANDARD"] if kind == "VTIMEZONE" else []
        start = [f"DTSTART{draw(_PARAMS)}:{draw(_VALUES)}", f"RRULE:{draw(_VALUES)}"]
        parts.append("\n".join([f"BEGIN:{kind}", *start, *draw(_LINES), *inner, f"END:{kind}"]))
    return calendar(*parts).encode("utf-8", "surrogatepass")


@given(_files())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_file_says_the_busy_times_are_ordered_and_inside_the_window(body: bytes) -> None:
    try:
        found = read(body, DENVER, WINDOW)
    except BadFeed:
        return
    assert all(WINDOW[0] <= first < past <= WINDOW[1] for first, past in found.busy)
    assert all(before[1] < after[0] for before, after in pairwise(found.busy))


@given(st.binary(max_size=300), st.integers(0, 200), st.integers(0, 10))
@example(b"BEGIN:VCALENDAR:\nEND:VCALENDAR:\n", 0, 0)
@settings(max_examples=400, deadline=None)
def test_no_bytes_raise_anything_but_a_bad_feed(noise: bytes, place: int, cut: int) -> None:
    whole = calendar(daily(), change(TEN)).encode()
    for body in (noise, whole[:place] + noise + whole[place + cut :]):
        with suppress(BadFeed):
            read(body, DENVER, WINDOW)


_NUMBERS = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@st.composite
def _rules(draw: st.DrawFn) -> str:
    """Rules that dateutil reads as the standard does.

    Left out: plain and nth weekdays in one rule, which it intersects instead of adding, places in a week, which
    it counts from the first occurrence, and week numbers, which it counts otherwise when a week begins on Sunday.
    """
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    nth = draw(st.sampled_from(["", "1", "-1", "2"]))
    day = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
    options = [
        f"INTERVAL={draw(st.integers(1, 5))}",
        draw(st.sampled_from([f"COUNT={draw(st.integers(1, 40))}", f"UNTIL=202{draw(st.integers(5, 7))}0615T120000"])),
        f"BYMONTH={draw(st.integers(1, 12))},{draw(st.integers(1, 12))}",
        f"BYMONTHDAY={draw(st.integers(1, 31))},{draw(st.integers(-31, -1))}",
        f"BYYEARDAY={draw(st.integers(1, 366))},{draw(st.integers(-366, -1))}",
        f"BYDAY={nth}{draw(day)},{nth}{draw(day)}",
        f"BYHOUR={draw(st.integers(0, 23))},{draw(st.integers(0, 23))}",
        f"WKST={draw(day)}",
    ]
    chosen = draw(st.lists(st.sampled_from(options), max_size=4, unique=True))
    if chosen and freq != "WEEKLY" and draw(st.booleans()):
        chosen.append(f"BYSETPOS={','.join(map(str, draw(_NUMBERS)))},{-draw(st.integers(1, 5))}")
    return ";".join([f"FREQ={freq}", *chosen])


@given(_rules(), st.datetimes(datetime(2018, 1, 1), datetime(2027, 1, 1)))
@settings(max_examples=300, deadline=None)
def test_rules_mean_what_dateutil_says(text: str, first: datetime) -> None:
    first, lo, hi = first.replace(microsecond=0), date(2026, 10, 1), date(2027, 4, 1)
    ours = list(feed_rules.starts(feed_rules.parse(text), first, None, (lo, hi), Budget()))
    with mock.patch("datetime.MAXYEAR", 2028):
        theirs = rrulestr(text, dtstart=first).between(datetime.combine(lo, time()), datetime.combine(hi, time.max), inc=True)  # fmt: skip
    assert ours == theirs


@pytest.mark.parametrize(
    ("rule", "begins"),
    [
        ("FREQ=MONTHLY;BYDAY=WE,1SA", ["11-04", "11-07", "11-11", "11-18", "11-25"]),
        ("FREQ=YEARLY;BYWEEKNO=45;WKST=SU;BYDAY=MO", ["11-09"]),
        ("FREQ=YEARLY;BYWEEKNO=-9;BYDAY=MO", ["11-02"]),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=-1", ["11-06", "11-13", "11-20", "11-27"]),
    ],
)
def test_rules_that_dateutil_reads_otherwise(rule: str, begins: list[str]) -> None:
    span = date(2026, 11, 1), date(2026, 11, 30)
    found = feed_rules.starts(feed_rules.parse(rule), datetime(2026, 9, 2, 9), None, span, Budget())
    assert [f"{each:%m-%d}" for each in found] == begins


def test_an_empty_window_is_never_busy() -> None:
    assert feed(daily(), window=(WINDOW[0], WINDOW[0])).busy == ()


def test_the_cast_of_minutes_is_what_it_seems() -> None:
    assert instant_of(WINDOW[0]) == datetime(2026, 10, 1, tzinfo=UTC)
