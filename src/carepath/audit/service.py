"""Recording acts and reads, and checking that no row was altered."""

from datetime import datetime
from uuid import UUID

from carepath.audit import queries
from carepath.audit.rules import Event, canonical
from carepath.kit import crypto
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.ids import new_id

_PAGE = 1000


async def record(
    actor: Actor,
    action: str,
    subject: str,
    subject_id: UUID | None,
    now: datetime,
    *,
    patient_id: UUID | None = None,
    **detail: str | int | bool | None,
) -> None:
    """One row for one act or read, in the caller's transaction: if it cannot be written, nothing happens."""
    event = Event(
        new_id(), now, actor.role, actor.author_id, action, subject, subject_id, patient_id, actor.request_id, detail
    )
    await queries.insert_event(actor.scope, event, crypto.digest("audit", canonical(event)))


async def verify() -> tuple[bool, str]:
    """Check every row's signature. (True, how many) or (False, the first bad row)."""
    seq = count = 0
    while page := await queries.events_after(SYSTEM.scope, seq, _PAGE):
        for seq, event, mac in page:
            if not crypto.same(mac, crypto.digest("audit", canonical(event))):
                return False, f"audit row {seq} ({event.id}) does not match its signature"
            count += 1
    return True, f"{count} audit rows, every signature holds"
