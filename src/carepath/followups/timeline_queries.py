"""All SQL that only the timeline asks for."""

from uuid import UUID

from carepath.followups.check_in_queries import reach
from carepath.kit import db
from carepath.kit.actor import Scope


async def origins(scope: Scope, patient_id: UUID) -> frozenset[UUID]:
    """What the readings in reach were taken from, those that were replaced since included."""
    condition, args = reach(scope)
    found = await db.rows(f"SELECT source_id FROM reading WHERE patient_id = {{}} AND {condition}", patient_id, *args)
    return frozenset(r["source_id"] for r in found)
