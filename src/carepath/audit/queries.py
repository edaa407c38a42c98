"""All SQL of the audit trail and of status history."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit.rules import Event
from carepath.kit import crypto, db
from carepath.kit.actor import Scope
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a thing's history. `reason` is opened only where the caller may read it."""

    from_status: str | None
    to_status: str
    action: str
    author_role: str
    author_id: UUID | None
    reason: str | None
    at: datetime


async def insert_event(scope: Scope, event: Event, mac: bytes) -> None:
    """Append one signed row. Everybody's acts are recorded, so no scope is refused."""
    await db.execute(
        """INSERT INTO audit_event (id, at, actor_role, actor_id, action, subject, subject_id, patient_id,
           request_id, detail, mac) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})""",
        event.id, event.at, event.actor_role, event.actor_id, event.action, event.subject,
        event.subject_id, event.patient_id, event.request_id, json.dumps(event.detail), mac,
    )  # fmt: skip


async def events_after(scope: Scope, seq: int, limit: int) -> list[tuple[int, Event, bytes]]:
    """Signed rows in order of arrival, for verification: (seq, row, mac). System scope only sees them all."""
    if not scope.is_system:
        return []
    found = await db.rows("SELECT * FROM audit_event WHERE seq > {} ORDER BY seq LIMIT {}", seq, limit)
    return [
        (
            r["seq"],
            Event(r["id"], r["at"], r["actor_role"], r["actor_id"], r["action"], r["subject"], r["subject_id"],
                  r["patient_id"], r["request_id"], json.loads(r["detail"])),
            r["mac"],
        )
        for r in found
    ]  # fmt: skip


async def insert_change(scope: Scope, subject: str, subject_id: UUID, request_id: str, change: Change) -> None:
    """Append one step of a thing's history."""
    change_id = new_id()
    await db.execute(
        """INSERT INTO status_change (id, subject, subject_id, from_status, to_status, action, author_role,
           author_id, reason_enc, at, request_id) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})""",
        change_id, subject, subject_id, change.from_status, change.to_status, change.action, change.author_role,
        change.author_id, crypto.seal_optional(change.reason, f"status_change.reason_enc:{change_id}"), change.at,
        request_id,
    )  # fmt: skip


async def changes_of(scope: Scope, subject: str, subject_id: UUID) -> list[Change]:
    """A thing's history, oldest first. The caller has shown that the scope reaches the thing itself."""
    found = await db.rows(
        "SELECT * FROM status_change WHERE subject = {} AND subject_id = {} ORDER BY at, id", subject, subject_id
    )
    return [
        Change(r["from_status"], r["to_status"], r["action"], r["author_role"], r["author_id"],
               crypto.unseal_optional(r["reason_enc"], f"status_change.reason_enc:{r['id']}"), r["at"])
        for r in found
    ]  # fmt: skip
