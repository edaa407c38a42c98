"""Whom coordinators are to call: who, by which number, since when; not a word of why they are treated."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound

_MOST = 200


@dataclass(frozen=True, slots=True)
class CallRow:
    """Somebody to call. Their answers were wanted at `late_since`; nobody was reached `tries` times."""

    call_id: UUID
    patient_id: UUID
    name: str
    phone: str | None
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
               p.phone_enc, p.zone
           FROM patient_call c JOIN patient p ON p.id = c.patient_id
           WHERE c.status = 'requested' ORDER BY c.due_at, c.id LIMIT {}""",
        _MOST,
    )
    return [
        CallRow(
            r["id"], r["patient_id"],
            " ".join(crypto.unseal(r[f"{part}_name_enc"], f"patient.{part}_name_enc:{r['patient_id']}") for part in ("first", "last")),
            crypto.unseal_optional(r["phone_enc"], f"patient.phone_enc:{r['patient_id']}"), r["zone"], r["late_since"],
            r["due_at"], r["tries"], r["tried_at"],
        )
        for r in found
    ]  # fmt: skip


async def due(scope: Scope, now: datetime) -> int:
    """How many are to be made by now."""
    if scope.role is not Role.COORDINATOR:
        raise NotFound
    found = await db.row("SELECT count(*) AS n FROM patient_call WHERE status = 'requested' AND due_at <= {}", now)
    assert found is not None
    return int(found["n"])
