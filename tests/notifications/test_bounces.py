"""Delivery reports: what every mail server writes is understood; whatever else is handed in is refused, and soon."""

import base64
import time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath.kit.errors import Invalid
from carepath.notifications.rules import bounces
from carepath.notifications.rules.bounces import Report
from tests.notifications.reports import HEADERS, PER_MESSAGE, mail, multipart, recipient, report

HOST, OURS = "clinic.example", UUID("0190c0000000700080000000000000a1")
ID = f"{OURS.hex}@{HOST}"
MAIL = mail(ID)
OTHER = f"{'0' * 31}2@{HOST}"


def read(raw: bytes) -> Report:
    return bounces.read(raw, HOST)


def refusal(raw: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read(raw)
    assert set(refused.value.fields) == {bounces.FIELD}
    return refused.value.fields[bounces.FIELD]


@pytest.mark.parametrize(
    ("action", "status", "found"),
    [
        ("failed", "5.1.1", ("failed", "5.1.1")),
        ("Failed (expired)", "4.4.7", ("failed", "4.4.7")),
        ("failed", "5.1.1 (bad destination mailbox address)", ("failed", "5.1.1")),
        ("failed", "5.000.000", ("failed", "5.0.0")),
        ("delayed", "4.4.1", ("delayed", "4.4.1")),
        ("relayed", "2.1.5", ("delivered", "2.1.5")),
        ("expanded", "2.0.0", ("delivered", "2.0.0")),
        ("delivered", "2.0.0", ("delivered", "2.0.0")),
    ],
)
def test_what_became_of_a_mail(action: str, status: str, found: tuple[str, str]):
    assert read(report(MAIL, recipient(action, status))) == Report(OURS, *found)


@pytest.mark.parametrize("returned", ["message/rfc822", "message/global", HEADERS, "message/global-headers"])
def test_the_mail_is_known_by_what_is_returned_of_it(returned: str):
    assert read(report(MAIL, returned=returned)).message_id == OURS


@pytest.mark.parametrize("name", ["Original-Message-ID", "X-Original-Message-ID"])
def test_or_by_what_the_report_says_it_is_about(name: str):
    assert read(report("", about=f"{PER_MESSAGE}{name}: <{ID}>\r\n", returned=None)).message_id == OURS


@pytest.mark.parametrize("name", ["In-Reply-To", "References"])
def test_or_by_what_it_is_an_answer_to(name: str):
    top = f"{name}: <one@mail.example>\r\n <{ID}>\r\n"
    assert read(report("", returned=None, top=top)).message_id == OURS


def test_what_is_returned_counts_before_what_it_is_an_answer_to():
    assert read(report(MAIL, top=f"References: <{OTHER}>\r\n")).message_id == OURS


def test_line_ends_of_any_kind_and_a_line_of_a_mailbox_before_it():
    raw = report(MAIL)
    for same in (raw.replace(b"\r\n", b"\n"), b"\n\n" + raw, b"From MAILER-DAEMON Tue Nov 24 10:00:00 2026\r\n" + raw):
        assert read(same) == Report(OURS, "failed", "5.1.1")


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_a_report_that_was_forwarded_as_an_attachment(encoding: str):
    inner = report(MAIL).decode()
    body = inner if encoding == "7bit" else base64.encodebytes(inner.encode()).decode()
    attached = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    outer = multipart("Content-Type: text/plain\r\n\r\nSee below.", attached, kind="mixed", boundary="outer")
    assert read(outer.encode()).message_id == OURS


def test_one_that_lost_its_end_on_the_way():
    raw = report(MAIL)
    assert read(raw[: raw.rindex(b"--b1--")]).message_id == OURS


def test_an_address_that_stands_for_several_came_back_only_from_all():
    failed, delayed = recipient(), recipient("delayed", "4.4.1")
    assert read(report(MAIL, failed, failed)).outcome == "failed"
    assert read(report(MAIL, failed, delayed)).outcome == "delayed"
    assert read(report(MAIL, failed, delayed, recipient("delivered", "2.0.0"))).outcome == "delivered"


REFUSED = {
    "nothing": (b"", "Content-Type"),
    "plain words": (b"It came back, sorry.", "Content-Type"),
    "an out-of-office answer": (
        f"In-Reply-To: <{ID}>\r\nContent-Type: text/plain\r\n\r\nAway.".encode(), "Content-Type"),
    "a report without its report": (multipart("Content-Type: text/plain\r\n\r\nSorry.").encode(), "Content-Type"),
    "no boundary": (b"Content-Type: multipart/report\r\n\r\n--\r\n", "boundary"),
    "no recipient": (report(MAIL, ""), "Action"),
    "no Action": (report(MAIL, recipient().replace("Action", "Reaction")), "Action"),
    "two Actions": (report(MAIL, recipient(more="Action: delayed\r\n")), "Action"),
    "another Action": (report(MAIL, recipient("exploded")), "Action"),
    "no Status": (report(MAIL, recipient().replace("Status", "Stature")), "Status"),
    "a Status of words": (report(MAIL, recipient(status="bad")), "Status"),
    "a Status of two numbers": (report(MAIL, recipient(status="5.1")), "Status"),
    "a Status of four numbers": (report(MAIL, recipient(status="5.1.1.1")), "Status"),
    "a Status of another class": (report(MAIL, recipient(status="3.1.1")), "Status"),
    "a Status of other digits": (report(MAIL, recipient(status="٥.١.١")), "Status"),
    "failed but arrived": (report(MAIL, recipient("failed", "2.0.0")), "Status"),
    "nothing returned": (report("", returned=None), "Message-ID"),
    "somebody else's mail": (report(mail("one@mail.example")), "not ours"),
    "our name, another's host": (report(mail(f"{OURS.hex}@mail.example")), "not ours"),
    "a host that only ends like ours": (report(mail(f"{OURS.hex}@evil.{HOST}")), "not ours"),
    "our host, another's name": (report(mail(f"nobody@{HOST}")), "not ours"),
    "two of ours": (report(mail(f"{ID}> <{OTHER}")), "several"),
    "too many recipients": (report(MAIL, *[recipient()] * 21), "Final-Recipient"),
    "too long a header": (report(MAIL, recipient(f"failed{' ' * 9000}(x)")), "Action"),
    "too long a Message-ID": (report(mail("x" * 9000 + "@" + HOST)), "Message-Id"),
    "too long a Content-Type": (b"Content-Type: multipart/report; x=" + b";" * 9000 + b"\r\n\r\n", "Content-Type"),
    "too many headers": (b"X: y\r\n" * 5000 + b"\r\n", "headers"),
    "too many parts": (multipart(*["X: y\r\n\r\n"] * 300).encode(), "parts"),
    "not base64": (
        report(MAIL).replace(b"status\r\n\r\n", b"status\r\nContent-Transfer-Encoding: base64\r\n\r\nA"), "base64"),
    "too large": (report(MAIL) + b"x" * bounces.MOST_BYTES, "at most"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_whatever_it_lacks_is_named(name: str):
    raw, word = REFUSED[name]
    assert word in refusal(raw)


def nested(levels: int, kind: str = "mixed") -> bytes:
    """A multipart in a multipart in a multipart."""
    heads = (f"Content-Type: multipart/{kind}; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return "".join(heads).encode()[: bounces.MOST_BYTES]


BOMBS = {
    "deep": nested(10_000),
    "deep with one boundary": (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 10_000)[: bounces.MOST_BYTES],
    "mails in mails": (b"Content-Type: message/rfc822\n\n" * 9_000)[: bounces.MOST_BYTES],
    "a header without end": b"Content-Type: " + b"x" * 199_000,
    "folded without end": b"Subject: a" + b"\n b" * 60_000,
    "empty lines": b"Content-Type: message/delivery-status\n" + b"\n \n" * 60_000,
    "comments": b"Content-Type: multipart/report; boundary=" + b"(" * 190_000,
    "quotes": b'Content-Type: multipart/report; boundary="' + b'\\"' * 90_000,
    "dashes": b"Content-Type: multipart/report; boundary=-\n\n" + b"--" * 90_000 + b"\n---\n" * 5,
    "colons": b":" * 199_000,
    "groups": report(MAIL, *["\r\n \r\n" * 60_000])[: bounces.MOST_BYTES],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name: str):
    begun = time.process_time()
    with pytest.raises(Invalid):
        read(BOMBS[name])
    assert time.process_time() - begun < 1


PIECES = st.sampled_from([
    b"\r\n", b"\n", b"--b1", b"--b1--", b"--", b": ", b"Content-Type: ", b"multipart/report; boundary=b1\n\n--b1\n",
    b"message/delivery-status\n\n", b"message/rfc822\n\n", b"Action: failed\n", b"Status: 5.1.1\n", b"Message-ID: <", b">",
    ID.encode(), b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n", b"=", b"\x00", b"\xff",
    b";", b'"', b" ", b"\t", b"charset*0*=utf-8''%ff", b"boundary*=x'y'z",
])  # fmt: skip


def understood(raw: bytes) -> bool:
    """A report; or refused in words beside the field, and in no other way."""
    try:
        return isinstance(read(raw), Report)
    except Invalid as refused:
        return bool(refused.fields[bounces.FIELD]) and len(refused.fields) == 1


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=40))
def test_anything_is_a_report_or_refused(pieces: list[bytes]):
    assert understood(b"".join(pieces))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_true_report_that_was_damaged_is_understood_or_refused(data: st.DataObject):
    raw = bytearray(report(MAIL))
    for _cut in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(raw)))
        raw[begin : begin + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=8))
    assert understood(bytes(raw))
