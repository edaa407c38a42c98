"""All SQL over who was given how much, and who was chosen from whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.scheduling.queries import OCCUPYING
from carepath.scheduling.rules.assignment import Candidate


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who was chosen, and the facts of that moment: `considered` in the order in which they were asked, and those who
    could not be had, each with the code of the rule against it."""

    appointment_id: UUID
    practitioner_id: UUID
    days: int
    considered: list[dict[str, Any]]
    excluded: list[dict[str, Any]]
    created_at: datetime


async def candidates(scope: Scope, practitioner_ids: Sequence[UUID], since: datetime) -> list[Candidate]:
    """What each was given since then. A visit counts from the moment it was made: whatever was given within the
    window also begins after its beginning, so that the index bounds the rows."""
    found = await db.rows(
        f"""SELECT p.id AS practitioner_id, p.name, p.weight,
               coalesce(sum(extract(epoch FROM a.end_at - a.start_at) / 60), 0)::int AS minutes,
               max(a.created_at) AS given_at
            FROM practitioner p LEFT JOIN appointment a ON a.practitioner_id = p.id AND a.start_at >= {{}}
               AND a.created_at >= {{}} AND a.{OCCUPYING}
            WHERE p.id = ANY({{}}) GROUP BY p.id ORDER BY p.id""",
        since, since, list(practitioner_ids),
    )  # fmt: skip
    return [Candidate(**r) for r in found]


async def insert(scope: Scope, one: Assignment) -> None:
    """Keep the choice beside the visit. A visit is assigned once: a hold asked for again keeps its first reasons."""
    inputs = {"days": one.days, "considered": one.considered, "excluded": one.excluded}
    await db.execute(
        """INSERT INTO assignment (appointment_id, practitioner_id, inputs, created_at) VALUES ({}, {}, {}, {})
           ON CONFLICT DO NOTHING""",
        one.appointment_id, one.practitioner_id, msgspec.json.encode(inputs).decode(), one.created_at,
    )  # fmt: skip


async def of(scope: Scope, appointment_id: UUID) -> Assignment | None:
    """Why this provider, if one was chosen for the patient. For staff."""
    if not (scope.is_staff or scope.is_system):
        return None
    found = await db.row("SELECT * FROM assignment WHERE appointment_id = {}", appointment_id)
    if found is None:
        return None
    inputs = msgspec.json.decode(found["inputs"])
    return Assignment(
        found["appointment_id"], found["practitioner_id"], inputs["days"], inputs["considered"], inputs["excluded"],
        found["created_at"],
    )  # fmt: skip
