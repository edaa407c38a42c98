"""Searching: one provider, some or all, a range, a part of the day; the next free time; why there is none."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import when
from carepath.kit.actor import Actor
from carepath.kit.errors import Invalid, Refused
from carepath.scheduling import service
from carepath.scheduling.rules.parts import PARTS, minutes_of
from carepath.scheduling.rules.ranges import instant_of, minute_of
from carepath.scheduling.service import ExceptionDraft, HoursDraft, Offer

from .cast import MONDAY, NOW, Cast

DENVER = "America/Denver"


async def found(who: Actor, last_on: date = MONDAY, **more: object) -> list[Offer]:
    return list(await service.search(who, "evaluation", "CO", NOW, MONDAY, last_on, DENVER, **more))  # type: ignore[arg-type]


def hours_of(offers: list[Offer]) -> set[int]:
    return {o.start_at.astimezone(ZoneInfo(DENVER)).hour for o in offers}


async def test_parts_of_the_day_divide_the_whole_day(cast: Cast):
    each = {part: await found(cast.ana, part=part) for part in PARTS}
    assert hours_of(each["morning"]) <= set(range(12))
    assert hours_of(each["afternoon"]) <= set(range(12, 17))
    assert each["evening"] == []
    assert sorted(
        [*each["morning"], *each["afternoon"]], key=lambda o: (o.start_at, o.practitioner_name)
    ) == await found(cast.ana)


async def test_an_unknown_part_is_named(cast: Cast):
    with pytest.raises(Invalid) as wrong:
        await found(cast.ana, part="night")
    assert set(wrong.value.fields) == {"part"}


@given(
    part=st.sampled_from(sorted(PARTS)), zone=st.sampled_from(sorted(when.zone_names())),
    first=st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 1)), length=st.integers(1, 5000),
)  # fmt: skip
def test_a_part_of_the_day_is_what_the_wall_clock_shows(part: str, zone: str, first: datetime, length: int):
    begin = minute_of(first.replace(tzinfo=ZoneInfo("UTC")))
    inside = minutes_of(part, zone, (begin, begin + length))
    low, high = PARTS[part]
    for minute in range(begin, begin + length, 37):
        local = instant_of(minute).astimezone(ZoneInfo(zone))
        shows = low <= local.hour * 60 + local.minute < high
        is_in = any(a <= minute < b for a, b in inside)
        assert is_in == (shows and not local.fold)


async def test_one_some_or_all_providers(cast: Cast):
    assert {o.practitioner_id for o in await found(cast.ana)} == {cast.ada, cast.ben}
    assert {o.practitioner_id for o in await found(cast.ana, practitioner_ids=[cast.ben])} == {cast.ben}
    assert await found(cast.ana, practitioner_ids=[]) == []


async def test_the_next_free_time_is_the_first_of_a_search_that_goes_on(cast: Cast):
    for who in (cast.ada, cast.ben):
        await service.add_exception(cast.carol, who, ExceptionDraft("off", MONDAY, date(2026, 12, 20)), NOW)
    assert await found(cast.ana, MONDAY + timedelta(days=13)) == []
    first = await service.next_available(cast.ana, "evaluation", "CO", NOW, MONDAY, DENVER)
    assert first is not None
    assert first.start_at.astimezone(ZoneInfo(DENVER)).date() == date(2026, 12, 21)
    assert first == (await found(cast.ana, date(2026, 12, 22)))[0]


async def test_the_next_free_time_in_the_evening_or_none_at_all(cast: Cast):
    assert await service.next_available(cast.ana, "evaluation", "CO", NOW, MONDAY, DENVER, part="evening") is None
    late = [HoursDraft(3, time(17), time(20), date(2026, 12, 10))]
    await service.replace_hours(cast.carol, cast.ada, late, NOW)
    first = await service.next_available(cast.ana, "evaluation", "CO", NOW, MONDAY, DENVER, part="evening")
    assert first is not None
    assert (first.practitioner_id, first.start_at.astimezone(ZoneInfo(DENVER)).date()) == (cast.ada, date(2026, 12, 10))


async def test_nowhere_licensed_is_said_to_staff_only(cast: Cast):
    asked = ("evaluation", "UT", NOW, MONDAY, MONDAY, DENVER)
    assert await service.next_available(cast.ana, "evaluation", "UT", NOW, MONDAY, DENVER) is None
    assert {(w.practitioner_name, w.code) for w in await service.why_nothing(cast.carol, *asked)} == {
        ("Ada Quill", "not-licensed"), ("Ben Marsh", "not-licensed"),
    }  # fmt: skip
    with pytest.raises(Refused):
        await service.why_nothing(cast.ana, *asked)
