"""The few rules of MIME (RFC 2045, 2046) that a delivery report needs, each with a bound.

The standard library's reader follows nesting as deep as it goes and a header as long as it is; a file of 200 kB keeps
it busy for minutes. Nothing here is tolerant: what is out of bounds is refused with its name.
"""

import binascii
import quopri
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from email.message import Message

from carepath.kit.words import _

_DEEPEST = 8
_MOST_PARTS = 40
_MOST_HEADERS = 400
_LONGEST = 4000  # characters of a header that is read
_BREAK = re.compile(rb"\r?\n")
_HEADER = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)


class Unreadable(ValueError):
    """One sentence on what is out of bounds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one: its headers by small name, and its body as it stands."""

    headers: Mapping[str, list[str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """What a header says, each time that it is there. Unreadable when it is too long."""
        found = self.headers.get(name, [])
        if any(len(one) > _LONGEST for one in found):
            raise Unreadable(_("{name}: this header is too long.").format(name=name.title()))
        return found

    @property
    def kind(self) -> str:
        """Its media type; text/plain when none is given."""
        return self._content_type().get_content_type()

    @property
    def boundary(self) -> str:
        """What separates its parts, "" when it has none."""
        found = self._content_type().get_param("boundary")
        return found.rstrip()[:200] if isinstance(found, str) else ""

    def _content_type(self) -> Message:
        holder = Message()
        for value in self.values("content-type")[:1]:
            holder["Content-Type"] = value
        return holder


def part(raw: bytes) -> Part:
    """Headers up to the first empty line; the rest is the body."""
    end = re.search(rb"(?:\A|\r?\n)\r?\n", raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    return Part(_fields(head), body)


def groups(body: bytes, most: int) -> list[dict[str, list[str]]]:
    """The groups of fields of a delivery report, which empty lines separate. At least one, perhaps empty."""
    found = [one for one in re.split(rb"(?:\r?\n[ \t]*)(?:\r?\n[ \t]*)+", body.strip()) if one.strip()]
    if len(found) > most:
        raise Unreadable(_("Final-Recipient: the report is about too many recipients."))
    return [_checked(_fields(one)) for one in found] or [{}]


def _checked(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    whole = Part(fields, b"")
    return {name: whole.values(name) for name in fields}


def _fields(head: bytes) -> dict[str, list[str]]:
    """By small name, unfolded. Lines that are no field are passed over, as mail servers do."""
    found: dict[str, list[str]] = {}
    lines = re.split(rb"\r?\n(?![ \t])", head)
    if len(lines) > _MOST_HEADERS:
        raise Unreadable(_("It has too many headers."))
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match:
            value = _BREAK.sub(b" ", match[2]).decode("ascii", "replace").strip()
            found.setdefault(match[1].decode("ascii").lower(), []).append(value)
    return found


def children(whole: Part, depth: int) -> list[Part]:
    """The parts of a multipart, none of anything else."""
    if not whole.kind.startswith("multipart/"):
        return []
    if depth >= _DEEPEST:
        raise Unreadable(_("Content-Type: its parts are nested too deeply."))
    if not whole.boundary:
        raise Unreadable(_("Content-Type: its parts have no boundary."))
    return [part(piece) for piece in _pieces(whole.body, whole.boundary.encode("ascii", "replace"))]


def _pieces(body: bytes, boundary: bytes) -> Iterable[bytes]:
    mark = re.compile(rb"(?:\A|(?<=\n))--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    found, begin = list[bytes](), -1
    for line in mark.finditer(body):
        if begin >= 0:
            found.append(body[begin : line.start()])
        if len(found) > _MOST_PARTS:
            raise Unreadable(_("Content-Type: it has too many parts."))
        begin = line.end()
        if line[1]:
            return found
    return [*found, body[begin:]] if begin >= 0 else found


def decoded(one: Part) -> Part:
    """With its body as it was before it was put into seven bits."""
    encoding = " ".join(one.values("content-transfer-encoding")).lower()
    if encoding == "quoted-printable":
        return replace(one, body=quopri.decodestring(one.body))
    if encoding != "base64":
        return one
    try:
        return replace(one, body=binascii.a2b_base64(one.body))
    except binascii.Error:
        raise Unreadable(_("Content-Transfer-Encoding: it says base64 and is not.")) from None
