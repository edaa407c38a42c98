"""All SQL of the audit trail and of status history."""

import json
from collections.abc import Sequence
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


_CHANGE = """INSERT INTO status_change (id, subject, subject_id, from_status, to_status, action, author_role,
    author_id, reason_enc, at, request_id)"""


def _values(subject: str, request_id: str, change: Change) -> tuple[UUID, tuple[object, ...]]:
    """The step's new id, and its other columns but the thing's id."""
    change_id = new_id()
    reason = crypto.seal_optional(change.reason, f"status_change.reason_enc:{change_id}")
    return change_id, (
        subject, change.from_status, change.to_status, change.action, change.author_role, change.author_id, reason,
        change.at, request_id,
    )  # fmt: skip


async def insert_change(scope: Scope, subject: str, subject_id: UUID, request_id: str, change: Change) -> None:
    """Append one step of a thing's history."""
    change_id, (first, *others) = _values(subject, request_id, change)
    await db.execute(
        f"{_CHANGE} VALUES ({{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}})",
        change_id, first, subject_id, *others,
    )  # fmt: skip


async def insert_changes(scope: Scope, subject: str, request_id: str, changes: Sequence[tuple[UUID, Change]]) -> None:
    """Append one step of the history of each of several things, in one statement."""
    rows = [(*_values(subject, request_id, change), subject_id) for subject_id, change in changes]
    columns = list(zip(*((change_id, subject_id, *values) for change_id, values, subject_id in rows), strict=True))
    await db.execute(
        f"""{_CHANGE} SELECT n.id, n.subject, n.subject_id, n.from_status, n.to_status, n.action, n.author_role,
            n.author_id, n.reason_enc, n.at, n.request_id
            FROM unnest({{}}::uuid[], {{}}::uuid[], {{}}::text[], {{}}::text[], {{}}::text[], {{}}::text[], {{}}::text[],
                {{}}::uuid[], {{}}::bytea[], {{}}::timestamptz[], {{}}::text[])
            n (id, subject_id, subject, from_status, to_status, action, author_role, author_id, reason_enc, at, request_id)""",
        *map(list, columns),
    )


async def insert_with(
    scope: Scope, statement: str, args: tuple[object, ...], subject: str, request_id: str, change: Change
) -> bool:
    """Run `statement`, which writes at most one row and RETURNs its id, and append the step if it wrote one."""
    change_id, values = _values(subject, request_id, change)
    found = await db.records(
        f"""WITH written AS ({statement})
            {_CHANGE} SELECT {{}}::uuid, {{}}, written.id, {{}}, {{}}, {{}}, {{}}, {{}}::uuid, {{}}::bytea,
            {{}}::timestamptz, {{}} FROM written RETURNING subject_id""",
        *args, change_id, *values,
    )  # fmt: skip
    return bool(found)


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
