"""Applications that were begun and not sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound

KIND = "intake-unfinished"
_MOST = 500
# Opening a page of questions and signing a text are going on with it, like an answer.
_LAST = """SELECT i.id, i.patient_id, greatest(i.updated_at, r.at, c.at) AS at FROM intake i
    LEFT JOIN LATERAL (SELECT max(updated_at) AS at FROM questionnaire_response
        WHERE subject = 'intake' AND subject_id = i.id AND status <> 'entered-in-error') r ON true
    LEFT JOIN LATERAL (SELECT max(signed_at) AS at FROM consent_given WHERE intake_id = i.id) c ON true
    WHERE i.status = 'in-progress'"""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An application whose owner is to be reminded. `number` counts its reminders from 1, those that were dropped
    because somebody went on with it among them, so that two workers write the same one."""

    intake_id: UUID
    patient_id: UUID
    number: int


async def due(scope: Scope, delays: Sequence[timedelta], useful: timedelta, now: datetime) -> list[Unfinished]:
    """Those whose last answer is as long ago as the next of `delays` says, but no longer than that is `useful`; a
    reminder never follows the one before at once, whatever was missed meanwhile."""
    if not scope.is_system:
        raise NotFound
    found = await db.rows(
        f"""SELECT l.id AS intake_id, l.patient_id, t.written + 1 AS number
            FROM ({_LAST}) l CROSS JOIN LATERAL (
                SELECT count(*)::int AS written, count(*) FILTER (WHERE status <> 'superseded')::int AS told,
                       max(created_at) AS at
                FROM message WHERE subject = 'intake' AND subject_id = l.id AND kind = $3) t
            CROSS JOIN LATERAL (SELECT ($1::interval[])[t.told + 1] AS next, ($1::interval[])[t.told] AS last) d
            WHERE d.next <= $2 - l.at AND $2 - l.at < d.next + $4
              AND (t.told = 0 OR t.at <= $2 - (d.next - d.last))
            ORDER BY l.at, l.id LIMIT $5""",
        list(delays), now, KIND, useful, _MOST,
    )  # fmt: skip
    return [Unfinished(**r) for r in found]


async def last_answers(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When somebody last went on with each of these; without those that are sent or withdrawn."""
    if not scope.is_system:
        raise NotFound
    found = await db.rows(f"{_LAST} AND i.id = ANY({{}})", list(ids))
    return {r["id"]: r["at"] for r in found}
