"""A mailbox of which the server takes its time, or that is never open, delays nobody but its owner."""

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


async def test_fifty_others_do_not_wait_for_slow_mailboxes(running: House):
    """The bad ones were due first. Nobody waits for even one of them as long as its first try may last."""
    server, bad = running.server, await letters(len(SLOW), "slow")
    with server.faults.during(*(make(one.address) for make, one in zip(SLOW.values(), bad, strict=True))):
        others = await letters(50, "quick")
        try:
            await until(lambda: arrived(running, others) == 50, "the others", LONGEST + 5)
            last = max(mail.stored_at for one in others for mail in stored(server, one))
            first = min(at for one in bad for at in server.tries(one.address))
            assert max(sum(at < last for at in server.tries(one.address)) for one in bad) <= 1
            assert last - first < LONGEST
        finally:
            server.refuse()
            server.listen()
    await all_sent_once(server, [*bad, *others], 30)
