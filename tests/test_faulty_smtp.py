"""The misbehaving mail server behaves where it is not told otherwise, and misbehaves exactly as told."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faulty_smtp import Authority, Fault, FaultySmtp, faulty_smtp

TEXT = "Message-ID: <1@test>\r\nSubject: hello\r\n\r\n.dot\r\nend"


@pytest.fixture
def server() -> Iterator[FaultySmtp]:
    with faulty_smtp() as found:
        yield found


def client(server: FaultySmtp) -> smtplib.SMTP:
    return smtplib.SMTP("localhost", server.port, "us", timeout=5)


def pipelined(server: FaultySmtp, *commands: str) -> list[str]:
    """Send all after EHLO in one packet; answers the lines that come until QUIT's."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as line:
        file = line.makefile("rb")
        file.readline()
        line.sendall(b"EHLO us\r\n")
        while file.readline()[3:4] == b"-":
            pass
        line.sendall("".join(f"{command}\r\n" for command in commands).encode())
        return [found.decode().strip() for found in file]


def test_a_mail_is_kept_as_it_was_sent(server: FaultySmtp):
    with client(server) as smtp:
        assert smtp.sendmail("a@us.example", ["b@there.example"], TEXT) == {}
        smtp.sendmail("a@us.example", ["c@there.example"], TEXT)
    [mail, second] = server.mails
    assert mail.content.decode().rstrip() == TEXT
    assert (mail.message_id, mail.sender, mail.recipients) == ("1@test", "a@us.example", ("b@there.example",))
    assert [(m.connection, m.place) for m in (mail, second)] == [(1, 1), (1, 2)]
    assert server.dialogues[0].ended == "quit"
    assert server.dialogues[0].misdeeds == []


def test_commands_in_one_packet_are_answered_in_their_order(server: FaultySmtp):
    server.faults.add(Fault("rcpt", b"550 no\r\n", to="no@x.example"))
    whom = ("RCPT TO:<no@x.example>", "RCPT TO:<b@x.example>")
    said = pipelined(server, "MAIL FROM:<a@us.example>", *whom, "RSET", "QUIT")
    assert [line[:3] for line in said] == ["250", "550", "250", "250", "221"]


def test_some_recipients_are_refused_and_the_others_get_it(server: FaultySmtp):
    server.faults.add(Fault("rcpt", b"550 no\r\n", to="no@x.example"))
    with client(server) as smtp:
        refused = smtp.sendmail("a@us.example", ["no@x.example", "yes@x.example"], TEXT)
    assert refused == {"no@x.example": (550, b"no")}
    assert server.mails[0].recipients == ("yes@x.example",)


def test_pipelining_where_it_is_not_offered_is_hung_up_on(server: FaultySmtp):
    server.offers = frozenset({"8BITMIME"})
    said = pipelined(server, "MAIL FROM:<a@us.example>", "RCPT TO:<b@x.example>")
    assert said == ["554 synchronization error"]
    assert server.dialogues[0].misdeeds == ["did not wait for the answer to MAIL"]


def test_greylisting_is_once_for_each(server: FaultySmtp):
    server.faults.add(Fault("rcpt", b"450 later\r\n", times=1, each=True))
    with client(server) as smtp:
        for address in ("b@x.example", "c@x.example"):
            with pytest.raises(smtplib.SMTPRecipientsRefused, match="450"):
                smtp.sendmail("a@us.example", [address], TEXT)
        smtp.sendmail("a@us.example", ["B@x.example"], TEXT)
    assert [mail.recipients for mail in server.mails] == [("B@x.example",)]
    assert len(server.tries("b@x.example")) == 2


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (Fault("data", hangs_up="instead"), 0),
        (Fault("content", hangs_up="instead"), 0),
        (Fault("body", hangs_up="instead"), 0),
        (Fault("body", hangs_up="instead", stores=True), 1),
        (Fault("mail", b"421 closing\r\n", hangs_up="after"), 0),
    ],
)
def test_connections_break_where_they_should(server: FaultySmtp, fault: Fault, stored: int):
    server.faults.add(fault)
    with pytest.raises((smtplib.SMTPException, OSError)), client(server) as smtp:
        smtp.sendmail("a@us.example", ["b@x.example"], TEXT * 1000)
    assert len(server.mails) == stored
    assert server.dialogues[0].ended == "we hung up"
    assert server.faults.times(fault) == 1


def test_nobody_is_there_and_then_somebody_is(server: FaultySmtp):
    server.refuse()
    with pytest.raises(ConnectionRefusedError):
        client(server)
    server.listen()
    with client(server) as smtp:
        assert smtp.noop()[0] == 250


def test_tls_with_good_and_bad_certificates(server: FaultySmtp, tmp_path: Path):
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=str(authority.file))
    for bad in (authority.self_signed(), authority.context("elsewhere.example"), authority.context(days=-2)):
        server.tls = bad
        with client(server) as smtp, pytest.raises(ssl.SSLError):
            smtp.starttls(context=trusting)
    server.tls = authority.context()
    server.wants_sign_in = ("clinic", "secret")
    with client(server) as smtp:
        smtp.starttls(context=trusting)
        smtp.login("clinic", "secret")
        smtp.sendmail("a@us.example", ["b@x.example"], TEXT)
    assert server.mails[0].is_encrypted
    assert b"hello" not in server.dialogues[-1].in_clear
    assert server.dialogues[-1].misdeeds == []
