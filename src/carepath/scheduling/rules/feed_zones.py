"""Which zone a calendar's TZID means. The world's definition of a zone is believed before the file's own."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from icalendar.prop import vDDDTypes, vUTCOffset
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from carepath.kit.when import is_zone
from carepath.scheduling.rules import feed_rules
from carepath.scheduling.rules.feed_limits import Budget, Notes
from carepath.scheduling.rules.feed_lines import Part

_YEAR = timedelta(days=400)
_MOST_OFFSET = timedelta(hours=18)
_MOST_CHANGES = 100
_YEARS = range(1600, 2501)
_WHEN: Callable[[str], object] = vDDDTypes.from_ical
_OFFSET: Callable[[str], timedelta] = vUTCOffset.from_ical


def plain(text: str) -> date:
    """A DATE or DATE-TIME as written: a date, a naive time, or one in UTC. ValueError for anything else.

    Years are bounded, so that nothing computed from them overflows.
    """
    found = _WHEN(text.strip())
    if not isinstance(found, date) or found.year not in _YEARS:
        raise ValueError("no date")
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    at: datetime
    """UTC, naive."""
    before: timedelta
    after: timedelta

    @property
    def wall(self) -> datetime:
        """The wall time from which the new offset is meant, a repeated hour being meant the first time."""
        return self.at + max(self.before, self.after)


class FileZone(tzinfo):
    """A zone as the file describes it, true within the span it was made for."""

    def __init__(self, changes: Iterable[_Change]) -> None:
        self._changes = sorted(changes, key=lambda change: change.at)
        self._walls = [change.wall for change in self._changes]
        self._instants = [change.at for change in self._changes]

    def _offset(self, passed: int) -> timedelta:
        return self._changes[passed - 1].after if passed else self._changes[0].before

    def utcoffset(self, when: datetime | None) -> timedelta:
        """The offset that a wall time is in."""
        return self._offset(bisect_right(self._walls, when.replace(tzinfo=None)) if when else 0)

    def dst(self, _when: datetime | None) -> timedelta:
        """Not told apart: only the whole offset matters."""
        return timedelta()

    def tzname(self, _when: datetime | None) -> str:
        """No name: what the file calls it is nobody's business."""
        return "file"

    def fromutc(self, when: datetime) -> datetime:
        """The wall time of an instant."""
        return when + self._offset(bisect_right(self._instants, when.replace(tzinfo=None)))


def _offset_of(part: Part, name: str) -> timedelta:
    offset = _OFFSET(part.text(name))
    if abs(offset) > _MOST_OFFSET:
        raise ValueError("no offset")
    return offset


def _changes(part: Part, span: tuple[date, date], budget: Budget) -> list[_Change]:
    """When one STANDARD or DAYLIGHT began. Old rules are followed for their last year only."""
    before, after = _offset_of(part, "TZOFFSETFROM"), _offset_of(part, "TZOFFSETTO")
    first = _naive(part.text("DTSTART"))
    walls = {first, *(_naive(each) for found in part.all("RDATE") for each in found.value.split(","))}
    for found in part.all("RRULE"):
        rule = feed_rules.parse(found.value.strip())
        last = min(span[1], rule.until) if type(rule.until) is date else span[1]
        if isinstance(rule.until, datetime):
            last = min(last, rule.until.date())
        opens = max(first.date(), min(span[0], last) - _YEAR)
        walls.update(feed_rules.starts(rule, first, None, (opens, last), budget))
    budget.spend(len(walls))
    return [_Change(wall - before, before, after) for wall in walls]


def _naive(text: str) -> datetime:
    found = plain(text)
    if not isinstance(found, datetime):
        return datetime(found.year, found.month, found.day)  # noqa: DTZ001 - a wall time
    return found.replace(tzinfo=None)


@dataclass(slots=True)
class Zones:
    """The zones one file speaks of. Nothing is kept for the next file."""

    own: ZoneInfo
    described: Mapping[str, Part]
    span: tuple[date, date]
    budget: Budget
    notes: Notes
    _known: dict[str, tzinfo | None] = field(default_factory=dict)

    def named(self, name: str) -> tzinfo:
        """The zone of that TZID; the provider's own, with a note, where neither world nor file knows it."""
        if name not in self._known:
            self._known[name] = self._found(name)
        zone = self._known[name]
        if zone is None:
            self.notes.note("zone")
            return self.own
        return zone

    def _found(self, name: str) -> tzinfo | None:
        part = self.described.get(name)
        for guess in (*_guesses(name), part.text("X-LIC-LOCATION") if part else ""):
            if is_zone(guess):
                return ZoneInfo(guess)
        return self._described(part) if part else None

    def _described(self, part: Part) -> tzinfo | None:
        kinds = [each for each in part.parts if each.name in {"STANDARD", "DAYLIGHT"}]
        try:
            changes = [change for kind in kinds[:_MOST_CHANGES] for change in _changes(kind, self.span, self.budget)]
        except ValueError:
            return None
        return FileZone(changes) if changes else None


def _guesses(name: str) -> list[str]:
    """The name itself, what Windows calls so, and the end of "/vendor/version/Europe/Vienna"."""
    name = name.strip().strip('"')
    pieces = name.strip("/").split("/")[:8] if name.startswith("/") else []
    return [name, WINDOWS_TO_OLSON.get(name, ""), *("/".join(pieces[place:]) for place in range(len(pieces)))]
