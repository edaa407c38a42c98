"""Clock changes: every zone of the tz database that has any from 2024 to 2035.

The law. A minute belongs to what the wall shows, the first time it shows it. A visit may start where the wall of the
practitioner shows a multiple of the grid for the first time and every minute of it lies in open time that the wall
shows for the first time. So an hour that is skipped offers nothing, an hour that comes twice is offered once, no visit
runs through the second time of an hour, and no wall time can be promised to two people.

`wall_clocks.legal` says the same by walking from minute to minute; the search must find exactly that, and what is
booked must be exactly what is found.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carepath.kit.actor import SYSTEM, Actor
from carepath.scheduling import service
from carepath.scheduling.rules import days, slots
from carepath.scheduling.rules.model import Ask, Limits, Pattern, Snapshot, Validity, VisitType, Weekly
from carepath.scheduling.rules.ranges import instant_of
from carepath.scheduling.service import HoursDraft, Unbookable

from .cast import RULES, Cast, add_patient
from .wall_clocks import DAY, Change, Walls, around, changes, families, legal, length, utc_minute, walk, window

LONG_AGO, ONE_DAY = date(1990, 1, 1), timedelta(days=1)
YEAR_2000 = date(2000, 1, 1)
STEPS, LENGTHS = (15, 5, 60, 20, 30, 25, 10, 45), (20, 45, 50, 120, 15)
Case = tuple[Change, Walls, int, int]


def _snapshot(zone: str, walls: Walls, licence: Validity | None = None, limits: Limits | None = None) -> Snapshot:
    hours = tuple(Weekly(day, *wall, LONG_AGO, None) for day in range(7) for wall in walls)
    held = licence or Validity(LONG_AGO, None)
    return Snapshot(UUID(int=1), "Ada Quill", "MD", Pattern(zone, hours), True, (held,), limits=limits)


def _ask(now: int, step: int, minutes: int, licence_zone: str = "America/Denver") -> Ask:
    visit = VisitType("evaluation", "First evaluation", minutes, 5, 15, grid_minutes=step)
    return Ask(visit, licence_zone, RULES, 0, instant_of(now))


def _cases(name: str) -> list[Case]:
    """Every change of a zone; hours, grids and lengths take turns, so that each kind of change meets many of each."""
    return [
        (change, around(change, n // 2), STEPS[n % len(STEPS)], LENGTHS[n % len(LENGTHS)])
        for n, change in enumerate(changes(name))
    ]


def _dates(change: Change) -> tuple[date, date]:
    """From the day before to the day after: a change at midnight belongs to two."""
    return change.on - ONE_DAY, change.on + 2 * ONE_DAY


def _prove(name: str, dates: tuple[date, date], walls: Walls, step: int, minutes: int) -> list[int]:
    snapshot, ask = _snapshot(name, walls), _ask(utc_minute(dates[0]) - 3 * DAY, step, minutes)
    found = slots.starts(snapshot, ask, window(name, dates))
    assert found == legal(name, dates, walls, step, minutes)
    return found


def test_the_tz_database_has_what_is_to_be_proved() -> None:
    names = [name for alike in families().values() for name in alike]
    assert len(names) > 150
    lengths = {length(name, change.on) for name in families() for change in islice(changes(name), 2)}
    assert {23 * 60, 25 * 60, 23 * 60 + 30, 24 * 60 + 30} <= lengths


@pytest.mark.parametrize("name", sorted(families()))
def test_at_every_change_the_search_finds_exactly_the_legal_starts(name: str) -> None:
    for change, walls, step, minutes in _cases(name):
        _prove(name, _dates(change), walls, step, minutes)


@pytest.mark.parametrize("name", sorted(families()))
def test_every_start_that_is_found_can_be_booked_and_no_other(name: str) -> None:
    """Asked of every multiple of five minutes that the wall shows, first time or second, and of odd minutes."""
    kinds = {change.kind: case for case in _cases(name) for change in case[:1]}
    for change, walls, step, minutes in kinds.values():
        dates = _dates(change)
        snapshot, ask = _snapshot(name, walls), _ask(utc_minute(dates[0]) - 3 * DAY, step, minutes)
        found = set(legal(name, dates, walls, step, minutes))
        asked = {change.minute + n for n in (*range(-600, 900, 5), -7, -1, 1, 7)} | found
        accepted = {start for start in asked if slots.bookable(snapshot, ask, instant_of(start)) is None}
        assert accepted == found


def test_a_zone_of_many_names_answers_alike_under_each() -> None:
    for name, alike in families().items():
        for change, walls, step, minutes in {case[0].kind: case for case in _cases(name)}.values():
            dates = _dates(change)
            ask = _ask(utc_minute(dates[0]) - 3 * DAY, step, minutes)
            wanted = legal(name, dates, walls, step, minutes)
            for other in alike[1:]:
                assert slots.starts(_snapshot(other, walls), ask, window(name, dates)) == wanted, other


def test_a_day_is_as_long_as_the_clock_makes_it() -> None:
    for name in families():
        for change in {change.kind: change for change in changes(name)}.values():
            for on in (change.on, change.on + ONE_DAY):
                first, past = days.day_range(name, on, on)
                assert past - first == length(name, on), (name, on)


@pytest.mark.parametrize(
    ("name", "first_on", "last_on"),
    [
        ("Pacific/Apia", date(2011, 12, 28), date(2012, 1, 1)),  # December 30 never was
        ("Pacific/Kwajalein", date(1993, 8, 19), date(1993, 8, 23)),  # nor, here, August 21
        ("America/St_Johns", date(2006, 10, 27), date(2006, 10, 30)),  # at 00:01 back to yesterday, 23:01
        ("America/St_Johns", date(2006, 4, 1), date(2006, 4, 3)),
        ("America/Caracas", date(2016, 4, 30), date(2016, 5, 2)),  # half an hour for good
        ("Asia/Pyongyang", date(2015, 8, 14), date(2015, 8, 16)),
        ("Antarctica/Casey", date(2010, 3, 4), date(2010, 3, 6)),  # three hours back
    ],
)
def test_days_of_the_past_that_were_stranger(name: str, first_on: date, last_on: date) -> None:
    for walls in (((0, DAY),), ((0, 61), (1300, DAY)), ((30, 1410),)):
        for step, minutes in ((15, 45), (60, 20), (20, 120)):
            found = _prove(name, (first_on, last_on), walls, step, minutes)
            by_date = [
                start
                for n in range((last_on - first_on).days + 1)
                for start in legal(name, (first_on + n * ONE_DAY,) * 2, walls, step, minutes)
            ]
            assert sorted(by_date) == found


@pytest.mark.parametrize("name", sorted(families()))
def test_a_license_ends_with_the_last_minute_that_shows_its_last_date(name: str) -> None:
    """The dates of a license are those of the patient's state, whatever the practitioner's clock shows."""
    for change in {change.kind: change for change in changes(name)}.values():
        only = Validity(change.on, change.on)
        snapshot = _snapshot("America/Phoenix", ((0, DAY),), only)
        first, past = window(name, (change.on, change.on))
        found = slots.starts(snapshot, _ask(first - 3 * DAY, 15, 45, name), (first - DAY, past + DAY))
        assert found == [m for m in range(first - first % -15, past - 44) if m % 15 == 0]


@pytest.mark.parametrize("name", ["America/New_York", "Africa/Cairo", "America/Nuuk", "Australia/Lord_Howe"])
def test_a_full_day_is_the_day_that_the_clock_shows(name: str) -> None:
    for change in {change.kind: change for change in changes(name)}.values():
        first, past = window(name, (change.on, change.on))
        free = legal(name, _dates(change), ((0, DAY),), 15, 45)
        for begins in (first, past - 1):
            limited = _snapshot(name, ((0, DAY),), limits=Limits(1, None, (begins,)))
            found = slots.starts(limited, _ask(first - 3 * DAY, 15, 45), window(name, _dates(change)))
            assert found == [start for start in free if not first <= start < past]


# Through the database: the practitioner's zone, and a patient's far from it.
THROUGH = [
    ("America/New_York", "Asia/Tokyo"), ("Europe/London", "America/Los_Angeles"), ("Africa/Cairo", "America/New_York"),
    ("America/Asuncion", "America/Denver"), ("Asia/Beirut", "Pacific/Auckland"), ("America/Havana", "Europe/Madrid"),
    ("America/Nuuk", "America/Nuuk"), ("Australia/Lord_Howe", "Asia/Kolkata"), ("Antarctica/Troll", "Asia/Beirut"),
    ("Pacific/Chatham", "America/St_Johns"), ("Africa/Casablanca", "Africa/Cairo"), ("Atlantic/Azores", "Asia/Kathmandu"),
]  # fmt: skip


def _drafts(walls: Walls) -> list[HoursDraft]:
    """The form knows no 24:00: a day ends at 23:59 at the latest."""
    return [
        HoursDraft(day, time(a // 60, a % 60), time(b // 60, b % 60), YEAR_2000)
        for day in range(7) for a, b in walls
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "patients_zone"), THROUGH)
async def test_what_the_search_finds_is_what_can_be_held(cast: Cast, name: str, patients_zone: str) -> None:
    added = await service.add_practitioner(SYSTEM, "Cy Vale", "MD", name, instant_of(0))
    await service.grant_licence(SYSTEM, added.id, "CO", YEAR_2000, None, instant_of(0))
    patient = await add_patient()
    kinds = {change.kind: change for change in changes(name)}
    for n, change in enumerate(kinds.values()):
        walls = tuple((a, min(b, DAY - 1)) for a, b in around(change, n + 1))
        now = instant_of(change.minute) - timedelta(days=9)
        await service.replace_hours(SYSTEM, added.id, _drafts(walls), now)
        dates = _dates(change)
        wanted = legal(name, dates, walls, 15, 45)
        assert wanted
        assert await _found_day_by_day(patient, added.id, now, dates, patients_zone) == wanted
        near = [start for start in wanted if abs(start - change.minute) < 180]
        refused = [m for m in range(change.minute - 60, change.minute + 120, 15) if m not in wanted]
        for start in near[::2]:
            held = await _hold(patient, added.id, start, patients_zone, now)
            assert (held.start_at, held.end_at) == (instant_of(start), instant_of(start + 45))
        for start in refused[::2]:
            with pytest.raises(Unbookable) as closed:
                await _hold(patient, added.id, start, patients_zone, now)
            assert closed.value.code in {"outside-hours", "off-grid"}
            assert {offer.start_at for offer in closed.value.alternatives if offer.practitioner_id == added.id} <= {
                instant_of(m) for m in legal(name, (dates[0] - 9 * ONE_DAY, dates[1] + 9 * ONE_DAY), walls, 15, 45)
            }


async def _hold(who: Actor, practitioner_id: UUID, start: int, zone: str, now: datetime) -> service.Appointment:
    assert who.patient_id is not None
    return await service.hold(who, who.patient_id, practitioner_id, "evaluation", instant_of(start), "CO", zone, now)


async def _found_day_by_day(
    who: Actor, practitioner_id: UUID, now: datetime, dates: tuple[date, date], zone: str
) -> list[int]:
    """A page a date, as patients look: their own dates, put together again."""
    found: list[int] = []
    for n in range(-2, (dates[1] - dates[0]).days + 3):
        on = dates[0] + n * ONE_DAY
        offers = await service.search(who, "evaluation", "CO", now, on, on, zone, [practitioner_id])
        assert all(offer.start_at.astimezone(ZoneInfo(zone)).date() == on for offer in offers)
        found += [int(offer.start_at.astimezone(UTC).timestamp()) // 60 for offer in offers]
    provider = (await service.practitioner(SYSTEM.scope, practitioner_id)).zone
    shown = {at: shows // DAY for shows, at in walk(provider, *dates).items()}
    return [start for start in found if dates[0].toordinal() <= shown.get(start, 0) <= dates[1].toordinal()]
