"""All SQL over what falls due by the calendar: dates of plans, late check-ins, and the signals about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from carepath.followups.rules.check_ins import STEPS
from carepath.followups.rules.signals.due import DueDate, LateCheckIn
from carepath.followups.signal_queries import Whose
from carepath.kit import db
from carepath.kit.actor import Scope


@dataclass(frozen=True, slots=True)
class Found:
    """Something that came due, and whose it is."""

    whose: Whose
    what: DueDate | LateCheckIn


# Each branch goes by the index of its own date.
_BRANCH = """SELECT * FROM (
    SELECT t.id, t.patient_id, t.practitioner_id, '{what}' AS what, t.{column} AS day FROM treatment_plan t
    WHERE t.status IN ('active', 'on-hold') AND t.{column} <= {{}}::date
      AND NOT EXISTS (SELECT 1 FROM signal g WHERE g.anchor = 'plan:' || t.id || ':{what}:' || t.{column}
                      AND (g.lapsed_at IS NULL OR g.acknowledged_at IS NOT NULL))
    ORDER BY t.{column} LIMIT {{}}) {what}"""
_COLUMNS = {"labs": "labs_due_on", "pdmp": "pdmp_due_on", "runway": "runway_until"}
_DATES = " UNION ALL ".join(_BRANCH.format(what=what, column=column) for what, column in _COLUMNS.items())
_STANDS = " ".join(f"WHEN '{what}' THEN t.{column}" for what, column in _COLUMNS.items())


async def dates(scope: Scope, by: Mapping[str, date | None], limit: int) -> list[Found]:
    """Dates of running plans that come by `by` (None: the clinic does not ask) and have no signal yet."""
    if not scope.is_system:
        return []
    found = await db.rows(_DATES, *(arg for what in _COLUMNS for arg in (by[what], limit)))
    return [Found(_whose(r), DueDate(r["id"], r["what"], r["day"])) for r in found]


async def late_check_ins(scope: Scope, rule_ids: Sequence[str], limit: int) -> list[Found]:
    """Check-ins that wait and whose step has no signal yet; `rule_ids` are the rules of steps 1, 2, ..., "" for none.

    When a step was taken is in the history alone: `step_at` is when the next one will be.
    """
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT c.id, c.patient_id, c.practitioner_id, c.step, coalesce(
               (SELECT max(h.at) FROM status_change h WHERE h.subject = 'check-in' AND h.subject_id = c.id
                  AND h.action = ({}::text[])[c.step]), c.overdue_at) AS since
           FROM (SELECT c.* FROM check_in c
                 WHERE c.status IN ('due', 'overdue') AND c.step > 0 AND ({}::text[])[c.step] <> ''
                   AND NOT EXISTS (SELECT 1 FROM signal g WHERE g.anchor = 'check-in:' || c.id || ':late'
                                   AND g.rule_id = ({}::text[])[c.step]
                                   AND (g.lapsed_at IS NULL OR g.acknowledged_at IS NOT NULL))
                 ORDER BY c.due_at LIMIT {}) c
           ORDER BY c.due_at""",
        list(STEPS), list(rule_ids), list(rule_ids), limit,
    )  # fmt: skip
    return [Found(_whose(r, r["id"]), LateCheckIn(r["id"], r["step"], r["since"])) for r in found]


def _whose(r: dict[str, Any], check_in_id: UUID | None = None) -> Whose:
    return Whose(r["patient_id"], r["practitioner_id"], check_in_id)


_STALE = f"""
    SELECT g.id, g.patient_id FROM signal g
    LEFT JOIN treatment_plan t ON t.id = split_part(g.anchor, ':', 2)::uuid AND t.status IN ('active', 'on-hold')
    LEFT JOIN check_in c ON c.id = split_part(g.anchor, ':', 2)::uuid AND c.status IN ('due', 'overdue')
    WHERE g.is_open AND g.reading_id IS NULL AND g.lapsed_at IS NULL
      AND CASE WHEN g.anchor LIKE 'plan:%'
               THEN split_part(g.anchor, ':', 4) IS DISTINCT FROM (CASE split_part(g.anchor, ':', 3) {_STANDS} END)::text
               WHEN g.anchor LIKE 'check-in:%:late' THEN g.rule_id IS DISTINCT FROM ({{}}::text[])[c.step]
               ELSE false END"""


async def stale(scope: Scope, rule_ids: Sequence[str], limit: int) -> set[UUID]:
    """Patients with open signals whose date has moved on, whose plan has ended, or whose check-in is answered or a step
    further."""
    if not scope.is_system:
        return set()
    return {r["patient_id"] for r in await db.rows(f"{_STALE} LIMIT {{}}", list(rule_ids), limit)}


async def lapse(scope: Scope, rule_ids: Sequence[str], patient_ids: Sequence[UUID], now: datetime) -> int:
    """The same signals of these patients, whose plans are held by the caller, stand no longer."""
    if not scope.is_system:
        return 0
    found = await db.rows(
        f"""UPDATE signal SET lapsed_at = {{}} WHERE id IN (SELECT id FROM ({_STALE}) s WHERE patient_id = ANY({{}}))
            RETURNING id""",
        now, list(rule_ids), list(patient_ids),
    )  # fmt: skip
    return len(found)
