"""The window of the next check-in: at its edges, and as laws."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.followups import catalogue
from carepath.followups.rules.check_ins import Facts, Phase, Window, begins_at, window
from carepath.followups.timing import PHASES

WINDOWS = catalogue.load(Path(__file__).parents[2] / "config").windows
BEGIN = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def facts(phase: str = "maintenance", every: int = 366, **known: object) -> Facts:
    return replace(Facts(phase, BEGIN, every, None, None, None), **known)  # type: ignore[arg-type]


def asked(known: Facts) -> Window:
    return window(WINDOWS.phases[known.phase], known, WINDOWS.before_runway_days)


def days(known: Facts, since: datetime = BEGIN) -> tuple[float, ...]:
    found = asked(known)
    return tuple((at - since) / DAY for at in (found.not_before_at, found.target_at, found.latest_at))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        # Lacking a session, from the plan's beginning; after a first session within two days.
        (facts("test-dose"), (7, 14, 21)),
        (facts("test-dose", last_session_at=BEGIN + 3 * DAY), (4, 5, 6)),
        (facts("test-dose", last_session_at=BEGIN, last_check_in_at=BEGIN + 2 * DAY), (9, 16, 23)),
        (facts("test-dose", last_session_at=BEGIN - timedelta(hours=23)), (1 / 24, 25 / 24, 49 / 24)),
        (facts("test-dose", last_session_at=BEGIN - DAY), (7, 14, 21)),
        (facts("induction"), (5, 7, 10)),
        (facts("induction", last_session_at=BEGIN + DAY), (6, 8, 10)),
        (facts("induction", last_session_at=BEGIN + 3 * DAY), (8, 10, 10)),
        (facts("induction", last_session_at=BEGIN + 9 * DAY), (10, 10, 10)),
        (facts("maintenance"), (24, 30, 37)),
        (facts("maintenance", every=28), (22, 28, 35)),
        (facts("maintenance", every=14, last_session_at=BEGIN + 13 * DAY), (11, 14, 18)),
        (facts("maintenance", last_check_in_at=BEGIN + 30 * DAY), (54, 60, 67)),
        (facts("maintenance", last_session_at=BEGIN + 5 * DAY), (29, 35, 37)),
        (facts("taper"), (10, 14, 18)),
        (facts("maintenance", every=1), (1, 1, 2)),
    ],
)
def test_windows_of_each_phase(known: Facts, expected: tuple[int, ...]):
    assert days(known) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("runway", "expected"),
    [
        (date(2027, 6, 1), (24, 30, 37)),
        (date(2027, 1, 6), (24, 28.375, 28.375)),
        (date(2026, 12, 22), (13.375, 13.375, 13.375)),
        (date(2026, 12, 16), (7.375, 7.375, 7.375)),
        (date(2026, 12, 15), (24, 30, 37)),
        (date(2026, 11, 1), (24, 30, 37)),
    ],
)
def test_before_a_prescription_runs_out_there_is_one(runway: date, expected: tuple[float, ...]):
    """A check-in that was answered within a week of that moment is the one before it: no second is put after it."""
    assert days(facts(runway_until=runway)) == expected


def test_a_plan_that_starts_later_is_counted_from_then():
    assert begins_at(BEGIN, BEGIN.date() - 400 * DAY) == BEGIN
    assert begins_at(BEGIN, BEGIN.date() + 30 * DAY) == BEGIN + 30 * DAY


moments = st.integers(0, 400 * 24).map(lambda hours: BEGIN + timedelta(hours=hours))
phases = st.builds(
    lambda numbers, between: Phase(*sorted(numbers), between, "x"),  # type: ignore[misc]
    st.lists(st.integers(1, 366), min_size=3, max_size=3),
    st.integers(1, 366),
)
known = st.builds(
    Facts, st.sampled_from(PHASES), moments, st.integers(1, 366), st.none() | moments, st.none() | moments, st.none()
)
runways = st.dates(date(2026, 11, 1), date(2028, 12, 31))


def points(found: Window) -> tuple[datetime, ...]:
    return found.not_before_at, found.target_at, found.latest_at


@given(phases, known, st.none() | runways, st.integers(0, 60))
def test_a_window_is_ordered_and_after_the_last_check_in(
    phase: Phase, given_facts: Facts, runway: date | None, before: int
):
    found = window(phase, replace(given_facts, runway_until=runway), before)
    assert sorted(points(found)) == [*points(found)]
    assert found.not_before_at > max(given_facts.begins_at, given_facts.last_check_in_at or given_facts.begins_at)


@given(phases, known, runways, st.integers(0, 60))
def test_a_runway_never_makes_it_later(phase: Phase, given_facts: Facts, runway: date, before: int):
    free, bound = (window(phase, replace(given_facts, runway_until=one), before) for one in (None, runway))
    assert all(a <= b for a, b in zip(points(bound), points(free), strict=True))


@given(phases, known, st.integers(1, 366))
def test_the_plans_own_cadence_is_kept_at_least(phase: Phase, given_facts: Facts, every: int):
    found = window(phase, replace(given_facts, every_days=every), 7)
    base = max(given_facts.begins_at, given_facts.last_check_in_at or given_facts.begins_at)
    assert found.target_at <= base + every * DAY


@given(phases, known, moments)
def test_sessions_however_many_never_push_it_past_the_window_of_none(phase: Phase, given_facts: Facts, at: datetime):
    without, moved = (window(phase, replace(given_facts, last_session_at=one), 7) for one in (None, at))
    assert moved.latest_at <= without.latest_at
    assert moved.target_at <= without.latest_at


@given(phases, known, st.sampled_from(("America/Denver", "Australia/Lord_Howe", "Asia/Kathmandu")))
def test_changes_of_clocks_move_nothing(phase: Phase, given_facts: Facts, zone: str):
    """The same moments as a local clock shows them, with its days of 23 and 25 hours, give the same window."""

    def local(at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(zone))

    session, check_in = given_facts.last_session_at, given_facts.last_check_in_at
    same = replace(
        given_facts, begins_at=local(given_facts.begins_at), last_session_at=local(session) if session else None,
        last_check_in_at=local(check_in) if check_in else None,
    )  # fmt: skip
    assert [*map(datetime.timestamp, points(window(phase, same, 7)))] == [
        *map(datetime.timestamp, points(window(phase, given_facts, 7)))
    ]
