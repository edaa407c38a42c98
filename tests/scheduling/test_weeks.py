"""Weeks that hold from a date on: saving one leaves all other dates as they were. And the nights of clock changes."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service
from carepath.scheduling.rules import weeks
from carepath.scheduling.rules.clock_changes import clock_changes
from carepath.scheduling.rules.drafts import HoursDraft
from carepath.scheduling.rules.weeks import DatedWeek

from .cast import MONDAY, NOW, TEN, Cast, booked, provider

DAY = timedelta(days=1)
FROM, TO = date(2026, 11, 1), date(2027, 2, 28)
NEW_YEAR = date(2027, 1, 4)
WHOLE = [HoursDraft(day, time(9), time(17), FROM) for day in range(5)]
Wall = tuple[int, time, time, bool]

dates = st.dates(FROM, TO)
periods = st.tuples(dates, dates | st.none()).map(
    lambda pair: (pair[0], pair[1]) if pair[1] is None else (min(pair[0], pair[1]), max(pair[0], pair[1]))
)
lines = st.builds(
    lambda day, opens, period, is_break: HoursDraft(day, time(opens), time(opens + 2), *period, is_break=is_break),
    st.integers(0, 1), st.integers(8, 10), periods, st.booleans(),
)  # fmt: skip


def walls(hours: Sequence[HoursDraft], on: date) -> set[Wall]:
    """What is written for a date."""
    return {
        (one.weekday, one.opens, one.closes, one.is_break)
        for one in hours
        if one.valid_from <= on <= (one.valid_until or date.max)
    }


def every_date() -> list[date]:
    return [FROM - 2 * DAY + n * DAY for n in range((TO - FROM).days + 6)]


@given(st.lists(lines, max_size=6), periods, st.lists(lines, max_size=4))
def test_saving_a_week_changes_its_own_dates_and_no_other(
    hours: list[HoursDraft], period: tuple[date, date | None], new: list[HoursDraft]
) -> None:
    first_on, last_on = period
    after = weeks.overlay(hours, first_on, last_on, new)
    wanted = {(one.weekday, one.opens, one.closes, one.is_break) for one in new}
    for on in every_date():
        is_inside = first_on <= on <= (last_on or date.max)
        assert walls(after, on) == (wanted if is_inside else walls(hours, on)), on


@given(st.lists(lines, max_size=6))
def test_every_date_has_exactly_one_week_and_it_is_the_written_one(hours: list[HoursDraft]) -> None:
    found = weeks.timeline(hours)
    for one, two in itertools.pairwise(found):
        assert one.last_on is not None
        assert one.last_on + DAY == two.first_on
    assert found[-1].last_on is None
    for on in every_date():
        [week] = [one for one in found if one.holds_on(on)]
        assert week == weeks.week_on(hours, on)
        assert {(one.weekday, one.opens, one.closes, one.is_break) for one in week.lines} == walls(hours, on)


@given(st.lists(lines, max_size=6), st.data())
def test_saving_a_week_again_as_it_is_changes_nothing_and_adds_no_lines(hours: list[HoursDraft], data: st.DataObject):
    tidy = weeks.overlay(hours, FROM - DAY, FROM - DAY, [])
    week = data.draw(st.sampled_from(weeks.timeline(tidy)))
    again = weeks.overlay(tidy, week.first_on, week.last_on, week.lines)
    assert sorted(again, key=repr) == sorted(tidy, key=repr)


def shown(found: Sequence[DatedWeek]) -> list[tuple[date, date | None, int]]:
    return [(one.first_on, one.last_on, len(one.lines)) for one in found if one.first_on >= FROM or one.lines]


async def test_a_dated_week_stands_beside_the_one_before_it(cast: Cast) -> None:
    mornings = [replace(one, closes=time(12)) for one in WHOLE[:2]]
    await service.save_week(cast.carol, cast.ada, NEW_YEAR, None, mornings, NOW)
    await service.save_week(cast.carol, cast.ada, date(2020, 1, 1), None, WHOLE[:4], NOW)
    found = shown(await service.weeks_of(SYSTEM.scope, cast.ada))
    assert found == [(date(2020, 1, 1), NEW_YEAR - DAY, 4), (NEW_YEAR, None, 2)]
    await service.save_week(cast.carol, cast.ada, NEW_YEAR + 7 * DAY, NEW_YEAR + 13 * DAY, [], NOW)
    found = shown(await service.weeks_of(SYSTEM.scope, cast.ada))
    assert [one[2] for one in found] == [4, 2, 0, 2]
    with pytest.raises(Invalid) as wrong:
        await service.save_week(cast.carol, cast.ada, NEW_YEAR, NEW_YEAR + 7 * DAY, WHOLE, NOW)
    assert set(wrong.value.fields) == {"last_on"}
    await service.remove_week(cast.carol, cast.ada, NEW_YEAR + 7 * DAY, NOW)
    await service.remove_week(cast.carol, cast.ada, NEW_YEAR, NOW)
    assert shown(await service.weeks_of(SYSTEM.scope, cast.ada)) == [(date(2020, 1, 1), None, 4)]
    for gone in (NEW_YEAR, date(2000, 1, 1)):
        with pytest.raises(Invalid):
            await service.remove_week(cast.carol, cast.ada, gone, NOW)


async def test_a_dated_week_flags_what_lies_outside_and_removing_it_unflags(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    flagged = await service.save_week(cast.carol, cast.ada, MONDAY, MONDAY + 6 * DAY, [], NOW)
    assert [(one.id, one.status, one.attention) for one in flagged] == [(visit.id, "booked", "outside-hours")]
    assert await service.remove_week(cast.carol, cast.ada, MONDAY, NOW) == []
    lunch = HoursDraft(TEN.weekday(), time(10, 30), time(11), FROM, is_break=True)
    flagged = await service.save_week(cast.carol, cast.ada, MONDAY, None, [*WHOLE, lunch], NOW)
    assert [one.id for one in flagged] == [visit.id]


async def test_limits_bind_new_visits_and_flag_none(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.set_limits(cast.carol, cast.ada, 1, None, 50)
    assert (await service.get(SYSTEM.scope, visit.id)).attention is None
    offers = await service.search(
        cast.bo, "evaluation", "CO", NOW, TEN.date(), TEN.date() + DAY, "America/Denver", [cast.ada]
    )
    assert {one.start_at.date() for one in offers} == {TEN.date() + DAY}


async def test_who_may_write_weeks_and_limits(cast: Cast) -> None:
    with pytest.raises(Refused):
        await service.save_week(cast.ana, cast.ada, MONDAY, None, WHOLE, NOW)
    with pytest.raises(NotFound):
        await service.save_week(provider(cast.ben), cast.ada, MONDAY, None, WHOLE, NOW)
    with pytest.raises(NotFound):
        await service.set_limits(cast.carol, new_id(), 1, 1, 100)
    with pytest.raises(Refused):
        await service.remove_week(cast.ana, cast.ada, MONDAY, NOW)
    with pytest.raises(Refused):
        await service.set_limits(cast.ana, cast.ada, 1, 1, 100)
    with pytest.raises(Invalid) as wrong:
        await service.set_limits(provider(cast.ada), cast.ada, 0, 1001, 0)
    assert set(wrong.value.fields) == {"max_per_day", "max_per_week", "weight"}


@given(
    st.sampled_from(["America/Denver", "America/Phoenix", "Asia/Beirut", "America/Santiago", "Australia/Lord_Howe"]),
    st.dates(date(2024, 1, 1), date(2034, 1, 1)),
)
@example("Asia/Beirut", date(2026, 10, 20))
@example("America/Santiago", date(2032, 9, 5))
@example("Pacific/Apia", date(2011, 12, 28))
def test_a_clock_change_is_said_exactly_where_the_wall_clock_leaps(zone: str, first_on: date) -> None:
    last_on, where = first_on + 9 * DAY, ZoneInfo(zone)
    said = {(one.on, one.kind, one.begins, one.ends) for one in clock_changes(zone, first_on, last_on)}
    moment = datetime.combine(first_on - DAY, time(), UTC)
    seen = set()
    while moment.astimezone(where).date() <= last_on + DAY:
        later = moment + timedelta(minutes=1)
        one, two = moment.astimezone(where).replace(tzinfo=None), later.astimezone(where).replace(tzinfo=None)
        leap = two - one - timedelta(minutes=1)
        if leap:
            begin, end = (one + timedelta(minutes=1), two) if leap > timedelta() else (two, one + timedelta(minutes=1))
            at = begin.hour * 60 + begin.minute
            kind = "gap" if leap > timedelta() else "fold"
            if first_on <= begin.date() <= last_on:
                seen.add((begin.date(), kind, at, at + int((end - begin).total_seconds() // 60)))
        moment = later
    assert said == seen
