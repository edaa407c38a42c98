"""A mailbox of which the server takes its time, or that is never open, delays nobody but its owner."""

import pytest

from tests.faults.house import House, until
from tests.faults.letters import Letter, all_sent_once, letters, stored
from tests.faulty_smtp import Fault

LONGEST = 15.0  # seconds for fifty mails to an honest server, on a slow machine


def arrived(house: House, some: list[Letter]) -> int:
    return sum(bool(stored(house.server, one)) for one in some)


BAD = {
    "always says 450": lambda to: Fault("rcpt", b"450 locked\r\n", to=to),
    "always says 421 and hangs up": lambda to: Fault("rcpt", b"421 go away\r\n", to=to, hangs_up="after"),
    "always hangs up after the mail": lambda to: Fault("body", to=to, hangs_up="instead"),
}


async def test_fifty_others_arrive_before_the_second_try_for_mailboxes_that_are_never_open(running: House):
    bad = await letters(len(BAD), "closed")
    faults = [make(one.address) for make, one in zip(BAD.values(), bad, strict=True)]
    with running.server.faults.during(*faults):
        others = await letters(50, "other")
        await until(lambda: arrived(running, others) == 50, "the others")
        last = max(mail.stored_at for one in others for mail in stored(running.server, one))
        assert max(sum(at < last for at in running.server.tries(one.address)) for one in bad) <= 1
    await all_sent_once(running.server, [*bad, *others])


SLOW = {
    "says nothing to the recipient": lambda to: Fault("rcpt", to=to, wait=60),
    "says nothing after the mail": lambda to: Fault("body", to=to, wait=60, stores=False),
    "says a letter in two seconds": lambda to: Fault("rcpt", b"250 in our own good time\r\n", to=to, drip=2),
}


@pytest.mark.parametrize(
    ("bad_at", "others_at"),
    [("slow.example", "quick.example"), ("", "quick.example"), ("many.example", "many.example")],
    ids=["of one mail domain", "of a mail domain each", "of the same mail domain as all others"],
)
async def test_fifty_others_do_not_wait_for_slow_mailboxes(running: House, bad_at: str, others_at: str):
    """The bad ones were due first. Half of all people have their mailboxes in one of three domains."""
    server = running.server
    bad = [one for name in ("first", "second", "third") for one in await letters(1, name, bad_at)]
    with server.faults.during(*(make(one.address) for make, one in zip(SLOW.values(), bad, strict=True))):
        others = await letters(50, "quick", others_at)
        try:
            await until(lambda: arrived(running, others) == 50, "the others", LONGEST + 5)
            first = min(at for one in bad for at in server.tries(one.address))
            assert max(mail.stored_at for one in others for mail in stored(server, one)) - first < LONGEST
        finally:
            server.refuse()
            server.listen()
    await all_sent_once(server, [*bad, *others], 30)
