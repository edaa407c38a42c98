"""What is known of a patient over time, for the timeline."""

from dataclasses import dataclass
from uuid import UUID

from carepath.followups import reading_queries, timeline_queries
from carepath.followups.rules.history import Reading
from carepath.kit.actor import Scope


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings as they stand, oldest first; `origins` are the check-ins and sessions that any reading was taken from."""

    readings: tuple[Reading, ...]
    origins: frozenset[UUID]


async def readings_of(scope: Scope, patient_id: UUID) -> Readings:
    """Every reading of a patient in reach."""
    found = await reading_queries.of_patient(scope, patient_id)
    return Readings(tuple(found), await timeline_queries.origins(scope, patient_id))
