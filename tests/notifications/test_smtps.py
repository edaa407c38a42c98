"""smtps://: encrypted from the first byte, or not at all."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from carepath import configuration
from carepath.dev.servers import free_port
from carepath.journey import tell
from carepath.notifications.smtp import Answer, Mail, Transport
from carepath.settings import Settings
from tests.faulty_smtp import Authority

MAIL = Mail("paula@mail.example", b"Subject: x\r\n\r\nsomething private\r\n")


class Kept:
    """What a server was given."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        return "250 kept"


@contextmanager
def serving(context: ssl.SSLContext) -> Iterator[tuple[Kept, int]]:
    kept, port = Kept(), free_port()
    controller = Controller(kept, hostname="localhost", port=port, ssl_context=context)
    controller.start()
    try:
        yield kept, port
    finally:
        controller.stop()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    found = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.file))
    return found


async def handed(settings: Settings, port: int) -> tuple[str, list[Answer]]:
    """Why there was no server to hand it to, and its answer."""
    clinic = configuration.load(settings.config_dir).clinic
    printer = tell.printer_of("https://clinic.example", clinic, settings.templates_dir, None)
    line = Transport(f"smtps://localhost:{port}", True, printer).line()
    problem = await line.connect()
    answers = [] if problem else (await line.send([MAIL], 5, 5)).answers
    line.hang_up()
    return problem, answers


async def test_a_mail_goes_through_a_line_that_is_safe(settings: Settings, authority: Authority):
    with serving(authority.context()) as (kept, port):
        problem, (answer,) = await handed(settings, port)
    assert (problem, answer.is_sent) == ("", True)
    assert kept.mails == [MAIL.data]


BAD: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "vouches for itself": lambda a: a.self_signed(),
    "has expired": lambda a: a.context(days=-3),
    "names another host": lambda a: a.context("mail.elsewhere.example"),
    "is signed by a stranger": lambda a: Authority(a.folder, "A stranger").context(),
}


@pytest.mark.parametrize("how", BAD)
async def test_nothing_is_said_to_a_server_whose_certificate_is_bad(how: str, settings: Settings, authority: Authority):
    with serving(BAD[how](authority)) as (kept, port):
        problem, answers = await handed(settings, port)
    assert "certificate" in problem
    assert (answers, kept.mails) == ([], [])


async def test_a_server_that_speaks_in_clear_is_not_spoken_to(settings: Settings, authority: Authority):
    kept, port = Kept(), free_port()
    controller = Controller(kept, hostname="localhost", port=port)
    controller.start()
    try:
        problem, answers = await handed(settings, port)
    finally:
        controller.stop()
    assert problem.startswith("the mail server cannot be used")
    assert (answers, kept.mails) == ([], [])
