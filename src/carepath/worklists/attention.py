"""Booked visits that no longer stand, and why: kept, and shown to the coordinator until somebody moves them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound

_MOST = 200


@dataclass(frozen=True, slots=True)
class FlaggedVisit:
    """A visit that somebody must look at. `attention` is outside-hours, busy-elsewhere, not-licensed, no-telehealth,
    inactive, or located-elsewhere: the patient said to be where the provider may not see them."""

    appointment_id: UUID
    practitioner_id: UUID
    practitioner_name: str
    patient_id: UUID
    start_at: datetime
    attention: str


async def flagged(scope: Scope, now: datetime, practitioner_id: UUID | None = None) -> list[FlaggedVisit]:
    """Flagged visits to come of everybody or of one practitioner, the soonest first. For coordinators, and for a
    provider of their own.

    A patient who was turned away stays listed after the visit's time, until somebody moves or cancels it.
    """
    if scope.role not in {Role.COORDINATOR, Role.PROVIDER}:
        raise NotFound
    if scope.role is Role.PROVIDER and (practitioner_id is None or practitioner_id != scope.practitioner_id):
        raise NotFound
    found = await db.rows(
        """SELECT a.id AS appointment_id, a.practitioner_id, p.name AS practitioner_name, a.patient_id, a.start_at,
                  a.attention
           FROM appointment a JOIN practitioner p ON p.id = a.practitioner_id
           WHERE a.attention IS NOT NULL AND a.status IN ('booked', 'checked-in')
             AND (a.end_at > {} OR a.attention = 'located-elsewhere')
             AND ({}::uuid IS NULL OR a.practitioner_id = {})
           ORDER BY a.start_at, a.id LIMIT {}""",
        now, practitioner_id, practitioner_id, _MOST,
    )  # fmt: skip
    return [FlaggedVisit(**r) for r in found]
