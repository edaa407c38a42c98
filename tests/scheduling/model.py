"""The calendar once more, small and plain: lists and minutes, no SQL, no bits, nothing of the code under test.

It foresees what every verb must do. Instants are minutes since 1970 UTC; `now` alone has seconds.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

OCCUPYING = {"proposed", "booked", "checked-in", "fulfilled", "noshow"}
SET_ASIDE = {"too-far", "outside-hours", "day-off", "off-grid", "day-full", "week-full"}
LICENCE_ZONE = "America/Denver"
GRACE, ROOM_OPENS, HOLD, MOST_HOLDS, MOST_MOVES, NOTICE, CHANGE_NOTICE, HORIZON = 30, 30, 10, 2, 2, 240, 240, 60 * 1440


class Kind(NamedTuple):
    """Minutes, buffers, grid, and how far ahead patients book."""

    minutes: int
    before: int
    after: int
    grid: int = 15
    notice: int = NOTICE


class Hours(NamedTuple):
    weekday: int
    opens: int
    closes: int
    is_break: bool = False


class Change(NamedTuple):
    kind: str
    first_on: date
    last_on: date
    opens: int | None = None
    closes: int | None = None


class Local(NamedTuple):
    """What a wall shows at a minute; `again` where the clock has shown it before."""

    on: date
    wall: int
    again: bool


def local(zone: str, minute: int) -> Local:
    at = datetime.fromtimestamp(minute * 60, ZoneInfo(zone))
    return Local(at.date(), at.hour * 60 + at.minute, bool(at.fold))


@dataclass
class Provider:
    """As written: the week, what differs from it, licences (first and last date), limits."""

    zone: str
    hours: list[Hours]
    changes: dict[UUID, Change] = field(default_factory=dict)
    licences: dict[UUID, tuple[date, date | None]] = field(default_factory=dict)
    is_active: bool = True
    per_day: int | None = None
    per_week: int | None = None


@dataclass
class Visit:
    """A row of the calendar and its history: (from, to, action)."""

    patient: UUID
    provider: UUID
    kind: str
    start: int
    status: str
    born: datetime
    expires: datetime | None = None
    version: int = 1
    moves: int = 0
    is_located: bool = False
    overridden: frozenset[str] = frozenset()
    steps: list[tuple[str | None, str, str]] = field(default_factory=list)

    def become(self, status: str, action: str) -> None:
        self.steps.append((self.status, status, action))
        self.status, self.expires = status, None


@dataclass
class Calendar:
    """Everything, and the laws over it."""

    kinds: dict[str, Kind]
    now: datetime
    providers: dict[UUID, Provider] = field(default_factory=dict)
    visits: dict[UUID, Visit] = field(default_factory=dict)

    @property
    def minute(self) -> int:
        """The first whole minute that is not over."""
        return -(-int(self.now.timestamp()) // 60)

    def occupies(self, kind: str, start: int) -> tuple[int, int]:
        length, before, after, *_rest = self.kinds[kind]
        return start - before, start + length + after

    def has_run_out(self, one: Visit) -> bool:
        return one.status == "proposed" and one.expires is not None and one.expires <= self.now

    def holds_of(self, patient: UUID) -> list[Visit]:
        """Live ones, newest first."""
        found = [v for v in self.visits.values() if (v.patient, v.status) == (patient, "proposed")]
        return sorted((v for v in found if not self.has_run_out(v)), key=lambda v: v.born, reverse=True)

    def against(
        self, provider: UUID, patient: UUID, kind: str, start: int, notice: int, moving: Visit | None = None
    ) -> set[str]:
        """Every rule that a visit would break."""
        found = self.standing_against(provider, kind, start)
        at = local(self.providers[provider].zone, start)
        if start < self.minute:
            found.add("in-the-past")
        if start < self.minute + notice:
            found.add("too-soon")
        if start > self.minute + HORIZON:
            found.add("too-far")
        if at.again or at.wall % self.kinds[kind].grid:
            found.add("off-grid")
        others = [
            v for v in self.visits.values()
            if v.status in OCCUPYING and v is not moving and not self.has_run_out(v)
            and not (v.status == "proposed" and v.patient == patient)
        ]  # fmt: skip
        for code, theirs in (
            ("taken", [v for v in others if v.provider == provider]),
            ("patient-busy", [v for v in others if v.patient == patient]),
        ):
            if any(self.meet(v, kind, start) for v in theirs):
                found.add(code)
        return found | self._too_many(provider, at.on, [v.start for v in others if v.provider == provider])

    def meet(self, one: Visit, kind: str, start: int) -> bool:
        (a, b), (c, d) = self.occupies(kind, start), self.occupies(one.kind, one.start)
        return a < d and c < b

    def standing_against(self, provider: UUID, kind: str, start: int) -> set[str]:
        """The rules that a booked visit can come to break."""
        who, found = self.providers[provider], set[str]()
        minutes = range(start, start + self.kinds[kind].minutes)
        shown = [local(who.zone, m) for m in minutes]
        if not who.is_active:
            found.add("inactive")
        if not who.licences:
            found.add("not-licensed")
        dates = {local(LICENCE_ZONE, m).on for m in minutes}
        if not all(any(a <= on and (b is None or on <= b) for a, b in who.licences.values()) for on in dates):
            found.add("licence-expired")
        if not all(self._in_week(who, at) for at in shown):
            found.add("outside-hours")
        if any(self._is_off(who, at) for at in shown):
            found.add("day-off")
        return found

    def _in_week(self, who: Provider, at: Local) -> bool:
        here = [h for h in who.hours if h.weekday == at.on.weekday() and h.opens <= at.wall < h.closes]
        week = bool(here) and not any(h.is_break for h in here)
        return not at.again and (week or self._is_extra(who, at))

    def _is_extra(self, who: Provider, at: Local) -> bool:
        return any(c.kind == "extra" and _covers(c, at) for c in _on(who, at.on))

    def _is_off(self, who: Provider, at: Local) -> bool:
        off = any(c.kind == "off" and _covers(c, at) for c in _on(who, at.on))
        short = any(c.kind == "shortened" and not _covers(c, at) for c in _on(who, at.on))
        return (off or short) and not self._is_extra(who, at)

    def _too_many(self, provider: UUID, on: date, starts: list[int]) -> set[str]:
        who = self.providers[provider]
        dates = [local(who.zone, start).on for start in starts]
        in_day = Counter(dates)[on]
        in_week = sum(one.isocalendar()[:2] == on.isocalendar()[:2] for one in dates)
        return {
            code
            for code, count, most in (("day-full", in_day, who.per_day), ("week-full", in_week, who.per_week))
            if most is not None and count >= most
        }

    def clear_the_way(self, patient: UUID, provider: UUID, kind: str, start: int, keep: int) -> None:
        """What making room for a wish does to holds: run-out ones end, the patient's older ones are given back."""
        for one in self.visits.values():
            theirs = one.patient == patient or (one.provider == provider and self.meet(one, kind, start))
            if theirs and self.has_run_out(one):
                one.become("cancelled", "expire")
        holds = self.holds_of(patient)
        elsewhere = [v for v in holds if not self.meet(v, kind, start)]
        for one in holds:
            if one not in elsewhere[:keep]:
                one.become("cancelled", "release")

    def flagged(self) -> Iterator[tuple[UUID, bool]]:
        """Every visit to come, with whether staff must look at it."""
        for row_id, one in self.visits.items():
            if one.status in {"booked", "checked-in"} and one.start * 60 >= self.now.timestamp():
                yield row_id, bool(self.standing_against(one.provider, one.kind, one.start) - one.overridden)


def _on(who: Provider, on: date) -> list[Change]:
    return [c for c in who.changes.values() if c.first_on <= on <= c.last_on]


def _covers(change: Change, at: Local) -> bool:
    return change.opens is None or change.closes is None or change.opens <= at.wall < change.closes
