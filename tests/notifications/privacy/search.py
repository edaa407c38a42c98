"""Finds markers, however the text that holds them is written down."""

import base64
import email
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default

from tests.notifications.privacy.markers import Field, Markers

# Shorter runs hold no marker; a run may be broken into lines, as mails have it.
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{4,}(?:\r?\n[A-Za-z0-9+/_-]+)*")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){11,}")
_SHORTEST = 15
_DEPTH = 2  # the broker's messages are base64 in JSON; a calendar file in one would be another step


@dataclass(frozen=True, slots=True)
class Leak:
    """What was seen where nobody may see it."""

    place: str
    field: Field

    def __str__(self) -> str:
        return f"{self.place} shows {self.field}"


@dataclass(frozen=True, slots=True)
class Own:
    """What a mail may show of its recipient: the name by which it greets them, and in one header their address."""

    name: Field
    address: Field


def readings(text: str, depth: int = _DEPTH) -> Iterator[str]:
    """The text, and what it says to whoever undoes quoted-printable, folded lines, base64 and hexadecimal digits."""
    yield text
    if depth == 0:
        return
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    quoted = quopri.decodestring(text.encode("latin-1", "replace")).decode("latin-1")
    for other in {unfolded, quoted} - {text}:
        yield from readings(other, depth - 1)
    for raw in (*_from_base64(text), *(bytes.fromhex(found[0]) for found in _HEX.finditer(text))):
        yield from readings(raw.decode("latin-1"), depth - 1)


def _from_base64(text: str) -> Iterator[bytes]:
    """A run may begin anywhere: what stands before it may be made of the same letters."""
    for found in _BASE64.finditer(text):
        run = re.sub(r"\s", "", found[0]).replace("-", "+").replace("_", "/")
        for begin in range(4 if len(run) >= _SHORTEST else 0):
            part = run[begin:]
            yield base64.b64decode(part[: len(part) // 4 * 4])


def found_in(markers: Markers, text: str) -> set[Field]:
    """Every field that can be read from a text."""
    return {field for reading in readings(text) for field in markers.found(reading)}


def leaks(markers: Markers, place: str, text: str, *allowed: Field) -> list[Leak]:
    """All but what is allowed there."""
    return [Leak(place, field) for field in sorted(found_in(markers, text) - {*allowed}, key=str)]


def leaks_of_mail(markers: Markers, place: str, raw: bytes, own: Own | None) -> list[Leak]:
    """What a mail shows beyond the name of whom it greets and, to the mail server and to calendars, their address.

    Headers and parts are read by a mail program's rules; then all its bytes by every rule, for what no program shows.
    """
    mail = email.message_from_bytes(raw, policy=default)
    name, address = ([own.name], [own.address]) if own else ([], [])
    found = leaks(markers, f"{place}, bytes", raw.decode("latin-1"), *name, *address)
    for header, value in mail.items():
        allowed = [*name, *address] if header == "To" else []
        found += leaks(markers, f"{place}, {header}", str(value), *allowed)
    for part in mail.walk():
        if part is not mail:
            heads = "\n".join(f"{header}: {value}" for header, value in part.items())
            found += leaks(markers, f"{place}, headers of a part", heads)
        if part.get_content_maintype() != "multipart":
            found += _leaks_of_part(markers, f"{place}, {part.get_content_type()}", part, name, address)
    return found


def _leaks_of_part(
    markers: Markers, place: str, part: EmailMessage, name: list[Field], address: list[Field]
) -> list[Leak]:
    text = part.get_payload(decode=True).decode()
    if part.get_content_type() in {"text/plain", "text/html"}:
        return leaks(markers, place, text, *name)
    found = []
    for line in re.sub(r"\r\n[ \t]", "", text).splitlines():
        # An invitation names who is invited by their address (RFC 5546, 3.2.2); it goes to nobody else.
        found += leaks(markers, place, line, *(address if line.startswith("ATTENDEE") else []))
    return found
