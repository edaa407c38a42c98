"""The bytes of a mail, read back by the standard library's strict parser."""

import email
import re
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.notifications.mail import Letter, Printer
from carepath.notifications.wording import Wording

TEMPLATES = Path(__file__).parents[2] / "templates"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ID = UUID("01a20d7b-ed08-7981-a083-6adc051fe576")
STRICT = SMTP.clone(raise_on_defect=True)
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


def printer(name: str = "Larkspur Pain Clinic") -> Printer:
    return Printer(Wording(TEMPLATES, None, name, "+1 555 0100"), name, "care@larkspur.example", "larkspur.example")


def letter(kind: str = "consult-booked", first_name: str = "Ana", address: str = "ana@example.org") -> Letter:
    words = {
        "by_video": "yes",
        "when": "Tuesday, December 1, 2026 at 9:30 AM Mountain Standard Time",
        "day": "December 1",
        "provider": "A",
    }
    return Letter(address, "Ana Winter", kind, first_name, "America/Denver", words, "http://localhost/link/abc")


def with_file(one: Letter) -> Letter:
    return Letter(
        one.to_address, one.to_name, one.kind, one.first_name, one.zone, one.context, one.link, ICS, "REQUEST"
    )  # fmt: skip


def read(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=STRICT)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def test_a_mail_with_a_calendar_file_has_both_bodies_and_the_file_twice():
    found = read(printer().print(with_file(letter()), ID, NOW))
    assert found.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in found.walk() if not part.is_multipart()] == [
        "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hello Ana," in text.get_content()
    assert "http://localhost/link/abc" in html.get_content()
    calendar, file = (part for part in found.walk() if part.get_content_type() in {"text/calendar", "application/ics"})
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_payload(decode=True) == file.get_payload(decode=True) == ICS
    assert file.get_filename() == "invite.ics"


def test_its_headers():
    found = read(printer().print(letter(), ID, NOW.astimezone(timezone(timedelta(hours=5)))))
    assert found["Message-ID"] == f"<{ID.hex}@larkspur.example>"
    assert parsedate_to_datetime(str(found["Date"])) == NOW
    assert found["Auto-Submitted"] == "auto-generated"
    assert str(found["From"]) == "Larkspur Pain Clinic <care@larkspur.example>"
    assert str(found["To"]) == "Ana <ana@example.org>"
    assert found["List-Unsubscribe"] is None


@pytest.mark.parametrize("name", ["Zoë", "José María", "Ngọc Ánh", "李小龍", "Олена", "عائشة", "Aoife-Róisín O’Brien"])
def test_names_of_every_alphabet_arrive(name: str):
    found = read(printer("Clínica Äther").print(letter(first_name=name), ID, NOW))
    (to,) = found["To"].addresses
    assert to.display_name == name
    assert found["From"].addresses[0].display_name == "Clínica Äther"
    body = found.get_body(("plain",))
    assert body is not None
    assert f"Hello {name}," in body.get_content()


@given(st.text(max_size=80), st.sampled_from(["ana@example.org", "a.b+c@sub.example.org", '"odd name"@example.org']))
def test_whatever_is_typed_as_a_name_the_mail_is_whole_and_seven_bits(name: str, address: str):
    data = printer().print(with_file(letter(first_name=name, address=address)), ID, NOW)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b""), "no line end but that of mail"
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    found = read(data)
    assert [a.addr_spec for a in found["To"].addresses] == [address]
    assert {key.lower() for key in found} == {
        "subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    }  # fmt: skip


def test_the_same_row_is_printed_alike_and_another_is_not():
    ours = printer()
    assert ours.print(letter(), ID, NOW) == ours.print(letter(), ID, NOW)
    assert ours.print(letter(), ID, NOW) != ours.print(letter(), UUID(int=1), NOW)


def test_no_mail_loads_anything_from_anywhere():
    for folder in sorted((TEMPLATES / "emails").iterdir()):
        if folder.is_dir():
            html = (folder / "body.html").read_text()
            assert not re.search(r"src\s*=|url\(|@import|<link|<script|<img", html), folder.name
    assert not re.search(r"src\s*=|url\(|@import|<link|<script|<img", (TEMPLATES / "emails" / "base.html").read_text())
