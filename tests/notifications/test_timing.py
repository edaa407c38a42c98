"""Quiet hours by the recipient's own clock, tries that end with a message's use, reminders by elapsed time."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import when
from carepath.notifications.rules import timing
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.rules.timing import QuietHours

NIGHT = QuietHours(time(21), time(8))
ZONES = sorted(when.zone_names())
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))
TIMES = st.times().map(lambda t: t.replace(microsecond=0))


def local(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=when.zone("America/Denver")).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (local(20, 59), None),
        (local(21), local(8, day=11)),
        (local(23, 59), local(8, day=11)),
        (local(0), local(8)),
        (local(7, 59), local(8)),
        (local(8), None),
        (local(12), None),
    ],
)
def test_quiet_across_midnight_ends_in_the_morning(at: datetime, ends: datetime | None):
    assert NIGHT.until(at, "America/Denver") == ends


def test_the_recipients_own_clock_counts_not_the_clinics():
    assert NIGHT.until(local(20), "America/New_York") is not None
    assert NIGHT.until(local(7, 30), "America/Los_Angeles") is not None
    assert NIGHT.until(local(7, 30), "America/New_York") is None


def test_equal_times_are_no_quiet_at_all():
    assert QuietHours(time(8), time(8)).until(local(8), "America/Denver") is None


def test_quiet_within_a_day():
    siesta = QuietHours(time(13), time(15))
    assert siesta.until(local(14), "America/Denver") == local(15)
    assert siesta.until(local(15), "America/Denver") is None


@given(MOMENTS, st.sampled_from(ZONES), TIMES, TIMES)
def test_quiet_ends_within_a_day_and_is_over_when_it_does(at: datetime, zone: str, begin: time, end: time):
    quiet = QuietHours(begin, end)
    until = quiet.until(at, zone)
    if until is None:
        return
    assert at < until <= at + timedelta(hours=26), "a day of two midnights is the longest"
    assert quiet.until(until, zone) is None


@given(MOMENTS, st.integers(0, 60), st.timedeltas(timedelta(minutes=1), timedelta(days=14)))
def test_tries_come_later_and_later_and_end_with_the_use(now: datetime, attempts: int, use: timedelta):
    again = timing.next_try(attempts, now, now + use)
    if again is None:
        assert use <= timedelta(minutes=2)
        return
    assert now < again <= now + use - timedelta(minutes=1)
    assert again <= now + timedelta(minutes=30)


def test_a_server_that_refuses_for_now_is_asked_until_the_visit_begins():
    now = begun = local(9)
    visit, tries = now + timedelta(hours=1), 0
    while (again := timing.next_try(tries + 1, now, visit)) is not None:
        now, tries = again, tries + 1
    assert visit - now <= timedelta(minutes=2)
    assert tries == 6, "5 s, 30 s, 2 min, 10 min, 30 min, and once more just before"
    assert now > begun


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_reminders_are_elapsed_time_before_the_visit(now: datetime, ahead: timedelta):
    start_at = now + ahead
    found = dict(timing.reminders_for(start_at, now))
    for kind in KINDS.values():
        if kind.before is not None:
            assert (kind.name in found) == (start_at - kind.before > now)
    assert all(start_at - due == KINDS[name].before for name, due in found.items())


def test_what_somebody_waits_for_never_stands_behind_reminders():
    asked = {name for name, kind in KINDS.items() if kind.answers_an_act}
    assert {"prove-email", "sign-in", "consult-booked", "consult-moved", "consult-cancelled", "urgent-task"} <= asked
    assert not {name for name in asked if "reminder" in name}
