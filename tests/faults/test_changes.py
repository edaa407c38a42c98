"""A message that had to wait says nothing that has become untrue meanwhile."""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count, islice
from uuid import UUID

import pytest

from carepath.accounts import service as accounts
from carepath.accounts.people import NewPatient
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from tests import cast
from tests.faults.house import House, until
from tests.faults.letters import Letter, State, hurry, letters, settled, states, stored, tried
from tests.faulty_smtp import Fault

IN_HAND = 1.5  # seconds: what was looked at a second ago is being handed over and cannot be called back
_names = count()


@pytest.fixture(scope="module")
async def desk(house: House) -> cast.Staff:
    """Who moves and cancels; with a provider to book."""
    house.open_at(weekday=1, hour=17)
    await cast.provider()
    return await cast.coordinator()


async def patients(number: int) -> dict[UUID, str]:
    """Their addresses by their ids."""
    found = {}
    for name in (f"visitor{n}@visitor{n}.example" for n in islice(_names, number)):
        new = NewPatient(name, "Vera", "Summer", cast.date(1975, 4, 23), "CO", "America/Denver")
        found[await accounts.ensure_patient(new, clock.now())] = name
    return found


async def booked(whom: Sequence[UUID]) -> list[Appointment]:
    """A visit for each, some days ahead, an hour and more apart."""
    now, first = clock.now(), (clock.now() + timedelta(days=5)).date()
    offers = await scheduling.search(
        SYSTEM, "evaluation", "CO", now, first, first + timedelta(days=9), "America/Denver"
    )
    starts = [offer for n, offer in enumerate(offers) if n % 8 == 0]
    return [
        await book.book_for(SYSTEM, who, offer.practitioner_id, "evaluation", offer.start_at, now)
        for who, offer in zip(whom, starts, strict=False)
    ]


async def about(visit: Appointment, address: str, kind: str = "") -> list[Letter]:
    """The messages of a visit that are due, of one kind or all."""
    rows = await db.rows(
        "SELECT id FROM message WHERE subject_id = {} AND due_at <= {} AND kind LIKE {} ORDER BY subject_version, id",
        visit.id, clock.now(), f"{kind}%",
    )  # fmt: skip
    return [Letter(row["id"], address, visit.patient_id) for row in rows]


async def ends(visit: Appointment, address: str) -> list[State]:
    """How every due message of a visit has ended."""
    return list((await settled(await about(visit, address))).values())


def refusing(addresses: Sequence[str]) -> list[Fault]:
    return [Fault("rcpt", b"450 not now\r\n", to=address) for address in addresses]


async def test_only_the_truth_leaves_when_a_mailbox_opens_again(running: House, desk: cast.Staff):
    whom = await patients(3)
    faults = refusing(list(whom.values()))
    with running.server.faults.during(*faults):
        moved, cancelled, kept = visits = await booked(list(whom))
        to = {visit.id: whom[visit.patient_id] for visit in visits}
        await until(lambda: all(running.server.tries(address) for address in whom.values()), "the first tries")
        there = moved.start_at + timedelta(days=1)
        await book.move(desk.actor, moved.id, moved.practitioner_id, there, clock.now())
        await book.cancel(desk.actor, cancelled.id, "the provider is ill", clock.now())
    assert [s.status for s in await ends(moved, to[moved.id])] == ["superseded", "sent"]
    assert [s.status for s in await ends(cancelled, to[cancelled.id])] == ["superseded", "sent"]
    assert [s.status for s in await ends(kept, to[kept.id])] == ["sent"]
    arrived = {visit.id: [mail.parsed for mail in running.server.to(to[visit.id])] for visit in visits}
    assert [len(mails) for mails in arrived.values()] == [1, 1, 1]
    invites = [part.get_content() for [mail] in arrived.values() for part in mail.walk() if part.get_filename()]
    assert [(b"SEQUENCE:1" in file, b"METHOD:CANCEL" in file) for file in invites] == [
        (True, False), (True, True), (False, False),
    ]  # fmt: skip
    assert f"{there:%Y%m%dT%H%M}".encode() in invites[0]


