"""Messages that are due, and what became of them by the mail server and by the database."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import NewPatient
from carepath.kit import clock, db
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from tests.faulty_smtp import FaultySmtp, Mail

FINAL = {"sent", "failed", "skipped", "superseded", "stopped"}
_numbers = count(1)


@dataclass(frozen=True)
class Letter:
    """A message row and the address that it goes to."""

    id: UUID
    address: str
    patient_id: UUID


@dataclass(frozen=True)
class State:
    """What the database says of a message."""

    status: str
    reason: str
    attempts: int
    kind: str
    is_sent: bool


async def letters(number: int, name: str, at: str = "") -> list[Letter]:
    """`number` messages that are due, to as many new patients, all in one mail domain: by itself one of their own."""
    domain = at or f"{name}{next(_numbers)}.example"
    return [await letter(f"{name}{next(_numbers)}@{domain}") for _ in range(number)]


async def letter(address: str) -> Letter:
    """A message that is due."""
    now, subject = clock.now(), new_id()
    new = NewPatient(address, "Zoë", "Winter", date(1975, 4, 23), "CO", "America/Denver")
    patient_id = await accounts.ensure_patient(new, now)
    await notifications.enqueue("sign-in", "patient", patient_id, "sign-in", subject, 1, now, now)
    found = await db.row("SELECT id FROM message WHERE subject_id = {}", subject)
    assert found is not None
    return Letter(found["id"], address, patient_id)


async def states(some: Iterable[Letter]) -> dict[UUID, State]:
    """As the database has them."""
    found = await db.rows(
        "SELECT id, status, reason, attempts, kind, sent_at FROM message WHERE id = ANY({}::uuid[])",
        [one.id for one in some],
    )
    return {
        row["id"]: State(row["status"], row["reason"], row["attempts"], row["kind"], row["sent_at"] is not None)
        for row in found
    }


async def tally(some: Iterable[Letter]) -> dict[str, int]:
    """How many are in which state."""
    found = [state.status for state in (await states(some)).values()]
    return {status: found.count(status) for status in set(found)}


async def hurry(some: Iterable[Letter]) -> None:
    """Time passes for those that wait to be tried again, and for them alone."""
    now = clock.now()
    await db.execute(
        """UPDATE message SET next_try_at = {} WHERE id = ANY({}::uuid[]) AND status = 'queued' AND due_at <= {}
           AND next_try_at > {}""",
        now, [one.id for one in some], now, now,
    )  # fmt: skip


async def end_leases() -> None:
    """What killed workers held is free again, as it is after a minute. Only where no worker is alive."""
    await db.execute("UPDATE message SET lease_until = {} WHERE status = 'sending'", clock.wall())


async def settled(some: Sequence[Letter], seconds: float = 20.0, *, hurried: bool = True) -> dict[UUID, State]:
    """All of them once each has come to its end."""
    end = time.monotonic() + seconds
    while True:
        found = await states(some)
        if all(state.status in FINAL for state in found.values()):
            return found
        assert time.monotonic() < end, f"after {seconds} s: {[s for s in found.values() if s.status not in FINAL]}"
        if hurried:
            await hurry(some)
        await asyncio.sleep(0.2)


async def tried(server: FaultySmtp, one: Letter, times: int, seconds: float = 20.0) -> None:
    """Let time pass for it until its server was asked so often."""
    end = time.monotonic() + seconds
    while len(server.tries(one.address)) < times:
        assert time.monotonic() < end, f"{len(server.tries(one.address))} tries in {seconds} s"
        await hurry([one])
        await asyncio.sleep(0.1)


def stored(server: FaultySmtp, one: Letter) -> list[Mail]:
    """Every copy that the server keeps of it."""
    return [mail for mail in server.to(one.address) if mail.message_id.startswith(one.id.hex)]


async def all_sent_once(server: FaultySmtp, some: Sequence[Letter], seconds: float = 20.0) -> None:
    """Each is sent, by the database and by the server, one time."""
    found = await settled(some, seconds)
    assert {state.status for state in found.values()} == {"sent"}
    assert [len(stored(server, one)) for one in some] == [1] * len(some)


def unexcused(server: FaultySmtp, some: Iterable[Letter]) -> list[str]:
    """Repeats for which no lost answer is to blame: all copies but the newest must be the last that the server
    stored on a connection that broke."""
    found = []
    for one in some:
        for mail in stored(server, one)[:-1]:
            talk = server.dialogues[mail.connection - 1]
            if talk.ended == "quit" or talk.stored != mail.place:
                found.append(one.address)
    return found
