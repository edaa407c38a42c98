"""A calendar file as the few lines that say when somebody is busy. Titles, places and guests are dropped here.

The whole file is never given to a parser: icalendar remembers every VTIMEZONE it meets for the life of the
process, so one provider's file could move another's appointments, and a rule inside a VTIMEZONE is expanded
while reading.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from carepath.kit.words import _
from carepath.scheduling.rules.feed_limits import (
    MOST_BYTES,
    MOST_COMPONENTS,
    MOST_DEPTH,
    MOST_LINE,
    BadFeed,
    Notes,
)

_MOST_HEAD = 1_000
_EVENT = """UID SEQUENCE DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID TRANSP STATUS
            X-MICROSOFT-CDO-BUSYSTATUS"""
_CHANGE = frozenset({"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"})
_WANTED: Mapping[str, frozenset[str]] = {
    "VCALENDAR": frozenset({"CALSCALE"}),
    "VEVENT": frozenset(_EVENT.split()),
    "VFREEBUSY": frozenset({"FREEBUSY"}),
    "VTIMEZONE": frozenset({"TZID", "X-LIC-LOCATION"}),
    "STANDARD": _CHANGE,
    "DAYLIGHT": _CHANGE,
}
_NOTHING: frozenset[str] = frozenset()
# Possessive throughout: no line makes them try twice.
_LINE = re.compile(r'\s*+([A-Za-z0-9-]++)\s*+((?:;(?:"[^"]*+"|[^":]++)*+)?+):(.*)')
_PARAM = re.compile(r';([^=;:"]++)=((?:"[^"]*+"|[^";:]++)*+)')
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One property: upper-case name, parameters by upper-case name, value as written."""

    name: str
    params: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Part:
    """A component with the lines we read, as text until somebody asks."""

    name: str
    raw: list[tuple[str, str]] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        """Every property of that name. ValueError for one that cannot be split."""
        return [_split(text) for known, text in self.raw if known == name]

    def one(self, name: str) -> Line | None:
        """The first property of that name."""
        return next((_split(text) for known, text in self.raw if known == name), None)

    def text(self, name: str) -> str:
        """Its value; empty if there is none or none that can be read."""
        try:
            line = self.one(name)
        except ValueError:
            return ""
        return line.value.strip() if line else ""


def _split(text: str) -> Line:
    found = _LINE.match(text)
    if found is None or len(found[2]) > _MOST_HEAD:
        raise ValueError("not a property")
    params = {key.strip().upper(): value.strip().strip('"') for key, value in _PARAM.findall(found[2])}
    return Line(found[1].upper(), params, found[3])


def outline(body: bytes, notes: Notes) -> list[Part]:
    """The components directly inside the file's calendars. BadFeed unless it is one whole calendar file."""
    calendars: list[Part] = []
    stack: list[Part] = []
    begun = 0
    for name, text in _named(_lines(body, notes), notes):
        if name == "BEGIN":
            begun += 1
            _begin(stack, text, begun)
        elif name == "END":
            calendars.extend(_end(stack, text))
        elif stack and name in _WANTED.get(stack[-1].name, _NOTHING):
            stack[-1].raw.append((name, text))
    if stack:
        raise BadFeed(_("The calendar ends in the middle: the file is not complete."))
    for calendar in calendars:
        if calendar.text("CALSCALE").upper() not in {"", "GREGORIAN"}:
            raise BadFeed(_("This calendar does not count days in the Gregorian way."))
    return [part for calendar in calendars for part in calendar.parts]


def _begin(stack: list[Part], text: str, begun: int) -> None:
    if begun > MOST_COMPONENTS:
        raise BadFeed(_("This calendar has more than 10,000 entries. Export only the months that matter."))
    part = Part(text.partition(":")[2].strip().upper())
    if not stack and part.name != "VCALENDAR":
        raise BadFeed(_("This file holds something else than a calendar."))
    stack.append(part)
    if len(stack) > MOST_DEPTH:
        raise BadFeed(_("This is not a usual calendar: its entries are nested too deep."))


def _end(stack: list[Part], text: str) -> list[Part]:
    """The calendar that this line completes, if it completes one."""
    if not stack or stack[-1].name != text.partition(":")[2].strip().upper():
        raise BadFeed(_("The calendar's entries are not closed in order: the file is damaged."))
    part = stack.pop()
    if not stack:
        return [part]
    stack[-1].parts.append(part)
    return []


def _named(lines: Iterator[str], notes: Notes) -> Iterator[tuple[str, str]]:
    for line in lines:
        name = line.partition(":")[0].partition(";")[0].strip().upper()
        if len(line) <= MOST_LINE:
            yield name, line
        elif any(name in wanted for wanted in _WANTED.values()) or name in {"BEGIN", "END"}:
            raise BadFeed(_("A line of this calendar is too long to be true."))
        else:
            notes.note("line")


def _lines(body: bytes, notes: Notes) -> Iterator[str]:
    """Unfolded lines. Folds are undone before decoding, since some programs fold inside a character."""
    if len(body) > MOST_BYTES:
        raise BadFeed(_("This file is larger than 2 MB. Export only the months that matter."))
    flat = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")
    text = flat.decode("utf-8", "replace").removeprefix("\ufeff")
    if "\ufffd" in text:
        notes.note("bytes")
    _recognise(text)
    return (line for line in text.split("\n") if line)


def _recognise(text: str) -> None:
    """A usual mistake deserves a better word than "unreadable"."""
    if not text.strip():
        raise BadFeed(_("The file is empty."))
    if "\0" in text:
        raise BadFeed(_("This file is not text, so it is no calendar."))
    if _PAGE.match(text[:2_000]):
        raise BadFeed(
            _("This is a web page, perhaps one that asks to sign in. Use the calendar's own private ICS address.")
        )
    if not text[:200].strip().upper().startswith("BEGIN:VCALENDAR"):
        raise BadFeed(_("This file is not a calendar: it should begin with BEGIN:VCALENDAR."))
