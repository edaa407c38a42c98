"""The search of test_privacy finds what it is for: a marker, however it is written down, wherever it is put."""

import base64
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from carepath.kit.ids import new_id
from carepath.notifications import calendar
from carepath.notifications.calendar import Entry, Organizer
from carepath.notifications.mail import Letter, Printer
from carepath.notifications.wording import Wording
from carepath.settings import ROOT
from tests.notifications.privacy.markers import Field, Markers, in_json, spellings
from tests.notifications.privacy.planting import Column, unknown
from tests.notifications.privacy.search import Own, found_in, leaks, leaks_of_mail

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
OWN = Own(Field("patient.first_name_enc", "1"), Field("patient.email_enc", "1"))
OTHER = Field("patient.last_name_enc", "1")
ORGANIZER = Organizer("The Clinic", "care@clinic.example")


@pytest.fixture
def markers() -> Markers:
    made = Markers()
    for field in (OWN.name, OWN.address, OTHER):
        made.new(field)
    return made


def printed(markers: Markers, own: Path, summary: str = "Visit", **parts: str) -> bytes:
    """A mail in a clinic's own wording, which says what it should not in the parts that are given, or the summary of
    its calendar file."""
    folder = own / "consult-booked"
    folder.mkdir(exist_ok=True)
    for part, text in {"subject.txt": "Visit", "body.txt": "Hello", "body.html": "<p>Hello</p>", **parts}.items():
        (folder / part).write_text(text)
    printer = Printer(Wording(ROOT / "templates", own, "The Clinic", "1"), "The Clinic", ORGANIZER.email, "localhost")
    return printer.print(letter(markers, summary), new_id(), NOW)


def letter(markers: Markers, summary: str) -> Letter:
    address = f"{markers.of(OWN.address.column, 1)}@mail.example"
    entry = Entry("1@localhost", 0, NOW, NOW, False, NOW, summary, "http://localhost/home")
    file = calendar.invite(entry, ORGANIZER, address, NOW)
    context = {"leak": markers.of(OTHER.column, 1)}
    name = markers.of(OWN.name.column, 1)
    return Letter(address, name, "consult-booked", name, "UTC", context, "http://localhost", file, "REQUEST")


def places(markers: Markers, raw: bytes) -> set[str]:
    """Where something was found that has no business there, apart from the look at all bytes."""
    found = leaks_of_mail(markers, "mail", raw, OWN)
    assert {leak.field for leak in found} <= {OWN.name, OWN.address, OTHER}
    return {leak.place for leak in found} - {"mail, bytes"}


def test_a_mail_that_shows_what_it_may_is_no_leak(markers: Markers, tmp_path: Path):
    own = markers.of(OWN.name.column, 1)
    raw = printed(markers, tmp_path, **{"body.txt": "Hello {{ first_name }}", "body.html": "<p>{{ first_name }}</p>"})
    assert own.encode() in raw
    assert leaks_of_mail(markers, "mail", raw, OWN) == []


@pytest.mark.parametrize(("part", "place"), [("body.txt", "mail, text/plain"), ("body.html", "mail, text/html")])
def test_a_value_is_found_across_the_soft_line_breaks_of_quoted_printable(
    markers: Markers, tmp_path: Path, part: str, place: str
):
    whole = 0
    for before in range(60, 76):
        raw = printed(markers, tmp_path, **{part: "é" + "x" * (before - 6) + "{{ leak }}"})
        assert places(markers, raw) == {place}
        assert found_in(markers, raw.decode("latin-1")) >= {OTHER}
        whole += markers.of(OTHER.column, 1).encode() in raw
    assert whole < 8, "most of these were broken in two"


@pytest.mark.parametrize("letter", ["a", "ü", "a "])
def test_a_value_is_found_in_folded_and_encoded_headers(markers: Markers, tmp_path: Path, letter: str):
    for before in range(30, 76):
        raw = printed(markers, tmp_path, **{"subject.txt": letter * (before // len(letter)) + "{{ leak }}"})
        assert places(markers, raw) == {"mail, Subject"}


def test_a_value_is_found_in_calendar_files_across_folded_lines(markers: Markers, tmp_path: Path):
    for before in range(40, 80):
        raw = printed(markers, tmp_path, "x" * before + markers.of(OTHER.column, 1))
        assert places(markers, raw) == {"mail, text/calendar", "mail, application/ics"}
        assert OTHER in found_in(markers, raw.decode("latin-1"))


def test_ones_own_name_and_address_are_leaks_everywhere_else(markers: Markers, tmp_path: Path):
    name, address = (markers.of(one.column, 1) for one in (OWN.name, OWN.address))
    mail = EmailMessage()
    mail["Subject"], mail["To"] = f"For {name}", f"{name} <{address}@mail.example>"
    mail["X-For"] = f"{address}@mail.example"
    mail.set_content(f"Hello {name}, we write to {address}@mail.example")
    assert places(markers, mail.as_bytes()) == {"mail, Subject", "mail, X-For", "mail, text/plain"}
    assert {leak.field for leak in leaks_of_mail(markers, "mail", mail.as_bytes(), None)} == {OWN.name, OWN.address}


def test_a_value_is_found_in_what_logs_and_brokers_make_of_it(markers: Markers):
    marker = markers.of(OTHER.column, 1)
    body = base64.b64encode(f'[["{marker}"], {{}}, {{}}]'.encode()).decode()
    for text in (
        f"[ERROR] Key (name)=({marker}) exists",
        marker.upper(),
        f'1.2 [0 127.0.0.1:1] "LPUSH" "carepath" "{{\\"body\\": \\"{body}\\", \\"id\\": 1}}"',
        f'"{base64.b64encode(body.encode()).decode()}"',
        f"x{base64.urlsafe_b64encode(('ÿþ' + marker).encode()).decode()}",
        f"\\x{marker.encode().hex()}",
        "".join(f"={byte:02X}" for byte in marker.encode()),
    ):  # fmt: skip
        assert found_in(markers, text) == {OTHER}, text
    assert leaks(markers, "log", marker, OTHER) == []


def test_a_date_is_found_in_every_spelling_and_in_no_longer_number():
    markers = Markers()
    on = date.fromisoformat(markers.birth(OTHER))
    assert len(spellings(on)) > 10
    for spelled in spellings(on):
        assert found_in(markers, f"born {spelled}.") == {OTHER}
    assert found_in(markers, f"1{on:%Y%m%d}") == set()
    assert found_in(markers, f"born in {on.year}") == set()


def test_what_people_wrote_is_marked_in_json_and_what_readers_rely_on_is_not():
    before = (
        '{"status": "completed", "item": [{"linkId": "a", "answer": [{"valueString": "pain"}, {"valueInteger": 3}]}]}'
    )
    assert in_json(before, "M") == (
        '{"status": "completed", "item": [{"linkId": "a", "answer": [{"valueString": "pain M"}, {"valueInteger": 3}]}], '
        '"marker": "M"}'
    )
    assert in_json('[["Question", "Answer"]]', "M") == '[["Question M", "Answer M"]]'


def test_a_column_of_which_nobody_has_decided_is_named():
    def column(table: str, name: str, kind: str) -> Column:
        return Column(table, name, kind, "id", "uuid")

    known = [
        column("patient", "email_enc", "bytea"),
        column("message", "reason", "text"),
        column("patient", "id", "uuid"),
    ]
    assert unknown(known) == []
    fresh = [column("patient", "diary_enc", "bytea"), column("patient", "nickname", "text")]
    assert unknown([*known, *fresh]) == ["patient.diary_enc", "patient.nickname"]
