"""All SQL over calls that a coordinator is asked to make. They say nothing of why but that a check-in waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.followups.check_in_queries import CheckIn, reach
from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody is to be called. `late_since` is when their answers were wanted; nobody was reached `tries` times."""

    id: UUID
    patient_id: UUID
    check_in_id: UUID
    status: str
    opened_at: datetime
    due_at: datetime
    late_since: datetime
    tries: int
    tried_at: datetime | None
    done_at: datetime | None
    note: str | None


def _call(r: dict[str, Any]) -> Call:
    return Call(
        r["id"], r["patient_id"], r["check_in_id"], r["status"], r["opened_at"], r["due_at"], r["late_since"],
        r["tries"], r["tried_at"], r["done_at"], crypto.unseal_optional(r["note_enc"], f"patient_call.note_enc:{r['id']}"),
    )  # fmt: skip


def _reach(scope: Scope) -> str:
    return "true" if scope.is_system or scope.role is Role.COORDINATOR else "false"


async def insert(scope: Scope, found: CheckIn, now: datetime) -> UUID | None:
    """A call about this check-in; None when there was one."""
    row = await db.row(
        """INSERT INTO patient_call (id, patient_id, check_in_id, status, opened_at, due_at, late_since)
           VALUES ({}, {}, {}, 'requested', {}, {}, {}) ON CONFLICT (check_in_id) DO NOTHING RETURNING id""",
        new_id(), found.patient_id, found.id, now, now, found.due_at,
    )  # fmt: skip
    return row["id"] if row else None


async def get(scope: Scope, call_id: UUID) -> Call:
    """One call, locked. NotFound when absent or out of reach."""
    found = await db.row(f"SELECT * FROM patient_call WHERE id = {{}} AND {_reach(scope)} FOR UPDATE", call_id)
    if found is None:
        raise NotFound
    return _call(found)


async def of_check_ins(scope: Scope, ids: Sequence[UUID]) -> list[Call]:
    """Open calls about these check-ins, locked."""
    found = await db.rows(
        f"""SELECT * FROM patient_call WHERE check_in_id = ANY({{}}) AND status = 'requested' AND {_reach(scope)}
            ORDER BY id FOR UPDATE""",
        list(ids),
    )
    return [_call(r) for r in found]


async def of_check_in(scope: Scope, check_in_id: UUID) -> Call | None:
    """The call about a check-in of somebody in reach: a provider reads what came of it."""
    condition, args = reach(scope)
    found = await db.row(
        f"""SELECT p.* FROM patient_call p JOIN (SELECT id FROM check_in WHERE id = {{}} AND {condition}) c
            ON c.id = p.check_in_id""",
        check_in_id, *args,
    )  # fmt: skip
    return _call(found) if found else None


async def waits_for(scope: Scope, patient_id: UUID) -> bool:
    """Is this patient to be called? They may know it of themselves."""
    if not scope.is_system and scope.patient_id != patient_id:
        return False
    return bool(
        await db.rows("SELECT 1 FROM patient_call WHERE patient_id = {} AND status = 'requested' LIMIT 1", patient_id)
    )


async def complete(scope: Scope, call_id: UUID, note: str, by: UUID, now: datetime) -> None:
    """They were called; the row is locked by the caller."""
    await db.execute(
        "UPDATE patient_call SET status = 'completed', done_at = {}, done_by = {}, note_enc = {} WHERE id = {}",
        now, by, crypto.seal(note, f"patient_call.note_enc:{call_id}"), call_id,
    )  # fmt: skip


async def try_again(scope: Scope, call_id: UUID, due_at: datetime, now: datetime) -> None:
    """Nobody was reached; the row is locked by the caller."""
    await db.execute(
        "UPDATE patient_call SET tries = tries + 1, tried_at = {}, due_at = {} WHERE id = {}", now, due_at, call_id
    )


async def cancel(scope: Scope, ids: Sequence[UUID]) -> None:
    """Nobody needs to be called any more; the rows are locked by the caller."""
    await db.execute("UPDATE patient_call SET status = 'cancelled' WHERE id = ANY({})", list(ids))
