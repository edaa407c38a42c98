"""One VEVENT or VFREEBUSY as times we can count with, lies found out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar.prop import vDuration

from carepath.scheduling.rules.feed_limits import Unclear
from carepath.scheduling.rules.feed_lines import Line, Part
from carepath.scheduling.rules.feed_zones import Zones, plain

_DAY = timedelta(days=1)
DATE_STEPS = 5
_MOST_SEQUENCE = 2**31
_LAST = date(2500, 12, 31)
_LENGTH: Callable[[str], timedelta] = vDuration.from_ical


@dataclass(frozen=True, slots=True)
class Event:
    """First and past are both dates (midnights where the provider lives) or both aware times, in order."""

    uid: str
    sequence: int
    first: date
    past: date
    instead_of: date | None
    and_after: bool
    free: bool
    part: Part

    @property
    def repeats(self) -> bool:
        """Whether more than its own first time may be meant."""
        return any(name in {"RRULE", "RDATE"} for name, _text in self.part.raw)


def event(part: Part, zones: Zones) -> Event:
    """Unclear for an event without a readable time and for one that ends before it begins."""
    try:
        first, past = _span(part, zones)
        replaces = part.one("RECURRENCE-ID")
        return Event(
            uid=part.text("UID"),
            sequence=_sequence(part),
            first=first,
            past=past,
            instead_of=moment(replaces, replaces.value, zones) if replaces else None,
            and_after=replaces is not None and replaces.params.get("RANGE", "").upper() == "THISANDFUTURE",
            free=_free(part),
            part=part,
        )
    except ValueError:
        raise Unclear("undated") from None


def moment(line: Line, text: str, zones: Zones) -> date:
    """A date, or an aware time: in UTC, in the line's TZID, or floating and then in the provider's own zone."""
    found = plain(text)
    if not isinstance(found, datetime):
        return found
    if found.tzinfo is not None:
        return found.replace(tzinfo=UTC)
    name = line.params.get("TZID")
    return found.replace(tzinfo=zones.named(name) if name else zones.own)


def as_time(when: date, zones: Zones) -> datetime:
    """A date's midnight where the provider lives; an aware time as it is."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), zones.own)


def _span(part: Part, zones: Zones) -> tuple[date, date]:
    line, end, lasting = part.one("DTSTART"), part.one("DTEND"), part.one("DURATION")
    if line is None:
        raise Unclear("undated")
    first = moment(line, line.value, zones)
    if end is not None:
        past = _end(end, zones)
    elif lasting is not None:
        past = after(first, lasting.value, zones)
    else:
        past = first if isinstance(first, datetime) else first + _DAY
    if isinstance(first, datetime) != isinstance(past, datetime):
        first, past = as_time(first, zones), as_time(past, zones)
    if past < first:
        raise Unclear("backwards")
    return first, past


def _end(line: Line, zones: Zones) -> date:
    """Some programs write the year 9999 for "until further notice"."""
    if line.value.strip()[:4].isdigit() and int(line.value.strip()[:4]) > _LAST.year:
        return datetime.combine(_LAST, time(), zones.own) if "T" in line.value else _LAST
    return moment(line, line.value, zones)


def after(first: date, lasting: str, zones: Zones) -> date:
    """The end of what begins at `first` and lasts so long: whole days stay dates."""
    length = _LENGTH(lasting.strip())
    if not isinstance(first, datetime) and length % _DAY:
        first = as_time(first, zones)
    if length < timedelta():
        raise Unclear("backwards")
    if length.days > (_LAST - date(first.year, first.month, first.day)).days - 1:
        return datetime.combine(_LAST, time(), zones.own) if isinstance(first, datetime) else _LAST
    if not isinstance(first, datetime):
        return first + length
    days, rest = divmod(length, _DAY)
    return (first + timedelta(days)).astimezone(UTC) + rest if rest else first + timedelta(days)


def _sequence(part: Part) -> int:
    text = part.text("SEQUENCE")
    return min(int(text), _MOST_SEQUENCE) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _free(part: Part) -> bool:
    return (
        part.text("TRANSP").upper() == "TRANSPARENT"
        or part.text("STATUS").upper() in {"CANCELLED", "CANCELED"}
        or part.text("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE"
    )


def periods(part: Part, zones: Zones) -> Iterator[tuple[datetime, datetime]]:
    """The times that a VFREEBUSY does not call free."""
    try:
        lines = part.all("FREEBUSY")
    except ValueError:
        raise Unclear("undated") from None
    for line in lines:
        if line.params.get("FBTYPE", "BUSY").upper() != "FREE":
            yield from listed(line, zones, "undated")


def listed(line: Line, zones: Zones, otherwise: str) -> Iterator[tuple[datetime, datetime]]:
    """The periods of a line; `otherwise` is what is noted of one that cannot be read."""
    for text in line.value.split(","):
        zones.budget.spend(DATE_STEPS)
        try:
            yield period(line, text, zones)
        except ValueError:
            zones.notes.ignore(otherwise)
        except Unclear as problem:
            zones.notes.ignore(problem.kind)


def period(line: Line, text: str, zones: Zones) -> tuple[datetime, datetime]:
    """Begin and end of "begin/end" or "begin/duration"."""
    begin, _, end = text.strip().partition("/")
    first = as_time(moment(line, begin, zones), zones)
    past = after(first, end, zones) if end.lstrip("+-")[:1].upper() == "P" else moment(line, end, zones)
    if as_time(past, zones) < first:
        raise Unclear("backwards")
    return first, as_time(past, zones)
