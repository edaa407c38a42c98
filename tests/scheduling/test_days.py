"""Wall clocks and instants: both clock changes, zones without any, half-hour zones, a date that never was."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carepath.scheduling.rules import days
from carepath.scheduling.rules.ranges import instant_of, minute_of

NEW_YORK = "America/New_York"
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)
ZONES = [NEW_YORK, "America/Phoenix", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns",
         "Africa/Casablanca", "Asia/Beirut", "America/Santiago", "Pacific/Apia", "Europe/Dublin"]  # fmt: skip


def _open(zone: str, on: date, opens: int, closes: int) -> list[tuple[str, str]]:
    return [
        (f"{instant_of(first):%H:%M}", f"{instant_of(past):%H:%M}")
        for first, past in days.instants(zone, on, [(opens, closes)])
    ]


def test_an_hour_that_does_not_exist_is_never_open() -> None:
    assert _open(NEW_YORK, SPRING, 60, 240) == [("06:00", "07:00"), ("07:00", "08:00")]
    assert _open(NEW_YORK, SPRING, 120, 180) == []
    assert _open(NEW_YORK, SPRING, 150, 210) == [("07:00", "07:30")]


def test_an_hour_that_comes_twice_is_open_the_first_time() -> None:
    assert _open(NEW_YORK, AUTUMN, 60, 120) == [("05:00", "06:00")]
    assert _open(NEW_YORK, AUTUMN, 60, 180) == [("05:00", "06:00"), ("07:00", "08:00")]


def test_office_hours_keep_their_wall_time_over_a_clock_change() -> None:
    assert _open(NEW_YORK, AUTUMN - timedelta(days=1), 540, 1020) == [("13:00", "21:00")]
    assert _open(NEW_YORK, AUTUMN, 540, 1020) == [("14:00", "22:00")]
    assert _open("America/Phoenix", SPRING, 540, 1020) == _open("America/Phoenix", AUTUMN, 540, 1020)
    assert _open("Asia/Kolkata", date(2028, 2, 29), 540, 1020) == [("03:30", "11:30")]


def test_a_date_that_a_zone_skipped_is_never_open() -> None:
    assert _open("Pacific/Apia", date(2011, 12, 30), 0, 1440) == []


@pytest.mark.parametrize(("on", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 11, 23), 24)])
def test_a_day_is_as_long_as_its_clock_says(on: date, hours: int) -> None:
    first, past = days.day_range(NEW_YORK, on, on)
    assert past - first == hours * 60


@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2035, 12, 31)))
@example("Asia/Beirut", date(2026, 3, 29))
@example("America/Santiago", date(2026, 9, 6))
def test_every_minute_of_a_piece_is_what_the_wall_shows_for_the_first_time(zone: str, on: date) -> None:
    shown: list[int] = []
    for wall_from, wall_to, instant in days.segments(zone, on):
        for offset in (0, wall_to - wall_from - 1):
            local = datetime.fromtimestamp((instant + offset) * 60, ZoneInfo(zone))
            assert (local.date(), local.hour * 60 + local.minute, local.fold) == (on, wall_from + offset, 0)
        shown.extend(range(wall_from, wall_to))
    assert shown == sorted(set(shown))
    assert len(shown) >= 23 * 60


@given(st.datetimes(datetime(2000, 1, 1), datetime(2190, 1, 1)))
def test_minutes_and_instants_are_one(naive: datetime) -> None:
    instant = naive.replace(second=0, microsecond=0, tzinfo=UTC)
    assert instant_of(minute_of(instant)) == instant
