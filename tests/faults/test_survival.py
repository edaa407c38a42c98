"""Workers, the broker and beats die or fall silent: every message is stored, once. There are two beats all along.

A repeat is excused only where the server stored a mail on a connection that broke before its answer was heard.
"""

import asyncio
import os
import signal
from collections.abc import Sequence

from tests.faults.house import House, until
from tests.faults.letters import Letter, all_sent_once, end_leases, letter, letters, settled, stored, unexcused
from tests.faulty_smtp import Fault

WORK = Fault("rcpt", wait=0.04)  # so that a load lasts


def arrived(house: House, some: Sequence[Letter]) -> int:
    return sum(bool(stored(house.server, one)) for one in some)


async def go_on(house: House) -> None:
    """Ticks still come: what was on its way before is over, and something new leaves."""
    await until(lambda: house.server.is_quiet(1.0), "a pause")
    await all_sent_once(house.server, await letters(3, "afterwards"), 10)


async def test_a_broker_killed_under_load_and_started_again(running: House):
    """Three times, for what ends a worker depends on what it was about to say. No process of ours ends with it."""
    names, some = running.alive("worker") + running.alive("beat"), list[Letter]()
    with running.server.faults.during(WORK):
        for _time in range(3):
            fresh = await letters(20, "broker")
            await until(lambda fresh=fresh: arrived(running, fresh) >= 2, "the first mails")
            running.broker.signal(signal.SIGKILL)
            some += [*fresh, *await letters(10, "broker")]
            await asyncio.sleep(0.5)
            running.broker.start()
            await until(lambda: running.broker.listeners() >= 2, "both workers to listen again", 45)
        await all_sent_once(running.server, some, 15)
    await go_on(running)
    assert running.alive("worker") + running.alive("beat") == names


async def test_a_broker_flushed_again_and_again_under_load(running: House):
    with running.server.faults.during(WORK):
        some = []
        for _time in range(8):
            some += await letters(6, "flushed")
            running.broker.talk.flushall()
            await asyncio.sleep(0.2)
        await all_sent_once(running.server, some, 10)
    await go_on(running)


async def test_a_broker_that_falls_silent_under_load(running: House):
    with running.server.faults.during(WORK):
        some = await letters(40, "silent")
        await until(lambda: arrived(running, some) >= 5, "the first mails")
        running.broker.signal(signal.SIGSTOP)
        try:
            some += await letters(20, "silent")
            await asyncio.sleep(3.0)
        finally:
            running.broker.signal(signal.SIGCONT)
        await all_sent_once(running.server, some, 15)
    await go_on(running)


async def test_workers_and_beats_killed_in_the_middle_of_their_mails(running: House):
    """A worker's children, it, the other one, the beats. A fresh worker does nothing until there is a beat again."""
    server, known = running.server, len(running.server.dialogues)
    first, second = running.alive("worker")
    some, unheard = await letters(49, "killed"), Fault("body", to="never@heard.example", wait=30, stores=True, times=1)
    with server.faults.during(unheard, WORK):
        await until(lambda: arrived(running, some) >= 5, "the first mails")
        for child in running.children(first):
            os.kill(child.pid, signal.SIGKILL)
        some += [await letter("never@heard.example"), *await letters(10, "more")]
        await until(lambda: server.faults.times(unheard) == 1, "the other worker, or fresh children, to go on")
        running.kill(first)
        await asyncio.sleep(0.3)
        running.kill(second, *running.alive("beat"))
        left = 60 - arrived(running, some)
        assert left > 0, "the load was too small"
        await end_leases()
        await running.staff(workers=1, beats=0)
        await asyncio.sleep(1.0)
        assert 60 - arrived(running, some) == left
        await running.staff(workers=1, beats=1)
        assert {state.status for state in (await settled(some, 30)).values()} == {"sent"}
    assert arrived(running, some) == 60
    assert unexcused(server, some) == []
    broken = [talk for talk in server.dialogues[known:] if talk.ended == "they hung up"]
    assert len(broken) >= 1
    assert sum(len(stored(server, one)) for one in some) <= 60 + len(broken)
    assert server.faults.times(unheard) == 1


async def test_workers_told_to_end_finish_what_they_have_in_their_hands(running: House):
    """SIGTERM, as every deployment sends it: nobody waits for the end of a lease, and nothing is repeated."""
    server, names = running.server, running.alive("worker")
    some = await letters(40, "told-to-end")
    with server.faults.during(WORK):
        await until(lambda: arrived(running, some) >= 3, "the first mails")
        for name in names:
            running.processes[name].terminate()
        await until(lambda: not set(names) & set(running.alive("worker")), "both workers to end", 30)
        await running.staff()
        await all_sent_once(server, some, 20)
    assert all(len(stored(server, one)) == 1 for one in some)
