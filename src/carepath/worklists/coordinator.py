"""What a coordinator needs of patients to book for them: who, where, and how far; no answer, score or decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound

_MOST = 500


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as the calendar knows them. `is_bookable` once their answers are in."""

    patient_id: UUID
    name: str
    jurisdiction: str
    zone: str
    intake_status: str | None
    is_bookable: bool
    next_visit_at: datetime | None


async def patients(scope: Scope, now: datetime) -> list[PatientRow]:
    """Every patient, newest first. Names are sealed, so they are sorted by the page, not by the database."""
    if scope.role is not Role.COORDINATOR:
        raise NotFound
    found = await db.rows(
        """SELECT p.id, p.first_name_enc, p.last_name_enc, p.jurisdiction, p.zone, i.status, a.start_at
           FROM patient p
           LEFT JOIN LATERAL (SELECT status FROM intake WHERE patient_id = p.id AND status <> 'withdrawn'
                              ORDER BY created_at DESC LIMIT 1) i ON true
           LEFT JOIN LATERAL (SELECT start_at FROM appointment WHERE patient_id = p.id AND status = 'booked' AND start_at > {}
                              ORDER BY start_at LIMIT 1) a ON true
           ORDER BY p.created_at DESC LIMIT {}""",
        now, _MOST,
    )  # fmt: skip
    return [
        PatientRow(
            r["id"], _name(r), r["jurisdiction"], r["zone"], r["status"], r["status"] == "completed", r["start_at"]
        )
        for r in found
    ]


def _name(r: dict[str, Any]) -> str:
    first = crypto.unseal(r["first_name_enc"], f"patient.first_name_enc:{r['id']}")
    return f"{first} {crypto.unseal(r['last_name_enc'], 'patient.last_name_enc:' + str(r['id']))}"
