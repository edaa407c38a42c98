"""Visits after which a patient is to be asked how they have been."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound

_MOST = 100
_OVER = timedelta(days=7)  # nobody remembers an older one well enough


async def due(scope: Scope, visit_types: Sequence[str], ended_by: datetime) -> list[tuple[UUID, UUID]]:
    """(visit, running plan of its patient) of visits of these kinds that took place, ended by then and were not asked
    after yet."""
    if not scope.is_system:
        raise NotFound
    found = await db.rows(
        """SELECT a.id AS visit, t.id AS plan FROM appointment a
           JOIN treatment_plan t ON t.patient_id = a.patient_id AND t.status IN ('active', 'on-hold')
           WHERE a.status = 'fulfilled' AND a.visit_type = ANY({}) AND a.end_at <= {} AND a.end_at > {}
             AND NOT EXISTS (SELECT 1 FROM check_in c WHERE c.visit_id = a.id)
           ORDER BY a.end_at, a.id LIMIT {}""",
        list(visit_types), ended_by, ended_by - _OVER, _MOST,
    )  # fmt: skip
    return [(r["visit"], r["plan"]) for r in found]
