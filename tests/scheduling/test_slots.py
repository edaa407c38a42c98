"""The laws of offered times, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath.scheduling.rules import days, slots
from carepath.scheduling.rules.model import Ask, DayChange, Pattern, Snapshot, Validity, VisitType, Weekly
from carepath.scheduling.rules.ranges import Range, instant_of, minute_of

from .cast import RULES

VISIT = VisitType("evaluation", "First evaluation", 45, 5, 15)
FIRST, LAST = date(2026, 1, 1), date(2035, 12, 31)
CLOCK_CHANGES = [date(2026, 11, 1), date(2027, 3, 14), date(2026, 4, 5), date(2026, 7, 1)]
ZONES = ["America/New_York", "America/Phoenix", "Asia/Kolkata", "Australia/Lord_Howe", "America/Denver"]


def _snapshot(
    zone: str = "America/New_York", hours: Sequence[Weekly] = (), changes: Sequence[DayChange] = (), **more: object
) -> Snapshot:
    pattern = Pattern(zone, tuple(hours), tuple(changes))
    found = Snapshot(UUID(int=1), "Ada Quill", "MD", pattern, True, (Validity(FIRST, None),))
    return replace(found, **more)  # type: ignore[arg-type]


def _week(opens: int = 540, closes: int = 1020) -> list[Weekly]:
    return [Weekly(day, opens, closes, FIRST, None) for day in range(7)]


def _ask(now: datetime, visit: VisitType = VISIT, notice: int = 0) -> Ask:
    return Ask(visit, "America/Denver", RULES, notice, now)


weeks = st.lists(
    st.builds(
        lambda day, opens, length: Weekly(day, opens, min(opens + length, 1439), FIRST, None),
        st.integers(0, 6), st.integers(0, 1380), st.integers(10, 700),
    ),
    max_size=10,
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Snapshot, Ask, Range]:
    """A practitioner around a clock change, with random hours, days off, extra hours and busy times."""
    on = draw(st.sampled_from(CLOCK_CHANGES))
    zone = draw(st.sampled_from(ZONES))
    window = days.day_range(zone, on - timedelta(days=1), on + timedelta(days=1))
    times = st.tuples(st.integers(0, 700), st.integers(701, 1439))
    changes = draw(
        st.lists(
            st.builds(
                lambda kind, day, at: DayChange(kind, on + timedelta(days=day), on + timedelta(days=day), *at),
                st.sampled_from(["off", "extra"]), st.integers(-1, 1), times,
            ),
            max_size=3,
        )
    )  # fmt: skip
    busy = draw(
        st.lists(
            st.builds(
                lambda offset, length: (window[0] + offset, window[0] + offset + length),
                st.integers(-100, 4400), st.integers(1, 200),
            ),
            max_size=6,
        )
    )  # fmt: skip
    cut = draw(st.integers(0, len(busy)))
    now = instant_of(window[0]) - timedelta(hours=draw(st.integers(-30, 30)), seconds=draw(st.integers(0, 59)))
    snapshot = _snapshot(
        zone, draw(weeks), changes=tuple(changes), busy=tuple(busy[:cut]), patient_busy=tuple(busy[cut:])
    )
    return snapshot, _ask(now, notice=draw(st.sampled_from([0, 240]))), window


def _is_open(snapshot: Snapshot, minute: int) -> bool:
    """The law, said again in the slowest and plainest way: what does the wall show at that minute?"""
    local = datetime.fromtimestamp(minute * 60, ZoneInfo(snapshot.pattern.zone))
    wall, on = local.hour * 60 + local.minute, local.date()

    def changed(kind: str) -> bool:
        return any(
            c.kind == kind and c.first_on <= on <= c.last_on and (c.opens or 0) <= wall < (c.closes or 1440)
            for c in snapshot.pattern.changes
        )

    weekly = any(h.weekday == on.weekday() and h.opens <= wall < h.closes for h in snapshot.pattern.hours)
    return not local.fold and (changed("extra") or (weekly and not changed("off")))


@given(worlds())
@settings(max_examples=60, deadline=None)
def test_offers_lie_in_open_time_and_touch_nothing_busy(world: tuple[Snapshot, Ask, Range]) -> None:
    snapshot, ask, window = world
    for start in slots.starts(snapshot, ask, window):
        assert all(_is_open(snapshot, minute) for minute in range(start, start + VISIT.minutes))
        occupied = (start - VISIT.buffer_before, start + VISIT.minutes + VISIT.buffer_after)
        for first, past in (*snapshot.busy, *snapshot.patient_busy):
            assert past <= occupied[0] or occupied[1] <= first
        assert instant_of(start) >= ask.now + timedelta(minutes=ask.notice_minutes)
        assert datetime.fromtimestamp(start * 60, ZoneInfo(snapshot.pattern.zone)).minute % RULES.grid_minutes == 0


@given(worlds())
@settings(max_examples=25, deadline=None)
def test_search_and_commit_are_one_rule(world: tuple[Snapshot, Ask, Range]) -> None:
    snapshot, ask, window = world
    offered = set(slots.starts(snapshot, ask, window))
    for start in range(window[0], window[1], 5):
        refused = slots.bookable(snapshot, ask, instant_of(start))
        assert (refused is None) == (start in offered), refused


@given(worlds())
@settings(max_examples=60, deadline=None)
def test_no_start_is_missing(world: tuple[Snapshot, Ask, Range]) -> None:
    """What is open, free, on the grid and in time is offered: counted by the plain law."""
    snapshot, ask, window = world
    offered = set(slots.starts(snapshot, ask, window))
    openness = {minute: _is_open(snapshot, minute) for minute in range(window[0], window[1] + VISIT.minutes)}
    for start in range(window[0], window[1], 15):
        local = datetime.fromtimestamp(start * 60, ZoneInfo(snapshot.pattern.zone))
        free = all(
            past + VISIT.buffer_before <= start or start + VISIT.minutes + VISIT.buffer_after <= first
            for first, past in (*snapshot.busy, *snapshot.patient_busy)
        )
        in_time = instant_of(start) >= ask.now + timedelta(minutes=ask.notice_minutes)
        whole = all(openness[minute] for minute in range(start, start + VISIT.minutes))
        assert (start in offered) == (free and in_time and whole and local.minute % 15 == 0)


@given(worlds(), st.integers(0, 4000), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_the_nearest_are_the_nearest(world: tuple[Snapshot, Ask, Range], offset: int, count: int) -> None:
    snapshot, ask, window = world
    wanted = window[0] + offset
    found = [minute_of(offer.start_at) for offer in slots.nearest([snapshot], ask, window, wanted, count)]
    everything = sorted(abs(start - wanted) for start in slots.starts(snapshot, ask, window))
    assert sorted(abs(start - wanted) for start in found) == everything[:count]
    assert found == sorted(found)


@pytest.mark.parametrize("on", CLOCK_CHANGES[:2])
def test_the_nights_of_the_clock_change_offer_each_wall_time_once(on: date) -> None:
    window = days.day_range("America/New_York", on, on)
    found = slots.starts(_snapshot(hours=_week(0, 240)), _ask(instant_of(window[0])), window)
    walls = [f"{datetime.fromtimestamp(start * 60, ZoneInfo('America/New_York')):%H:%M}" for start in found]
    assert len(walls) == len(set(walls))
    assert ("02:00" in walls) == (on.month == 11)
    assert "03:00" in walls


NOON = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # Wednesday noon in New York


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_active": False}, "inactive"),
        ({"licences": ()}, "not-licensed"),
        ({"licences": (Validity(FIRST, date(2026, 6, 30)),)}, "licence-expired"),
        ({"licences": (Validity(date(2026, 7, 2), None),)}, "licence-expired"),
        ({"hours": ()}, "outside-hours"),
        ({"changes": (DayChange("off", date(2026, 7, 1), date(2026, 7, 1), None, None),)}, "day-off"),
        ({"changes": (DayChange("off", date(2026, 6, 1), date(2026, 7, 9), 740, 760),)}, "day-off"),
        ({"busy": ((minute_of(NOON) + 44, minute_of(NOON) + 50),)}, "taken"),
        ({"patient_busy": ((minute_of(NOON) + 59, minute_of(NOON) + 90),)}, "patient-busy"),
        ({"busy": ((minute_of(NOON) + 60, minute_of(NOON) + 90),)}, None),
        ({"licences": (Validity(FIRST, date(2026, 7, 1)),)}, None),
    ],
)
def test_every_refusal_has_its_reason(change: dict[str, object], code: str | None) -> None:
    ask = _ask(NOON - timedelta(days=1))
    refused = slots.bookable(_snapshot(**{"hours": _week(), **change}), ask, NOON)  # type: ignore[arg-type]
    assert (refused.code if refused else None) == code


def test_extra_hours_win_over_time_off() -> None:
    on = date(2026, 7, 1)
    changes = (DayChange("off", on, on, None, None), DayChange("extra", on, on, 720, 780))
    ask = _ask(NOON - timedelta(days=1))
    snapshot = _snapshot(hours=_week(), changes=changes)
    found = list(slots.starts(snapshot, ask, days.day_range(snapshot.pattern.zone, on, on)))
    assert [instant_of(start) for start in found] == [NOON, NOON + timedelta(minutes=15)]


def test_staff_learn_which_gate_closed_the_last_start() -> None:
    ask = _ask(NOON - timedelta(days=1))
    window = days.day_range("America/New_York", date(2026, 7, 1), date(2026, 7, 1))
    full = _snapshot(hours=_week(), busy=((window[0], window[1]),))
    closed = slots.closed_by(full, ask, window)
    assert closed is not None
    assert closed.code == "taken"
    assert slots.closed_by(_snapshot(hours=_week()), ask, window) is None
