"""Whom coordinators are to call: who, by which number, since when; not a word of why they are treated."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound

_MOST = 200


@dataclass(frozen=True, slots=True)
class CallRow:
    """Somebody to call, or to write to where no number is known. Their answers were wanted at `late_since`; nobody was reached `tries` times."""

    call_id: UUID
    patient_id: UUID
    name: str
    phone: str | None
    email: str
    zone: str
    late_since: datetime
    due_at: datetime
    tries: int
    tried_at: datetime | None


async def calls(scope: Scope) -> list[CallRow]:
    """All of them, those that are due longest first."""
    if scope.role is not Role.COORDINATOR:
        raise NotFound
    found = await db.rows(
        """SELECT c.id, c.patient_id, c.late_since, c.due_at, c.tries, c.tried_at, p.first_name_enc, p.last_name_enc,
               p.phone_enc, p.email_enc, p.zone
           FROM patient_call c JOIN patient p ON p.id = c.patient_id
           WHERE c.status = 'requested' ORDER BY c.due_at, c.id LIMIT {}""",
        _MOST,
    )
    return [_row(r) for r in found]


def _row(r: dict[str, Any]) -> CallRow:
    who = r["patient_id"]
    first, last, email = (
        crypto.unseal(r[f"{part}_enc"], f"patient.{part}_enc:{who}") for part in ("first_name", "last_name", "email")
    )
    phone = crypto.unseal_optional(r["phone_enc"], f"patient.phone_enc:{who}")
    return CallRow(
        r["id"],
        who,
        f"{first} {last}",
        phone,
        email,
        r["zone"],
        r["late_since"],
        r["due_at"],
        r["tries"],
        r["tried_at"],
    )


async def due(scope: Scope, now: datetime) -> int:
    """How many are to be made by now."""
    if scope.role is not Role.COORDINATOR:
        raise NotFound
    found = await db.row("SELECT count(*) AS n FROM patient_call WHERE status = 'requested' AND due_at <= {}", now)
    assert found is not None
    return int(found["n"])
