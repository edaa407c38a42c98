"""A server that is of no use to anybody for a while: every message waits, none is blamed, all leave afterwards."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.faults.house import House, until
from tests.faults.letters import Letter, all_sent_once, letters, settled, states, stored, tally, unexcused
from tests.faulty_smtp import Fault
from tests.faulty_smtp.server import EVERYTHING

WAITING = {
    "421 as its greeting": Fault("banner", b"421 closing\r\n", hangs_up="after"),
    "554 as its greeting": Fault("banner", b"554 no service here\r\n"),
    "no greeting but bytes": Fault("banner", b"\x16\x03\x01 what?\r\n"),
    "hangs up instead of a greeting": Fault("banner", hangs_up="instead"),
    "421 to EHLO": Fault("ehlo", b"421 closing\r\n", hangs_up="after"),
    "421 to every sender": Fault("mail", b"421 too busy\r\n", hangs_up="after"),
    "452 to every sender": Fault("mail", b"452 disk full\r\n"),
    "451 to every DATA": Fault("data", b"451 no room\r\n"),
    "530 to every sender, for we did not sign in": Fault("mail", b"530 5.7.0 authentication required\r\n"),
}


@dataclass(frozen=True)
class Wait:
    """What was seen while the server was of no use."""

    letters: list[Letter]
    states: set[str]
    reasons: list[str]
    stored: int
    times: int


async def told(some: list[Letter]) -> list[str]:
    """Why they wait, once the database says so of one of them; nothing when none waits any more."""
    for _tick in range(100):
        found = list((await states(some)).values())
        reasons = [state.reason for state in found if state.status == "queued" and state.reason]
        if reasons or not {"queued", "sending"} & {state.status for state in found}:
            return reasons
        await asyncio.sleep(0.1)
    return []


@pytest.fixture(scope="module")
async def waits(house: House) -> dict[str, Wait]:
    """One after the other, each with messages of its own."""
    house.open_at(weekday=1, hour=17)
    await house.staff()
    server, found = house.server, {}
    for name, fault in WAITING.items():
        with server.faults.during(fault):
            some = await letters(5, "wait")
            reasons = await told(some)
            kept = sum(len(stored(server, one)) for one in some)
            found[name] = Wait(some, set(await tally(some)), reasons, kept, server.faults.times(fault))
    return found


@pytest.mark.parametrize("name", WAITING)
def test_messages_wait_for_a_server_that_is_of_no_use(waits: dict[str, Wait], name: str):
    wait = waits[name]
    assert wait.times >= 1
    assert wait.stored == 0
    assert wait.states <= {"queued", "sending"}
    assert wait.reasons
    assert min(len(reason) for reason in wait.reasons) > 10


@pytest.mark.parametrize("name", WAITING)
def test_the_reason_is_in_words(waits: dict[str, Wait], name: str):
    assert [reason for reason in waits[name].reasons if re.search(r"[a-z]Error\b|SMTP[A-Z]", reason)] == []


@pytest.mark.parametrize("name", WAITING)
async def test_all_of_them_leave_afterwards(house: House, waits: dict[str, Wait], name: str):
    await all_sent_once(house.server, waits[name].letters)


@contextmanager
def nobody_there(house: House) -> Iterator[None]:
    house.server.refuse()
    try:
        yield
    finally:
        house.server.listen()


async def test_messages_wait_while_nobody_listens(running: House):
    with nobody_there(running):
        some = await letters(5, "refused")
        assert await told(some)
        assert set(await tally(some)) <= {"queued", "sending"}
    await all_sent_once(running.server, some)


async def test_an_outage_in_the_middle_of_the_work_costs_only_time(running: House):
    slow = Fault("rcpt", wait=0.1)
    with running.server.faults.during(slow):
        some = await letters(40, "outage")
        await until(lambda: len(stored_of(running, some)) >= 5, "the first to leave")
        with nobody_there(running):
            await asyncio.sleep(0.5)
            assert 5 <= len(stored_of(running, some)) < 40
    assert {state.status for state in (await settled(some)).values()} == {"sent"}
    assert len(stored_of(running, some)) == 40
    assert unexcused(running.server, some) == []


def stored_of(house: House, some: list[Letter]) -> list[Letter]:
    return [one for one in some if stored(house.server, one)]


async def test_an_old_and_slow_server_gets_plain_seven_bits(running: House):
    """No EHLO, no extension, one command at a time, and a pause before every word at the beginning."""
    old = (Fault("banner", wait=1.5), Fault("ehlo", b"502 what?\r\n", wait=0.5), Fault("helo", wait=0.5))
    running.server.offers = frozenset()
    try:
        with running.server.faults.during(*old):
            some = await letters(5, "old")
            await all_sent_once(running.server, some)
    finally:
        running.server.offers = EVERYTHING
    mails = [mail for one in some for mail in stored(running.server, one)]
    assert {mail.content.isascii() for mail in mails} == {True}
    assert max(len(line) for mail in mails for line in mail.content.splitlines()) <= 998
    assert {mail.parameters for mail in mails} == {""}
    assert {str(mail.parsed["To"]).partition(" ")[0] for mail in mails} == {"Zoë"}
    assert [talk.misdeeds for talk in running.server.dialogues if talk.misdeeds] == []


@pytest.mark.parametrize("offers", [EVERYTHING, frozenset({"PIPELINING"}), EVERYTHING - {"PIPELINING"}])
async def test_whatever_a_server_offers_the_mails_arrive(running: House, offers: frozenset[str]):
    running.server.offers = offers
    try:
        await all_sent_once(running.server, await letters(5, "offers"))
    finally:
        running.server.offers = EVERYTHING
    assert [talk.misdeeds for talk in running.server.dialogues if talk.misdeeds] == []


async def test_a_server_that_hangs_up_on_quit_has_everything(running: House):
    with running.server.faults.during(Fault("quit", hangs_up="instead")):
        some = await letters(5, "quit")
        await all_sent_once(running.server, some)
        await asyncio.sleep(1.5)
    await all_sent_once(running.server, some)
