"""In production nothing is said in clear. Until the server is mended, messages wait and say why."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote_plus

import pytest

from carepath.kit import clock
from tests.faults.house import House
from tests.faults.letters import Letter, all_sent_once, letters, states, stored
from tests.faulty_smtp import Authority, Dialogue, Fault, FaultySmtp

ACCOUNT = ("clinic@mail.example", "a pass word/with signs")
HARMLESS = {"EHLO", "HELO", "STARTTLS", "QUIT", "RSET", "NOOP"}


@pytest.fixture(scope="module")
async def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
async def production(house: House, authority: Authority) -> AsyncIterator[House]:
    """A worker as a clinic runs it, which signs in to its mail server and trusts one authority."""
    server, [name, password] = house.server, map(quote_plus, ACCOUNT)
    mend(server, authority)
    clock.reset()  # production follows no other time
    house.kill(*house.alive("worker"))
    await house.staff(
        workers=1, beats=1, CAREPATH_ENV="production", PUBLIC_BASE_URL="https://clinic.example", SSL_CERT_FILE=str(authority.file),
        SMTP_URL=f"smtp://{name}:{password.replace('+', '%20')}@localhost:{server.port}",
    )  # fmt: skip
    yield house
    house.kill(*house.alive("worker"))
    server.tls = server.wants_sign_in = None


def is_not_offered(server: FaultySmtp, authority: Authority) -> None:
    server.tls = None


def is_refused(server: FaultySmtp, authority: Authority) -> None:
    server.faults.add(Fault("starttls", b"454 TLS not available\r\n"))


def is_refused_for_good(server: FaultySmtp, authority: Authority) -> None:
    server.faults.add(Fault("starttls", b"502 what?\r\n"))


def is_no_tls(server: FaultySmtp, authority: Authority) -> None:
    server.faults.add(Fault("handshake"))


def vouches_for_itself(server: FaultySmtp, authority: Authority) -> None:
    server.tls = authority.self_signed()


def has_expired(server: FaultySmtp, authority: Authority) -> None:
    server.tls = authority.context(days=-3)


def names_another_host(server: FaultySmtp, authority: Authority) -> None:
    server.tls = authority.context("mail.elsewhere.example")


def is_signed_by_a_stranger(server: FaultySmtp, authority: Authority) -> None:
    server.tls = Authority(authority.folder, "A stranger").context()


def does_not_know_our_password(server: FaultySmtp, authority: Authority) -> None:
    server.wants_sign_in = ("somebody", "else")


BROKEN = {
    how.__name__: how
    for how in (
        is_not_offered, is_refused, is_refused_for_good, is_no_tls, vouches_for_itself, has_expired, names_another_host,
        is_signed_by_a_stranger, does_not_know_our_password,
    )
}  # fmt: skip


def mend(server: FaultySmtp, authority: Authority) -> None:
    server.faults.lift()
    server.tls, server.wants_sign_in = authority.context(), ACCOUNT


async def reasons(some: list[Letter]) -> list[str]:
    """Why they wait, once the database says so of each; nothing when that does not come."""
    for _tick in range(100):
        found = list((await states(some)).values())
        if all(state.status == "queued" and state.reason for state in found):
            return [state.reason for state in found]
        await asyncio.sleep(0.1)
    return []


@dataclass(frozen=True)
class Line:
    """What was seen while the line was not safe: dialogues, why messages waited, and what was sent all the same."""

    dialogues: list[Dialogue]
    letters: list[Letter]
    reasons: list[str]
    leaked: int


@pytest.fixture(scope="module")
async def lines(production: House, authority: Authority) -> dict[str, Line]:
    """One danger after the other, each with messages of its own; then the server is mended."""
    server, found = production.server, {}
    for name, how in BROKEN.items():
        first = len(server.dialogues)
        how(server, authority)
        try:
            some = await letters(3, "line")
            why = await reasons(some)
            leaked = sum(len(stored(server, one)) for one in some)
            found[name] = Line(server.dialogues[first:], some, why, leaked)
        finally:
            mend(server, authority)
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_nothing_crosses_a_line_that_is_not_safe(lines: dict[str, Line], name: str):
    line = lines[name]
    assert line.dialogues
    assert line.leaked == 0
    assert [talk.tried for talk in line.dialogues if talk.tried] == []
    assert line.reasons
    assert min(len(why) for why in line.reasons) > 15


@pytest.mark.parametrize("name", BROKEN)
def test_the_reason_is_in_words(lines: dict[str, Line], name: str):
    assert [reason for reason in lines[name].reasons if re.search(r"[a-z]Error\b|SMTP[A-Z]", reason)] == []


CERTIFICATES = ["vouches_for_itself", "has_expired", "names_another_host", "is_signed_by_a_stranger"]


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_bad_certificate_is_called_one(lines: dict[str, Line], name: str):
    """Whoever has to mend the server looks there."""
    assert [reason for reason in lines[name].reasons if "certificate" not in reason.lower()] == []


@pytest.mark.parametrize("name", BROKEN)
def test_whoever_listens_learns_of_no_mail_and_no_password(lines: dict[str, Line], name: str):
    """What is sent in clear stops before the first word about anybody, also where the line became safe later."""
    for talk in lines[name].dialogues:
        clear = talk.in_clear.splitlines()
        words = clear if is_all_clear(talk) else clear[: clear.index(b"STARTTLS") + 1]
        assert {word.split(b" ")[0].upper().decode() for word in words} <= HARMLESS
        assert talk.misdeeds == []


def is_all_clear(talk: Dialogue) -> bool:
    """Whether no handshake was ever begun: then every byte is a command."""
    return not any(b"220 go on" in said.text for said in talk.said)


async def test_all_leaves_once_the_server_is_mended(production: House, lines: dict[str, Line]):
    some = [one for line in lines.values() for one in line.letters]
    await all_sent_once(production.server, some)
    assert all(mail.is_encrypted for one in some for mail in stored(production.server, one))
    assert [talk.misdeeds for talk in production.server.dialogues if talk.misdeeds] == []
