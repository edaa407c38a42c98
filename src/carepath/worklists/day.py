"""A provider's day: their consults in order, each with the two or three facts to begin with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.worklists.names import name_of

_MOST = 100


@dataclass(frozen=True, slots=True)
class DayRow:
    """A consult of that day. `finding` is the gravest of the newest intake screening while nothing is decided, `signal`
    (its severity, words) the worst that nobody has acknowledged, `peg` the last one with its time, `baseline` the first.
    `is_own`: the patient is assigned to the provider; of somebody else's they see whom they meet, and nothing clinical.
    """

    appointment_id: UUID
    patient_id: UUID
    name: str
    evaluation_id: UUID | None
    is_decided: bool
    is_own: bool
    finding: tuple[str, str] | None
    signal: tuple[str, str, datetime] | None
    route: str | None
    phase: str | None
    baseline: Decimal | None
    peg: tuple[Decimal, datetime] | None


async def day(scope: Scope, begin: datetime, end: datetime) -> list[DayRow]:
    """The provider's own consults that begin in [begin, end), in order; holds and what was cancelled are left out."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    found = await db.rows(
        """SELECT a.id, a.patient_id, p.first_name_enc, p.last_name_enc, e.id AS evaluation_id, e.decided_at, o.is_own,
                  f.outcome, f.provider_words, g.severity, g.words, g.raised_at, t.route, t.phase, b.value AS baseline,
                  n.value AS peg, n.taken_at
           FROM (SELECT id, patient_id, start_at FROM appointment
                 WHERE practitioner_id = {} AND start_at >= {} AND start_at < {}
                   AND status IN ('booked', 'checked-in', 'fulfilled', 'noshow')
                 ORDER BY start_at, id LIMIT {}) a
           JOIN patient p ON p.id = a.patient_id
           CROSS JOIN LATERAL (
               SELECT EXISTS (SELECT 1 FROM evaluation WHERE patient_id = a.patient_id AND practitioner_id = {})
                   OR EXISTS (SELECT 1 FROM treatment_plan WHERE patient_id = a.patient_id AND practitioner_id = {})
                   AS is_own) o
           LEFT JOIN LATERAL (
               SELECT id, intake_id, decided_at FROM evaluation
               WHERE patient_id = a.patient_id AND practitioner_id = {} AND status <> 'cancelled'
               ORDER BY opened_at DESC LIMIT 1) e ON true
           LEFT JOIN LATERAL (
               SELECT outcome, provider_words FROM finding WHERE result_id = (
                   SELECT id FROM screening_result WHERE intake_id = e.intake_id AND stage = 'intake'
                   ORDER BY created_at DESC LIMIT 1)
               ORDER BY array_position(ARRAY['urgent', 'stop', 'review', 'inform'], outcome), rule_id LIMIT 1) f ON true
           LEFT JOIN LATERAL (
               SELECT severity, words, raised_at FROM signal
               WHERE patient_id = a.patient_id AND practitioner_id = {} AND is_open ORDER BY severity DESC, raised_at LIMIT 1) g ON true
           LEFT JOIN LATERAL (
               SELECT route, phase FROM treatment_plan WHERE patient_id = a.patient_id AND practitioner_id = {}
                 AND status IN ('active', 'on-hold') LIMIT 1) t ON true
           LEFT JOIN LATERAL (
               SELECT value FROM score WHERE o.is_own AND patient_id = a.patient_id AND code = 'peg' AND value IS NOT NULL
               ORDER BY taken_at LIMIT 1) b ON true
           LEFT JOIN LATERAL (
               SELECT value, taken_at FROM score WHERE o.is_own AND patient_id = a.patient_id AND code = 'peg' AND value IS NOT NULL
               ORDER BY taken_at DESC LIMIT 1) n ON true
           ORDER BY a.start_at, a.id""",
        scope.practitioner_id, begin, end, _MOST, *[scope.practitioner_id] * 5,
    )  # fmt: skip
    return [_row(r) for r in found]


def _row(r: dict[str, Any]) -> DayRow:
    return DayRow(
        r["id"], r["patient_id"], name_of(r), r["evaluation_id"], r["decided_at"] is not None, r["is_own"],
        (r["outcome"], r["provider_words"]) if r["outcome"] and r["decided_at"] is None else None,
        (r["severity"], r["words"], r["raised_at"]) if r["severity"] else None, r["route"], r["phase"], r["baseline"],
        (r["peg"], r["taken_at"]) if r["peg"] is not None else None,
    )  # fmt: skip
