"""The provider's dashboard: whom to look at first, and why each row stands there."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound

_MOST = 100


@dataclass(frozen=True, slots=True)
class UrgentRow:
    """Somebody needs a person today. The name is there even before anybody has the patient: they may be in danger."""

    task_id: UUID
    name: str
    words: str
    opened_at: datetime
    due_at: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PendingRow:
    """An evaluation to decide. Of one that is nobody's, the initials are enough to choose by."""

    evaluation_id: UUID
    name: str
    jurisdiction: str
    status: str
    priority: str
    due_at: datetime
    opened_at: datetime
    is_mine: bool
    outcome: str | None
    stops: int
    reviews: int
    visit_at: datetime | None


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A patient who needs a look: due, overdue or signalled. A warning nobody has acknowledged outlives its plan."""

    patient_id: UUID
    name: str
    route: str
    plan_status: str
    check_in_status: str | None
    due_at: datetime | None
    worst: str | None
    words: str | None
    raised_at: datetime | None
    open_signals: int
    pegs: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The provider's desk. `planned` counts all running plans, those that need nothing now as well."""

    urgent: list[UrgentRow]
    pending: list[PendingRow]
    follow_ups: list[FollowUpRow]
    planned: int


def _name(r: dict[str, Any], whole: bool = True) -> str:
    if r["first_name_enc"] is None:
        return ""
    first = crypto.unseal(r["first_name_enc"], f"patient.first_name_enc:{r['patient_id']}")
    last = crypto.unseal(r["last_name_enc"], f"patient.last_name_enc:{r['patient_id']}")
    return f"{first} {last}" if whole else f"{first[:1]}. {last[:1]}."


