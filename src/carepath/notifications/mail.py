"""From a letter to the bytes of a mail: text and HTML in one calm layout, and a calendar file where there is one."""

import base64
import quopri
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from uuid import UUID

from carepath.kit.words import _
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.wording import Wording

_LINE = b"\r\n"
_PLAIN_NAME = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to whom. `context` may hold times and nothing else. `more` are calendar files of several visits.

    `to_name` is for whoever reads the letter before it leaves; a mail names nobody beyond the first name. `stop_link`
    is where the recipient says no to mails of this kind, if they may.
    """

    to_address: str
    to_name: str
    kind: str
    first_name: str
    zone: str
    context: Mapping[str, str | Sequence[str]]
    link: str
    ics: bytes | None = None
    ics_method: str | None = None
    more: tuple[bytes, ...] = ()
    stop_link: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter in words, before it is put into an envelope."""

    subject: str
    text: str
    html: str


class Printer:
    """Renders letters of one clinic. `host` is the name that Message-IDs and our greeting of mail servers carry."""

    def __init__(self, wording: Wording, clinic_name: str, clinic_email: str, host: str) -> None:
        self.wording, self.host, self.sender = wording, host, clinic_email
        self._from = _header("From", _address(clinic_name, clinic_email))

    def words(self, letter: Letter) -> Printed:
        """What it says."""
        words = {
            **letter.context, "first_name": _greeting(letter.first_name) or _("there"), "link": letter.link,
            "kind": letter.kind, "stop_link": letter.stop_link,
        }  # fmt: skip
        return Printed(*self.wording.render(KINDS[letter.kind].folder, words))

    def print(self, letter: Letter, message_id: UUID, now: datetime) -> bytes:
        """The whole mail. Its Message-ID comes from the row, so that a repeat is recognisable as the same mail.

        Put together here, since the standard library's way takes twenty times as long, and ten thousand reminders
        want to leave; seven bits throughout, as not every server on the way takes eight.
        """
        printed, border = self.words(letter), message_id.hex
        parts = [_text("plain", printed.text), _text("html", printed.html)]
        if letter.ics is not None:  # once as an alternative, which calendars act on
            parts.append(_calendar(letter.ics, letter.ics_method or "REQUEST", None))
        body = _multipart("alternative", f"{border}-1", parts)
        if files := [*_files(letter)]:
            body = _multipart("mixed", f"{border}-2", [body, *files])
        return _LINE.join((*self._headers(letter, printed.subject, message_id, now), body))

    def _headers(self, letter: Letter, subject: str, message_id: UUID, now: datetime) -> Iterator[bytes]:
        yield _header("Subject", subject)
        yield self._from
        yield _header("To", _address(_greeting(letter.first_name) or _("there"), letter.to_address))
        yield f"Date: {format_datetime(now.astimezone(UTC))}".encode()
        yield f"Message-ID: <{message_id.hex}@{self.host}>".encode()
        yield b"Auto-Submitted: auto-generated"
        if letter.stop_link:
            yield f"List-Unsubscribe: <{letter.stop_link}>".encode()
            yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
        yield b"MIME-Version: 1.0"


def _files(letter: Letter) -> Iterator[bytes]:
    """The calendar file once more as a file, which people save. A calendar file holds one event (RFC 5546), so several
    visits are several files; a mail has one alternative."""
    if letter.ics is not None:
        yield _file(letter.ics, "application/ics", "invite.ics")
    for number, file in enumerate(letter.more, 1):
        yield _calendar(file, "REQUEST", f"visit-{number}.ics")


def _text(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    # In its text mode, quoted-printable leaves line ends alone, so they must be those of mail afterwards.
    quoted = quopri.encodestring(text.rstrip().encode())
    return head.encode() + b"\r\n".join(quoted.splitlines())


def _calendar(file: bytes, method: str, filename: str | None) -> bytes:
    return _file(file, f'text/calendar; method={method}; charset="UTF-8"', filename)


def _file(file: bytes, content_type: str, filename: str | None) -> bytes:
    name = f'\r\nContent-Disposition: attachment; filename="{filename}"' if filename else ""
    head = f"Content-Type: {content_type}{name}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(file).rstrip().replace(b"\n", _LINE)


def _multipart(subtype: str, border: str, parts: Sequence[bytes]) -> bytes:
    head, line = f'Content-Type: multipart/{subtype}; boundary="{border}"\r\n\r\n'.encode(), f"--{border}".encode()
    return head + b"".join(b"%b\r\n%b\r\n" % (line, part) for part in parts) + line + b"--\r\n"


def _header(name: str, value: str) -> bytes:
    """One header by the standard library's own rules for folding and for letters beyond ASCII."""
    if value.isascii() and len(name) + len(value) < 76:
        return f"{name}: {value}".encode()
    return _folded(name, value)


@lru_cache(maxsize=1024)
def _folded(name: str, value: str) -> bytes:
    folded: str = SMTP.header_factory(name, value).fold(policy=SMTP)
    return folded.rstrip("\r\n").encode()


def _address(name: str, address: str) -> str:
    """As a header has it. What needs no quoting is not parsed for it: that would be a quarter of a mail's making."""
    if _PLAIN_NAME.fullmatch(name) and _PLAIN_ADDRESS.fullmatch(address):
        return f"{name} <{address}>"
    return str(Address(name, addr_spec=address))


def _greeting(name: str) -> str:
    """A first name as a mail may show it. Anybody may type any name beside any address: it must carry no link."""
    kept = "".join(c if _belongs_to_a_name(c) else " " for c in name)
    return " ".join(kept.split())[:60].strip()


def _belongs_to_a_name(char: str) -> bool:
    return char.isalnum() or char in "'’-" or unicodedata.category(char).startswith("M")
