"""All SQL over urgent tasks that nobody has seen to in time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.evaluations.queries import Late
from carepath.kit import db
from carepath.kit.actor import Scope


async def lock_late(scope: Scope, now: datetime, limit: int) -> list[Late]:
    """Tasks of which somebody is to be told that they still wait, locked; what another worker has is left to it."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT id, practitioner_id, status, due_at, escalations AS told FROM urgent_task
           WHERE status = 'requested' AND escalate_at <= {}
           ORDER BY escalate_at LIMIT {} FOR UPDATE SKIP LOCKED""",
        now, limit,
    )  # fmt: skip
    return [Late(**r) for r in found]


async def set_told(scope: Scope, steps: Sequence[tuple[UUID, int, datetime]]) -> None:
    """(task, how often it was told by now, when it is told again) of rows that the caller has locked."""
    await db.execute(
        """UPDATE urgent_task t SET escalations = n.told, escalate_at = n.next_at
           FROM unnest({}::uuid[], {}::smallint[], {}::timestamptz[]) n (id, told, next_at) WHERE t.id = n.id""",
        [one for one, _told, _next in steps], [told for _one, told, _next in steps],
        [next_at for _one, _told, next_at in steps],
    )  # fmt: skip


async def late_by_owner(scope: Scope, now: datetime) -> list[tuple[UUID | None, int, int]]:
    """(whose, how often told, how many) of the open tasks that are late and somebody was told of."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT practitioner_id, escalations, count(*) AS n FROM urgent_task
           WHERE status = 'requested' AND escalations > 0 AND due_at <= {} GROUP BY practitioner_id, escalations""",
        now,
    )
    return [(r["practitioner_id"], r["escalations"], r["n"]) for r in found]


async def give_to_all(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Open tasks are nobody's from now on, and so on every provider's desk; whom each is about."""
    if not scope.is_system:
        return {}
    found = await db.rows(
        """UPDATE urgent_task SET practitioner_id = NULL WHERE id = ANY({}) AND status = 'requested'
           RETURNING id, patient_id""",
        list(ids),
    )
    return {r["id"]: r["patient_id"] for r in found}
