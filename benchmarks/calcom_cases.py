"""Cases for two slot searches: a week as written, overrides, busy times, and how both are asked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from carepath.scheduling.rules import slots
from carepath.scheduling.rules.model import (
    Ask,
    BookingRules,
    DayChange,
    Pattern,
    Snapshot,
    Validity,
    VisitType,
    Weekly,
)
from carepath.scheduling.rules.ranges import Range, instant_of, minute_of

_DAY = 24 * 60
_LONG_AGO = date(2000, 1, 1)
_RULES = BookingRules(15, 0, 366, 10, 1, 30, 30)
_FIRST_YEAR, _LAST_YEAR = 2027, 2035  # their code reads the real clock and offers nothing in the past
Line = tuple[int, int, int]  # weekday (0 = Monday), opens, closes


@dataclass(frozen=True, slots=True)
class Case:
    """What both are asked. Wall times are minutes after midnight, instants minutes since 1970. An override replaces
    what the week says of its date; without times it closes it."""

    zone: str
    window: Range
    lines: tuple[Line, ...]
    overrides: tuple[tuple[date, int, int], ...]
    busy: tuple[Range, ...]
    step: int
    minutes: int
    before: int = 0
    after: int = 0

    @property
    def size(self) -> int:
        """Small ones make better examples."""
        return len(self.lines) + 2 * len(self.overrides) + 2 * len(self.busy)

    def snapshot(self) -> Snapshot:
        """As ours reads it. A new object each time, for which nothing has been worked out yet."""
        hours = tuple(Weekly(day, opens, closes, _LONG_AGO, None) for day, opens, closes in self.lines)
        changes = [DayChange("off", on, on, None, None) for on in {on for on, _opens, _closes in self.overrides}]
        changes += [DayChange("extra", on, on, opens, closes) for on, opens, closes in self.overrides if closes > opens]
        return Snapshot(
            UUID(int=1), "Ada Quill", "MD", Pattern(self.zone, hours, tuple(changes)), True,
            (Validity(_LONG_AGO, None),), self.busy,
        )  # fmt: skip

    def ask(self) -> Ask:
        """Nothing but the calendar decides."""
        visit = VisitType("visit", "Visit", self.minutes, self.before, self.after, grid_minutes=self.step)
        return Ask(visit, "Etc/UTC", _RULES, 0, instant_of(self.window[0] - 7 * _DAY))

    def search(self, snapshot: Snapshot, ask: Ask) -> list[int]:
        """Ours."""
        return slots.starts(snapshot, ask, self.window)

    def ours(self) -> list[int]:
        """Our starts."""
        return self.search(self.snapshot(), self.ask())

    def theirs(self) -> dict[str, object]:
        """As their code is asked: two days more on either side, days from Sunday, and buffers on the busy times, for
        which `[begin - after, end + before)` says the same."""
        return {
            "zone": self.zone, "first": self.window[0] - 2 * _DAY, "past": self.window[1] + 2 * _DAY,
            "lines": [{"days": [(day + 1) % 7], "opens": a, "closes": b} for day, a, b in self.lines],
            "overrides": [{"date": on.isoformat(), "opens": a, "closes": b} for on, a, b in self.overrides],
            "busy": [(begin - self.after, end + self.before) for begin, end in self.busy],
            "step": self.step, "minutes": self.minutes,
        }  # fmt: skip

    def said(self, start: int) -> str:
        """The case and one start of it, for a person."""
        local = datetime.fromtimestamp(start * 60, ZoneInfo(self.zone))
        lines = ", ".join(
            f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][d]} {_clock(a)}-{_clock(b)}" for d, a, b in self.lines
        )
        overrides = ", ".join(f"{on} {_clock(a)}-{_clock(b)}" for on, a, b in self.overrides) or "none"
        busy = ", ".join(f"{instant_of(a):%d %H:%M}-{instant_of(b):%H:%M} UTC" for a, b in self.busy[:4]) or "none"
        return (
            f"{local:%a %Y-%m-%d %H:%M %z} {self.zone}; {self.minutes} min every {self.step}; week {lines}; "
            f"overrides {overrides}; busy {busy}"
        )


def _clock(wall: int) -> str:
    return f"{wall // 60:02}:{wall % 60:02}"


def offset(zone: str, minute: int) -> int:
    """Minutes east of UTC at that minute."""
    found = datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found // timedelta(minutes=1)


@lru_cache(maxsize=1)
def _changing() -> dict[str, list[date]]:
    """The zones whose clock changes in those years, with the dates."""
    found: dict[str, list[date]] = {}
    for zone in sorted(available_timezones()):
        on = date(_FIRST_YEAR, 1, 1)
        while on.year <= _LAST_YEAR:
            noon = minute_of(datetime.combine(on, time(12), UTC))
            if offset(zone, noon) != offset(zone, noon + _DAY):
                found.setdefault(zone, []).append(on)
            on += timedelta(days=1)
    return found


def _lines(random: Random) -> tuple[Line, ...]:
    """Up to three lines a day, apart from each other, on quarter hours or odd minutes, now and then until midnight."""
    found: list[Line] = []
    for day in random.sample(range(7), random.randint(1, 7)):
        cuts = sorted(random.sample(range(0, 1440, random.choice((5, 15, 30, 60))), 2 * random.randint(1, 3)))
        cuts[-1] = 1440 if random.random() < 0.1 else cuts[-1]
        found += [(day, a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    return tuple(found)


def random_case(random: Random) -> Case:
    """Half of them around a clock change."""
    zone = random.choice(sorted(_changing()))
    on = random.choice(_changing()[zone]) if random.random() < 0.5 else date(
        random.randint(_FIRST_YEAR, _LAST_YEAR), random.randint(1, 12), random.randint(1, 28))  # fmt: skip
    first = minute_of(datetime.combine(on - timedelta(days=random.randint(1, 3)), time(), ZoneInfo(zone)))
    window = (first, first + random.randint(4, 9) * _DAY)
    overrides = []
    for day in random.sample(range(7), random.choice((0, 0, 1, 2))):
        opens = random.randrange(0, 1200, 15)
        closes = random.choice((opens, min(1440, opens + random.randrange(15, 600, 15))))
        overrides.append((on + timedelta(days=day - 2), opens, closes))
    busy = []
    for _n in range(random.choice((0, 1, 5, 20))):
        begin = random.randrange(*window)
        busy.append((begin, begin + random.choice((15, 20, 45, 60, 180))))
    return Case(
        zone, window, _lines(random), tuple(overrides), tuple(busy), random.choice((5, 10, 15, 15, 20, 30, 60)),
        random.choice((10, 15, 20, 30, 45, 50, 60, 120)), random.choice((0, 0, 5, 15)), random.choice((0, 10, 15)),
    )  # fmt: skip


def common(zone: str, n: int) -> Case:
    """The workload of the figures: Monday to Saturday nine to five, 45 minutes every 15, three visits on each of 20
    days."""
    first = minute_of(datetime(2027 + n, 6, 7, tzinfo=ZoneInfo(zone)))
    lines = tuple((day, 540, 1020) for day in range(6))
    busy = tuple((first + day * _DAY + at, first + day * _DAY + at + 60) for day in range(20) for at in (540, 660, 840))
    return Case(zone, (first, first + 28 * _DAY), lines, (), busy, 15, 45)
