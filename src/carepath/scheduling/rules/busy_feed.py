"""When a provider is busy elsewhere, read from a calendar file that anybody may have written.

Only times come out: titles, places and guests are neither parsed nor returned. What cannot be read is counted
and said; where the file is unclear in a way that we can bound, the provider is rather busy than double-booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import timedelta

from carepath.kit.when import zone
from carepath.scheduling.rules import feed_series
from carepath.scheduling.rules.feed_events import Event, event, periods
from carepath.scheduling.rules.feed_limits import BadFeed, Budget, Notes, Unclear
from carepath.scheduling.rules.feed_lines import Part, outline
from carepath.scheduling.rules.feed_series import Span
from carepath.scheduling.rules.feed_zones import Zones
from carepath.scheduling.rules.ranges import Range, instant_of, merge, minute_after, minute_of

__all__ = ["BadFeed", "Feed", "read"]

_LONG = 60 * 24 * 60
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Feed:
    """Busy minutes since 1970, ordered, disjoint, inside the window; warnings; how many entries were unusable."""

    busy: tuple[Range, ...]
    notes: tuple[str, ...]
    ignored: int


def read(body: bytes, own_zone: str, window: Range, ours: Set[str] = frozenset()) -> Feed:
    """The busy times of an ICS file between two minutes. BadFeed for one that cannot be used as a whole.

    `ours` are UIDs (lower case) of the provider's own visits with us: they come back through calendars that follow
    ours, and must not make anybody busy against themselves.
    """
    notes, budget = Notes(), Budget()
    parts = outline(body, notes)
    days = (instant_of(window[0]) - _MARGIN).date(), (instant_of(window[1]) + _MARGIN).date()
    zones = Zones(zone(own_zone), _described(parts), days, budget, notes)
    found = list(_within(window, _spans(parts, zones, ours), zones))
    return Feed(tuple(merge(found)), notes.said(own_zone), notes.ignored)


def _within(window: Range, spans: Iterable[Span], zones: Zones) -> Iterator[Range]:
    """Whole minutes, rounded outwards and cut to the window."""
    for first, past in spans:
        begin, end = minute_of(first), minute_after(past)
        clipped = max(window[0], begin), min(window[1], end)
        if first < past and clipped[0] < clipped[1]:
            zones.budget.found()
            yield clipped
            if end - begin > _LONG:
                zones.notes.note("long")


def _spans(parts: list[Part], zones: Zones, ours: Set[str]) -> Iterator[Span]:
    by_uid: dict[str, list[Event]] = defaultdict(list)
    for place, part in enumerate(parts):
        try:
            if part.name == "VFREEBUSY":
                yield from periods(part, zones)
            elif part.name == "VEVENT" and part.text("UID").lower() not in ours:
                found = event(part, zones)
                by_uid[found.uid or f"\n{place}"].append(found)
        except Unclear as problem:
            zones.notes.ignore(problem.kind)
    for events in by_uid.values():
        yield from feed_series.spans(events, zones)


def _described(parts: list[Part]) -> dict[str, Part]:
    """The file's own VTIMEZONEs by name."""
    found: dict[str, Part] = {}
    for part in parts:
        if part.name == "VTIMEZONE" and (name := part.text("TZID")):
            found.setdefault(name, part)
    return found
