"""Message rows, written as the product's verbs write them: one for every kind, and those that cannot be sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from carepath.notifications.rules.kinds import KINDS
from tests.faulty_smtp import Fault, FaultySmtp
from tests.notifications.privacy.markers import Markers
from tests.notifications.privacy.subjects import Subject, account, one

Made = dict[str, UUID]  # messages, by kind or by trouble

# What becomes of each trouble: its state, what the row says, and after how many tries.
OUTCOMES = {
    "no-such-mailbox": ("failed", "the mail server refused it with 550", 1),
    "greylisted": ("sent", "", 2),
    "refused-content": ("failed", "the mail server refused it with 554", 1),
    "answer-lost": ("sent", "", 2),
    "sealed-elsewhere": ("queued", "cannot be written: WrongKey", 2),
    "beyond-ascii": ("failed", "the address cannot be written in a mail", 1),
    "too-late": ("skipped", "its time has passed", 1),
    "changed-since": ("superseded", "the visit has changed since", 1),
    "switched-off": ("skipped", "this account is switched off", 1),
    "unwanted": ("skipped", "the recipient does not want it", 1),
}  # fmt: skip


async def order(kind: str, subject: Subject, now: datetime, until: datetime | None = None) -> UUID:
    """One message, written anew where the clinic's past or its worker has done so already."""
    known, key = KINDS[kind], (kind, subject.recipient_id, subject.id, subject.version)
    this = "kind = {} AND recipient_id = {} AND subject_id = {} AND subject_version = {}"
    await db.execute(f"DELETE FROM message WHERE {this}", *key)
    await notifications.enqueue(
        kind, known.recipient, subject.recipient_id, known.subject, subject.id, subject.version, now, now, until
    )
    return UUID(str((await one(f"SELECT id FROM message WHERE {this}", *key))["id"]))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Orders what cannot be sent. `due` is what can, whose recipients are left alone."""

    markers: Markers
    server: FaultySmtp
    due: Mapping[str, Subject]
    now: datetime

    async def make(self) -> Made:
        """All of it: by addresses and mail servers, then by what has changed since."""
        spare = iter(await self._spare())
        made: Made = {}
        for name, fault in _FAULTS.items():
            made[name], whom = await self._link(spare)
            words = (self.markers.of(f"patient.{part}_enc", whom) for part in ("email", "last_name"))
            self.server.faults.add(fault(*words))
        made["sealed-elsewhere"], whom = await self._link(spare)
        await self._reseal(whom, "{}@mail.example", "elsewhere")
        made["beyond-ascii"], whom = await self._link(spare)
        await self._reseal(whom, "{}@bücher.example", "patient.email_enc")
        made["too-late"], _whom = await self._link(spare, self.now - timedelta(minutes=1))
        return made | {
            "changed-since": await self._changed_since(),
            "switched-off": await self._switched_off(),
            "unwanted": await self._unwanted(),
        }

    async def _spare(self) -> list[UUID]:
        taken = [subject.recipient_id for subject in self.due.values()]
        rows = await db.rows("SELECT id FROM patient WHERE id <> ALL({}) ORDER BY id LIMIT 7", taken)
        return [UUID(str(r["id"])) for r in rows]

    async def _link(self, spare: Iterator[UUID], until: datetime | None = None) -> tuple[UUID, UUID]:
        """A link to sign in, and for whom."""
        whom = next(spare)
        return await order("sign-in", Subject(new_id(), whom), self.now, until), whom

    async def _reseal(self, whom: UUID, text: str, place: str) -> None:
        address = text.format(self.markers.of("patient.email_enc", whom))
        sealed = crypto.seal(address, f"{place}:{whom}")
        await db.execute("UPDATE patient SET email_enc = {} WHERE id = {}", sealed, whom)

    async def _changed_since(self) -> UUID:
        visit = self.due["consult-booked"]
        return await order("consult-booked", Subject(visit.id, visit.recipient_id, visit.version - 1), self.now)

    async def _switched_off(self) -> UUID:
        admin = await account(Role.ADMIN)
        await db.execute("UPDATE account SET is_active = false WHERE id = {}", admin)
        return await order("break-glass-notice", Subject(new_id(), admin), self.now)

    async def _unwanted(self) -> UUID:
        provider = await account(Role.PROVIDER)
        await db.execute(
            "INSERT INTO unwanted_mail (id, recipient_kind, recipient_id, kind, created_at) VALUES ({}, {}, {}, {}, {})",
            new_id(), "account", provider, "staff-digest", self.now,
        )  # fmt: skip
        return await order("staff-digest", Subject(provider, provider), self.now)


def _quoting(code: bytes, **more: Any) -> Callable[[str, str], Fault]:
    """A server that quotes the address and, as it knows its mailboxes, the name of whose it is."""

    def fault(address: str, name: str) -> Fault:
        to = f"{address}@mail.example"
        return Fault(reply=b"%b <%b> (%b) not now\r\n" % (code, to.encode(), name.encode()), to=to, **more)

    return fault


_FAULTS: dict[str, Callable[[str, str], Fault]] = {
    "no-such-mailbox": _quoting(b"550 5.1.1", stage="rcpt"),
    "greylisted": _quoting(b"451 4.7.1", stage="rcpt", times=1),
    "refused-content": _quoting(b"554 5.6.0", stage="body", stores=True),
    "answer-lost": _quoting(b"250", stage="body", stores=True, hangs_up="instead", times=1),
}


async def settled(made: Made) -> bool:
    """Whether nothing more will happen soon. What cannot be written is tried for hours; twice will do."""
    rows = await db.rows("SELECT id, status, attempts FROM message WHERE id = ANY({})", list(made.values()))
    waits = made["sealed-elsewhere"]
    return all(r["status"] not in {"queued", "sending"} or (r["id"] == waits and r["attempts"] > 1) for r in rows)
