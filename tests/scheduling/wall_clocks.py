"""Clock changes and legal starts, worked out in the plainest way there is, without the code under test.

A minute is walked to and the zone is asked what its wall shows. Nothing here knows an offset, a rule or a date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = 24 * 60
Walls = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The clock is put from `shown` to `then` (wall minutes that may belong to two dates) at `minute` (since 1970)."""

    minute: int
    before: timedelta
    after: timedelta

    @property
    def kind(self) -> tuple[timedelta, timedelta, int]:
        """What two changes of a zone have in common: both offsets and the time of day."""
        return self.before, self.after, (self.minute + self.before // timedelta(minutes=1)) % DAY

    @property
    def on(self) -> date:
        """The date that the wall shows in the minute before."""
        return (datetime.fromtimestamp(self.minute * 60 - 60, UTC) + self.before).date()


def utc_minute(on: date) -> int:
    """Midnight of that date in UTC."""
    return (on.toordinal() - date(1970, 1, 1).toordinal()) * DAY


def _offset(zone: ZoneInfo, minute: int) -> timedelta:
    found = datetime.fromtimestamp(minute * 60, zone).utcoffset()
    assert found is not None
    return found


@lru_cache
def changes(name: str, first: int = 2024, last: int = 2035) -> tuple[Change, ...]:
    """Every change of the zone's offset in those years: looked for day by day, then halved down to the minute."""
    zone, found = ZoneInfo(name), []
    low, end = utc_minute(date(first, 1, 1)), utc_minute(date(last + 1, 1, 1))
    while low < end:
        if _offset(zone, low) != _offset(zone, low + DAY):
            early, late = low, low + DAY
            while late - early > 1:
                middle = (early + late) // 2
                early, late = (middle, late) if _offset(zone, middle) == _offset(zone, low) else (early, middle)
            found.append(Change(late, _offset(zone, early), _offset(zone, late)))
        low += DAY
    return tuple(found)


@lru_cache(maxsize=1)
def families() -> dict[str, list[str]]:
    """Every zone of the database whose clock changes in those years, under the first name of those that change alike."""
    alike: dict[tuple[Change, ...], list[str]] = {}
    for name in sorted(available_timezones()):
        if found := changes(name):
            alike.setdefault(found, []).append(name)
    return {names[0]: names for names in alike.values()}


@lru_cache(maxsize=64)
def _shown(name: str, first_on: date, last_on: date) -> list[tuple[int, int]]:
    """Minute by minute (since 1970) what the wall shows, as the date's ordinal * 1440 + minutes after midnight: from
    before the first date to some hours after the last."""
    zone, found = ZoneInfo(name), []
    for minute in range(utc_minute(first_on) - 16 * 60, utc_minute(last_on) + 42 * 60):
        local = datetime.fromtimestamp(minute * 60, zone)
        found.append((minute, local.toordinal() * DAY + local.hour * 60 + local.minute))
    return found


@lru_cache(maxsize=64)
def walk(name: str, first_on: date, last_on: date) -> dict[int, int]:
    """Everything that the wall shows, with the first minute that shows it."""
    seen: dict[int, int] = {}
    for minute, shows in _shown(name, first_on, last_on):
        seen.setdefault(shows, minute)
    return seen


def length(name: str, on: date) -> int:
    """How many minutes show that date, each time it is shown."""
    return sum(shows // DAY == on.toordinal() for _minute, shows in _shown(name, on, on))


def legal(name: str, dates: tuple[date, date], walls: Walls, step: int, minutes: int) -> list[int]:
    """The starts of the dates: the wall shows a multiple of `step` for the first time, and every minute of the visit
    is one that the wall shows for the first time, within `walls`."""
    seen, (first_on, last_on) = walk(name, *dates), dates
    open_walls = {wall for a, b in walls for wall in range(a, b)}
    is_open = {at for shows, at in seen.items() if shows % DAY in open_walls}
    return sorted(
        at for shows, at in seen.items()
        if first_on.toordinal() <= shows // DAY <= last_on.toordinal() and shows % DAY % step == 0
        and is_open.issuperset(range(at, at + minutes))
    )  # fmt: skip


def window(name: str, dates: tuple[date, date]) -> tuple[int, int]:
    """From the first minute that shows the first date to behind the last that shows the last."""
    first, last = (on.toordinal() for on in dates)
    shown = [minute for minute, shows in _shown(name, *dates) if first <= shows // DAY <= last]
    return shown[0], shown[-1] + 1


def around(change: Change, shape: int) -> Walls:
    """Open hours that a change cuts in one way or another: all day; over it; up to inside it; from inside it on."""
    wall = change.kind[2]
    size = abs(change.after - change.before) // timedelta(minutes=1)
    whole: Iterable[tuple[int, int]] = (
        ((0, DAY),),
        ((wall - 75, wall + size + 75),),
        ((wall - 190, wall + size // 2), (wall + size + 40, wall + size + 200)),
        ((wall - size // 2, wall + 200), (wall - 200, wall - size // 2 - 25)),
    )[shape % 4]
    # What hangs over midnight belongs to the neighbor: the same hours are written for every date.
    parts = [(a + n * DAY, b + n * DAY) for a, b in whole for n in (-1, 0, 1)]
    return tuple((max(a, 0), min(b, DAY)) for a, b in parts if a < DAY and b > 0)