async def dashboard(scope: Scope, now: datetime) -> Dashboard:
    """Everything on one provider's desk."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    follow_ups, planned = await _follow_ups(scope), await _planned(scope)
    return Dashboard(await _urgent(scope), await _pending(scope), follow_ups, planned)


async def _urgent(scope: Scope) -> list[UrgentRow]:
    found = await db.rows(
        """SELECT t.id, t.patient_id, t.words, t.opened_at, t.due_at, t.practitioner_id, p.first_name_enc, p.last_name_enc
           FROM urgent_task t LEFT JOIN patient p ON p.id = t.patient_id
           WHERE t.status = 'requested' AND (t.practitioner_id = {} OR t.practitioner_id IS NULL)
           ORDER BY t.due_at, t.id LIMIT {}""",
        scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [
        UrgentRow(r["id"], _name(r), r["words"], r["opened_at"], r["due_at"], r["practitioner_id"] is not None)
        for r in found
    ]


async def _pending(scope: Scope) -> list[PendingRow]:
    """By urgency, then due time, then age."""
    found = await db.rows(
        """SELECT e.*, p.first_name_enc, p.last_name_enc, p.jurisdiction, s.outcome AS screened, s.stops, s.reviews,
                  a.start_at
           FROM evaluation e JOIN patient p ON p.id = e.patient_id
           LEFT JOIN LATERAL (
               SELECT r.outcome, count(f.id) FILTER (WHERE f.outcome = 'stop') AS stops,
                      count(f.id) FILTER (WHERE f.outcome = 'review') AS reviews
               FROM (SELECT * FROM screening_result WHERE intake_id = e.intake_id AND stage = 'intake'
                     ORDER BY created_at DESC LIMIT 1) r LEFT JOIN finding f ON f.result_id = r.id GROUP BY r.outcome
           ) s ON true
           LEFT JOIN LATERAL (
               SELECT start_at FROM appointment WHERE patient_id = e.patient_id
               AND status IN ('booked', 'checked-in', 'fulfilled') ORDER BY start_at DESC LIMIT 1
           ) a ON true
           WHERE e.status IN ('requested', 'in-progress', 'on-hold')
             AND (e.practitioner_id = {} OR e.practitioner_id IS NULL)
           ORDER BY array_position(ARRAY['stat', 'urgent', 'routine'], e.priority), e.due_at, e.opened_at, e.id
           LIMIT {}""",
        scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [
        PendingRow(
            r["id"], _name(r, r["practitioner_id"] is not None), r["jurisdiction"], r["status"], r["priority"],
            r["due_at"], r["opened_at"], r["practitioner_id"] is not None, r["screened"], r["stops"] or 0,
            r["reviews"] or 0, r["start_at"],
        )
        for r in found
    ]  # fmt: skip


async def _follow_ups(scope: Scope) -> list[FollowUpRow]:
    """Red signals first, then amber, then overdue, then due; oldest first within each."""
    found = await db.rows(
        """SELECT t.patient_id, t.route, t.status AS plan_status, p.first_name_enc, p.last_name_enc,
                  c.status AS check_in_status, c.due_at, g.severity, g.words, g.raised_at, g.n, x.pegs
           FROM (SELECT DISTINCT ON (patient_id) * FROM treatment_plan WHERE practitioner_id = {}
                 ORDER BY patient_id, (status = 'completed'), created_at DESC) t
           JOIN patient p ON p.id = t.patient_id
           LEFT JOIN LATERAL (
               SELECT id, status, due_at FROM check_in WHERE plan_id = t.id AND status IN ('due', 'overdue')
               ORDER BY (status = 'overdue') DESC, due_at LIMIT 1
           ) c ON true
           LEFT JOIN LATERAL (
               SELECT severity, words, raised_at, count(*) OVER () AS n FROM signal
               WHERE patient_id = t.patient_id AND practitioner_id = t.practitioner_id AND acknowledged_at IS NULL
                 AND severity <> 'green'
               ORDER BY array_position(ARRAY['red', 'amber'], severity), raised_at LIMIT 1
           ) g ON true
           LEFT JOIN LATERAL (
               SELECT array_agg(value ORDER BY taken_at, id) AS pegs FROM score
               WHERE patient_id = t.patient_id AND code = 'peg' AND value IS NOT NULL
           ) x ON true
           WHERE c.id IS NOT NULL OR g.severity IS NOT NULL
           ORDER BY array_position(ARRAY['red', 'amber'], g.severity) NULLS LAST, (c.status = 'overdue') DESC NULLS LAST,
                    c.due_at NULLS LAST, g.raised_at, t.id
           LIMIT {}""",
        scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [
        FollowUpRow(
            r["patient_id"], _name(r), r["route"], r["plan_status"], r["check_in_status"], r["due_at"], r["severity"],
            r["words"], r["raised_at"], r["n"] or 0, tuple(r["pegs"] or ()),
        )
        for r in found
    ]  # fmt: skip


async def _planned(scope: Scope) -> int:
    found = await db.row(
        "SELECT count(*) AS n FROM treatment_plan WHERE practitioner_id = {} AND status IN ('active', 'on-hold')",
        scope.practitioner_id,
    )
    return int(found["n"]) if found else 0


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient in maintenance, for the list of all of one's own."""

    patient_id: UUID
    name: str
    route: str
    status: str
    next_check_in_at: datetime | None


async def patients(scope: Scope) -> list[PatientRow]:
    """Every patient with a running plan of this provider, next check-in first."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    found = await db.rows(
        """SELECT t.patient_id, t.route, t.status, t.next_check_in_at, p.first_name_enc, p.last_name_enc
           FROM treatment_plan t JOIN patient p ON p.id = t.patient_id
           WHERE t.practitioner_id = {} AND t.status IN ('active', 'on-hold')
           ORDER BY t.next_check_in_at NULLS LAST, t.id LIMIT 500""",
        scope.practitioner_id,
    )  # fmt: skip
    return [PatientRow(r["patient_id"], _name(r), r["route"], r["status"], r["next_check_in_at"]) for r in found]


@dataclass(frozen=True, slots=True)
class ToPlanRow:
    """A patient who is found suitable and has had no plan since."""

    patient_id: UUID
    name: str
    decided_at: datetime


async def to_plan(scope: Scope) -> list[ToPlanRow]:
    """Decided as suitable, waiting for a plan, oldest first."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    found = await db.rows(
        """SELECT e.patient_id, e.decided_at, p.first_name_enc, p.last_name_enc FROM evaluation e
           JOIN patient p ON p.id = e.patient_id
           WHERE e.practitioner_id = {} AND e.outcome = 'suitable'
             AND NOT EXISTS (SELECT 1 FROM treatment_plan t WHERE t.patient_id = e.patient_id
                             AND (t.status <> 'completed' OR t.created_at >= e.decided_at))
           ORDER BY e.decided_at LIMIT {}""",
        scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [ToPlanRow(r["patient_id"], _name(r), r["decided_at"]) for r in found]
