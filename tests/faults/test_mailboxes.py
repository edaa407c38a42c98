"""What a server says of one mail concerns that mail alone: all of these are under way at the same time."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from carepath.kit import db
from tests.faults.house import House, until
from tests.faults.letters import Letter, State, all_sent_once, hurry, letter, letters, settled, states, stored
from tests.faulty_smtp import Fault

Make = Callable[[str], Fault]


def says(stage: str, code: str, words: str = "not now", **more: object) -> Make:
    """An answer that names the person, as real servers do."""
    return lambda to: Fault(stage, f"{code} <{to}> Zoe Winter {words}\r\n".encode(), to=to, times=1, **more)  # type: ignore[arg-type]


def breaks(stage: str, **more: object) -> Make:
    """The server hangs up without an answer."""
    return lambda to: Fault(stage, hangs_up="instead", to=to, times=1, **more)  # type: ignore[arg-type]


def babbles(stage: str, text: bytes, **more: object) -> Make:
    """An answer that is none."""
    return lambda to: Fault(stage, text, to=to, times=1, **more)  # type: ignore[arg-type]


LATER = {
    "450 to the recipient": says("rcpt", "450"),
    "451 to the recipient": says("rcpt", "451"),
    "452 to the recipient": says("rcpt", "452"),
    "421 to the recipient, and hangs up": says("rcpt", "421", hangs_up="after"),
    "greylisted three times": lambda to: Fault("rcpt", b"450 4.7.1 greylisted\r\n", to=to, times=3, each=True),
    "451 to DATA": says("data", "451"),
    "421 to DATA, and hangs up": says("data", "421", hangs_up="after"),
    "450 after the mail": says("body", "450"),
    "452 after the mail": says("body", "452"),
    "421 after the mail, and hangs up": says("body", "421", hangs_up="after"),
    "hangs up on the recipient": breaks("rcpt"),
    "hangs up before DATA": breaks("data"),
    "hangs up amid the mail": breaks("content"),
    "hangs up after the mail and keeps nothing": breaks("body"),
    "no answer but bytes to the recipient": babbles("rcpt", b"\xff\xfe\x00 nonsense\r\n"),
    "an empty line to the recipient": babbles("rcpt", b"\r\n"),
    "no answer but bytes to DATA": babbles("data", b"nonsense\r\n"),
    "no answer but bytes after the mail, nothing kept": babbles("body", b"nonsense\r\n", stores=False),
    "a code that cannot be understood": babbles("rcpt", b"999 who knows\r\n"),
    "full for twelve tries": lambda to: Fault("rcpt", b"452 4.2.2 mailbox full\r\n", to=to, times=12),
}
AT_ONCE = {
    "251 for the recipient": says("rcpt", "251"),
    "two hundred lines for the recipient": lambda to: Fault(
        "rcpt", b"250-and\r\n" * 200 + b"250 so on\r\n", to=to, times=1
    ),
    "slow to the recipient": lambda to: Fault("rcpt", to=to, times=1, wait=1.0),
    "slow to DATA": lambda to: Fault("data", to=to, times=1, wait=1.0),
    "slow after the mail": lambda to: Fault("body", to=to, times=1, wait=1.0),
    "drips to the recipient": says("rcpt", "250", drip=0.02),
    "drips after the mail": says("body", "250", drip=0.02, stores=True),
}
EITHER = {"an endless line for the recipient": babbles("rcpt", b"250 " + b"x" * 20_000 + b"\r\n")}
FINAL = {
    "550 to the recipient": says("rcpt", "550"),
    "553 to the recipient": says("rcpt", "553"),
    "554 to DATA": says("data", "554"),
    "550 after the mail": says("body", "550"),
    "552 after the mail": says("body", "552"),
}
PERHAPS_TWICE = {
    "hangs up after the mail and keeps it": breaks("body", stores=True),
    "no answer but bytes after the mail, kept": babbles("body", b"nonsense\r\n", stores=True),
    "an endless line after the mail, kept": babbles("body", b"250 " + b"x" * 20_000 + b"\r\n", stores=True),
    "half an answer after the mail, kept": babbles("body", b"25", stores=True, hangs_up="after"),
}
ALL = LATER | AT_ONCE | EITHER | FINAL | PERHAPS_TWICE


@dataclass(frozen=True)
class Round:
    """How it ended, by the name of the fault."""

    house: House
    letters: dict[str, Letter]
    states: dict[str, State]
    bystanders: list[Letter]
    poison: Letter

    def copies(self, name: str) -> int:
        return len(stored(self.house.server, self.letters[name]))

    def tries(self, name: str) -> int:
        return len(self.house.server.tries(self.letters[name].address))


@pytest.fixture(scope="module")
async def after(house: House) -> Round:
    """Everything happens once, to a mail each, among others to whom nothing happens."""
    house.open_at(weekday=1, hour=17)
    await house.staff()
    house.server.refuse()
    sent = {name: await letter(f"box{number}@round.example") for number, name in enumerate(ALL)}
    poison, bystanders = await letter("poison@round.example"), await letters(15, "bystander", "round.example")
    await db.execute("UPDATE patient SET email_enc = 'broken' WHERE id = {}", poison.patient_id)
    house.server.faults.add(*(make(sent[name].address) for name, make in ALL.items()))
    house.server.listen()
    found = await settled([*sent.values(), *bystanders], 40)
    house.server.faults.lift()
    return Round(house, sent, {name: found[one.id] for name, one in sent.items()}, bystanders, poison)


@pytest.mark.parametrize("name", LATER)
async def test_a_passing_fault_costs_time_and_nothing_else(after: Round, name: str):
    assert after.states[name].status == "sent"
    assert after.copies(name) == 1
    assert after.tries(name) >= 2


@pytest.mark.parametrize("name", AT_ONCE)
async def test_what_is_merely_odd_is_no_fault(after: Round, name: str):
    assert after.states[name].status == "sent"
    assert after.copies(name) == 1
    assert after.tries(name) == 1


@pytest.mark.parametrize("name", EITHER)
async def test_nonsense_is_understood_or_tried_again_but_never_final(after: Round, name: str):
    assert after.states[name].status == "sent"
    assert after.copies(name) == 1


@pytest.mark.parametrize("name", FINAL)
async def test_a_refusal_for_good_is_final_and_says_its_code(after: Round, name: str):
    assert after.states[name].status == "failed"
    assert after.copies(name) == 0
    assert after.tries(name) == 1
    assert re.search(rf"\b{name[:3]}\b", after.states[name].reason)


@pytest.mark.parametrize("name", PERHAPS_TWICE)
async def test_a_lost_answer_repeats_the_same_mail_and_loses_none(after: Round, name: str):
    one = after.letters[name]
    assert after.states[name].status == "sent"
    assert 1 <= after.copies(name) <= 2
    assert len({mail.message_id for mail in after.house.server.to(one.address)}) == 1


async def test_nobody_else_notices(after: Round):
    await all_sent_once(after.house.server, after.bystanders)


async def test_every_message_has_one_message_id_of_its_own(after: Round):
    some = [one for name, one in after.letters.items() if after.states[name].is_sent] + after.bystanders
    ids = [{mail.message_id for mail in after.house.server.to(one.address)} for one in some]
    assert {len(each) for each in ids} == {1}
    assert len(set.union(*ids)) == len(some)


async def test_what_cannot_be_written_is_put_aside_with_a_reason(after: Round):
    for _tick in range(50):
        [state] = (await states([after.poison])).values()
        if state.reason:
            break
        await hurry([after.poison])
        await asyncio.sleep(0.2)
    assert state.status in {"queued", "failed", "stopped"}
    assert len(state.reason) > 10
    assert after.house.server.to(after.poison.address) == []


async def test_no_answer_of_a_server_brings_a_name_into_the_database(after: Round):
    found = await db.rows("SELECT reason FROM message WHERE reason LIKE '%@%' OR reason ILIKE '%winter%'")
    assert found == []


async def test_a_mailbox_that_was_refused_gets_its_next_message(after: Round):
    again = await letter(after.letters["550 to the recipient"].address)
    await until(lambda: len(stored(after.house.server, again)) == 1, "the next message")


async def test_our_side_of_every_dialogue_is_honest(after: Round):
    assert [talk.misdeeds for talk in after.house.server.dialogues if talk.misdeeds] == []
