"""Breaks, shortened days, holidays, limits a day and a week, other calendars, and states that allow no video."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from carepath.scheduling.rules import days, slots
from carepath.scheduling.rules.model import (
    Ask,
    DayChange,
    Limits,
    Pattern,
    Snapshot,
    Validity,
    VisitType,
    Weekly,
)
from carepath.scheduling.rules.ranges import instant_of, minute_of

from .cast import RULES

ZONE = "America/New_York"
LONG_AGO = date(2020, 1, 1)
WEDNESDAY = date(2026, 7, 1)
WINDOW = days.day_range(ZONE, WEDNESDAY, WEDNESDAY)
NOW = datetime(2026, 6, 29, 12, 0, tzinfo=UTC)
VISIT = VisitType("evaluation", "First evaluation", 60, 0, 0, grid_minutes=60)
NINE_TO_FIVE = tuple(Weekly(day, 540, 1020, LONG_AGO, None) for day in range(5))


def snapshot(*changes: DayChange, hours: tuple[Weekly, ...] = NINE_TO_FIVE, **more: object) -> Snapshot:
    """Dr. Ada in New York, Monday to Friday nine to five."""
    found = Snapshot(UUID(int=1), "Ada Quill", "MD", Pattern(ZONE, hours, changes), True, (Validity(LONG_AGO, None),))
    return replace(found, **more)  # type: ignore[arg-type]


def ask(**more: object) -> Ask:
    """An hour on the hour."""
    return replace(Ask(VISIT, ZONE, RULES, 0, NOW), **more)  # type: ignore[arg-type]


def hours_of(seen: Snapshot, asked: Ask, on: date = WEDNESDAY) -> list[int]:
    """The local hours at which something can begin on that date."""
    window = days.day_range(ZONE, on, on)
    return [(start - window[0]) // 60 for start in slots.starts(seen, asked, window)]


def refused_at(seen: Snapshot, asked: Ask, hour: int) -> str | None:
    """The reason against that local hour on Wednesday."""
    refused = slots.bookable(seen, asked, instant_of(WINDOW[0] + hour * 60))
    return refused.code if refused else None


def test_a_break_is_closed_every_week() -> None:
    lunch = Weekly(2, 720, 780, LONG_AGO, None, is_break=True)
    seen = snapshot(hours=(*NINE_TO_FIVE, lunch))
    assert hours_of(seen, ask()) == [9, 10, 11, 13, 14, 15, 16]
    assert hours_of(seen, ask(), WEDNESDAY + timedelta(days=1)) == [9, 10, 11, 12, 13, 14, 15, 16]
    assert refused_at(seen, ask(), 12) == "outside-hours"


def test_a_shortened_day_keeps_only_what_lies_between_its_times() -> None:
    seen = snapshot(DayChange("shortened", WEDNESDAY, WEDNESDAY, 660, 840))
    assert hours_of(seen, ask()) == [11, 12, 13]
    assert refused_at(seen, ask(), 9) == "day-off"
    wider = snapshot(DayChange("shortened", WEDNESDAY, WEDNESDAY, 0, 600))
    assert hours_of(wider, ask()) == [9]  # it never opens more than the week does


def test_the_clinics_holidays_close_everybody_but_for_extra_hours() -> None:
    closed = ask(holidays=frozenset({WEDNESDAY}))
    assert hours_of(snapshot(), closed) == []
    assert refused_at(snapshot(), closed, 10) == "holiday"
    assert hours_of(snapshot(DayChange("extra", WEDNESDAY, WEDNESDAY, 600, 720)), closed) == [10, 11]


@pytest.mark.parametrize(("most", "free"), [(1, []), (2, [9, 11, 12, 13, 14, 15, 16])])
def test_a_full_day_takes_no_more(most: int, free: list[int]) -> None:
    ten = WINDOW[0] + 600
    seen = snapshot(busy=((ten, ten + 60),), limits=Limits(most, None, (ten,)))
    assert hours_of(seen, ask()) == free
    assert hours_of(seen, ask(), WEDNESDAY + timedelta(days=1))
    assert refused_at(seen, ask(), 12) == ("day-full" if most == 1 else None)


def test_a_full_week_is_full_from_monday_to_sunday_of_the_provider() -> None:
    monday = minute_of(instant_of(WINDOW[0])) - 2 * 24 * 60 + 600
    seen = snapshot(limits=Limits(None, 2, (monday, monday + 60)))
    assert refused_at(seen, ask(), 12) == "week-full"
    assert hours_of(seen, ask(), WEDNESDAY + timedelta(days=2)) == []
    assert hours_of(seen, ask(), WEDNESDAY + timedelta(days=5))


def test_what_another_calendar_calls_busy_is_not_offered() -> None:
    ten = WINDOW[0] + 600
    seen = snapshot(elsewhere=((ten + 30, ten + 40),))
    assert hours_of(seen, ask()) == [9, 11, 12, 13, 14, 15, 16]
    assert refused_at(seen, ask(), 10) == "busy-elsewhere"


def test_a_state_that_allows_no_video_closes_from_its_date() -> None:
    asked = ask(no_telehealth=(Validity(WEDNESDAY, None),))
    assert refused_at(snapshot(), asked, 10) == "no-telehealth"
    assert hours_of(snapshot(), asked, WEDNESDAY - timedelta(days=1))
    ended = ask(no_telehealth=(Validity(LONG_AGO, WEDNESDAY - timedelta(days=1)),))
    assert refused_at(snapshot(), ended, 10) is None


def test_a_visit_of_its_own_grid_and_horizon() -> None:
    half = replace(VISIT, grid_minutes=30, horizon_days=3)
    asked = ask(visit=half)
    found = [(start - WINDOW[0]) for start in slots.starts(snapshot(), asked, WINDOW)]
    assert found[:3] == [540, 570, 600]
    assert slots.starts(snapshot(), asked, days.day_range(ZONE, WEDNESDAY + timedelta(days=3), date(2026, 7, 9))) == []


def test_a_search_of_many_says_what_a_search_of_each_says() -> None:
    ten = WINDOW[0] + 600
    people = [snapshot(), snapshot(busy=((ten, ten + 400),)), snapshot(elsewhere=((ten - 60, ten),))]
    each = slots.starts_of_each(people, ask(), WINDOW)
    assert [found for _who, found in each] == [slots.starts(one, ask(), WINDOW) for one in people]
    assert slots.any_starts(people, ask(), WINDOW) == sorted({start for _who, found in each for start in found})
