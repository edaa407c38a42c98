"""Other records that may be of the same person: that there are any, and how far they are. Never whose."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope

_MOST = 5


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """`by` is what is equal: name (with the birth date) or phone. `state` is the furthest that record has come: plan,
    decided, pending, or applied; `since` that moment."""

    by: str
    state: str
    since: datetime


async def others(scope: Scope, patient_id: UUID) -> list[OtherRecord]:
    """Records beside that of a patient whom this provider reviews. No id and no name leaves the database."""
    if scope.role is not Role.PROVIDER:
        return []
    found = await db.rows(
        """SELECT CASE WHEN o.person_index = p.person_index THEN 'name' ELSE 'phone' END AS by,
               CASE WHEN t.at IS NOT NULL THEN 'plan' WHEN e.decided_at IS NOT NULL THEN 'decided'
                    WHEN e.opened_at IS NOT NULL THEN 'pending' ELSE 'applied' END AS state,
               coalesce(t.at, e.decided_at, e.opened_at, o.created_at) AS since
           FROM patient p
           JOIN patient o ON o.id <> p.id AND (o.person_index = p.person_index OR o.phone_index = p.phone_index)
           LEFT JOIN LATERAL (SELECT opened_at, decided_at FROM evaluation WHERE patient_id = o.id
                              ORDER BY opened_at DESC LIMIT 1) e ON true
           LEFT JOIN LATERAL (SELECT created_at AS at FROM treatment_plan WHERE patient_id = o.id
                              ORDER BY created_at DESC LIMIT 1) t ON true
           WHERE p.id = {} AND EXISTS (SELECT 1 FROM evaluation mine WHERE mine.patient_id = p.id
                                       AND mine.practitioner_id = {})
           ORDER BY since DESC, o.id LIMIT {}""",
        patient_id, scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [OtherRecord(r["by"], r["state"], r["since"]) for r in found]