async def test_no_reminder_leaves_after_the_visit_has_begun(running: House, desk: cast.Staff):
    whom = await patients(1)
    [address] = whom.values()
    [visit] = await booked(list(whom))
    assert [s.status for s in await ends(visit, address)] == ["sent"]
    with running.server.faults.during(*refusing([address])):
        clock.travel(visit.start_at - timedelta(minutes=30) - clock.now())
        await until(lambda: len(running.server.tries(address)) >= 3, "the reminders to be tried")
        clock.travel(timedelta(minutes=31))
        await until(lambda: running.server.is_quiet(0.5), "what was begun before to be over")
    found = await ends(visit, address)
    assert [s.kind for s in found if s.is_sent] == ["consult-booked"]
    assert {s.status for s in found} <= {"sent", "failed", "skipped", "superseded"}
    assert all(len(s.reason) > 10 for s in found if not s.is_sent)
    assert len(running.server.to(address)) == 1


async def test_no_reminder_leaves_after_the_visit_has_begun_while_a_slow_server_works(running: House, desk: cast.Staff):
    """The visit begins between the claim of a batch and the turn of its reminders."""
    whom = await patients(1)
    [address] = whom.values()
    [visit] = await booked(list(whom))
    assert [s.status for s in await ends(visit, address)] == ["sent"]
    slow = Fault("rcpt", wait=0.3)
    with running.server.faults.during(slow):
        running.server.refuse()
        clock.travel(visit.start_at - timedelta(minutes=30) - clock.now())
        before = await letters(15, "before")
        running.server.listen()
        await hurry([*before, *await about(visit, address)])
        await until(lambda: running.server.faults.times(slow) >= 1, "the first to be handed over")
        clock.travel(timedelta(minutes=31))
        begun_at = time.monotonic()
        await ends(visit, address)
    assert [mail for mail in running.server.to(address) if mail.begun_at > begun_at + IN_HAND] == []


async def test_what_is_cancelled_while_a_slow_server_works_is_not_sent(running: House, desk: cast.Staff):
    """One batch, handed over slowly: letters written long before they leave would tell of visits that are no more."""
    whom = await patients(8)
    slow, cancelled_at = Fault("rcpt", wait=0.4), dict[str, float]()
    with running.server.faults.during(slow):
        running.server.refuse()
        visits = await booked(list(whom))
        told = [one for visit in visits for one in await about(visit, whom[visit.patient_id])]
        running.server.listen()
        await hurry(told)
        await until(lambda: running.server.faults.times(slow) >= 1, "the first to be handed over")
        for visit in visits:
            await book.cancel(desk.actor, visit.id, "the provider is ill", clock.now())
            cancelled_at[whom[visit.patient_id]] = time.monotonic()
        for visit in visits:
            await ends(visit, whom[visit.patient_id])
    mails = [mail for one in told for mail in stored(running.server, one)]
    assert [mail for mail in mails if mail.begun_at > cancelled_at[mail.recipients[0]] + IN_HAND] == []
    assert len(mails) < len(told)
    found = [state.status for state in (await states(told)).values()]
    assert found.count("sent") == len(mails)
    assert set(found) == {"sent", "superseded"}


async def test_a_temporary_refusal_ends_when_the_message_is_of_no_more_use(running: House, desk: cast.Staff):
    whom = await patients(1)
    [address] = whom.values()
    with running.server.faults.during(*refusing([address])):
        [visit] = await booked(list(whom))
        [one] = await about(visit, address)
        await tried(running.server, one, 3)
        clock.travel(visit.start_at + timedelta(minutes=1) - clock.now())
        [state] = (await settled([one])).values()
        known = len(running.server.tries(address))
    assert state.status in {"failed", "skipped"}
    assert len(state.reason) > 10
    await hurry([one])
    assert len(running.server.tries(address)) == known
