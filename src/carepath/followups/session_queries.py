"""All SQL over dosing sessions. Reports are added, never changed: the newest of a chain of `replaces` counts."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from carepath.followups.check_in_queries import reach
from carepath.followups.plan_queries import Plan
from carepath.followups.rules.history import Dose
from carepath.followups.rules.sessions import SessionDraft, Vitals
from carepath.kit import crypto, db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One report of a session, by `provider` or `patient`. `reason` says why it replaces an earlier one."""

    id: UUID
    plan_id: UUID
    patient_id: UUID
    appointment_id: UUID | None
    check_in_id: UUID | None
    reported_by: str
    draft: SessionDraft
    replaces: UUID | None
    reason: str
    created_at: datetime


def _sealed(report: SessionReport) -> bytes:
    body = {name: value for name, value in asdict(report.draft).items() if name != "held_at"}
    body |= {"effects": sorted(report.draft.effects), "reason": report.reason}
    return crypto.seal(json.dumps(body, default=str), f"dosing_session.record_enc:{report.id}")


def _report(r: dict[str, Any]) -> SessionReport:
    body = json.loads(crypto.unseal(r["record_enc"], f"dosing_session.record_enc:{r['id']}"))
    dose = body["dose"]
    draft = SessionDraft(
        r["held_at"], body["route"], Dose(Decimal(dose["amount"]), dose["unit"]) if dose else None, body["dose_words"],
        Vitals(**body["before"]), Vitals(**body["after"]), frozenset(body["effects"]), body["severity"],
        body["dissociation"], body["distress"], body["escort"], body["home_with"], body["will_not_drive"], body["notes"],
    )  # fmt: skip
    return SessionReport(
        r["id"], r["plan_id"], r["patient_id"], r["appointment_id"], r["check_in_id"], r["reported_by"], draft,
        r["replaces"], body["reason"], r["created_at"],
    )  # fmt: skip


async def insert(scope: Scope, plan: Plan, report: SessionReport, author_id: UUID) -> bool:
    """Keep it; False when this side has reported that visit, or somebody has replaced the same report. The plan's row
    is locked by the caller."""
    found = await db.row(
        """INSERT INTO dosing_session (id, plan_id, patient_id, practitioner_id, appointment_id, check_in_id, reported_by,
           held_at, record_enc, replaces, author_id, created_at)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}) ON CONFLICT DO NOTHING RETURNING id""",
        report.id, plan.id, plan.patient_id, plan.practitioner_id, report.appointment_id, report.check_in_id,
        report.reported_by, report.draft.held_at, _sealed(report), report.replaces, author_id, report.created_at,
    )  # fmt: skip
    return found is not None


async def get(scope: Scope, session_id: UUID) -> SessionReport:
    """One report. NotFound when absent or out of reach."""
    condition, args = reach(scope)
    found = await db.row(f"SELECT * FROM dosing_session WHERE id = {{}} AND {condition}", session_id, *args)
    if found is None:
        raise NotFound
    return _report(found)


async def of_patient(scope: Scope, patient_id: UUID) -> list[SessionReport]:
    """Every report of a patient in reach, replaced ones too, by the time of the session and then of the report."""
    condition, args = reach(scope)
    found = await db.rows(
        f"SELECT * FROM dosing_session WHERE patient_id = {{}} AND {condition} ORDER BY held_at, created_at, id",
        patient_id, *args,
    )  # fmt: skip
    return [_report(r) for r in found]


async def is_held(scope: Scope, plan_id: UUID, held_at: datetime) -> bool:
    """Has the provider reported a session at that very time? Replaced reports do not count."""
    condition, args = reach(scope)
    found = await db.row(
        f"""SELECT 1 FROM dosing_session s WHERE plan_id = {{}} AND held_at = {{}} AND reported_by = 'provider'
            AND {condition} AND NOT EXISTS (SELECT 1 FROM dosing_session n WHERE n.replaces = s.id)""",
        plan_id, held_at, *args,
    )  # fmt: skip
    return found is not None


async def reading_of(scope: Scope, session_id: UUID) -> UUID | None:
    """The reading that a report has left."""
    condition, args = reach(scope)
    found = await db.row(
        f"SELECT id FROM reading WHERE source = 'session' AND source_id = {{}} AND {condition}", session_id, *args
    )
    return found["id"] if found else None


async def planned(scope: Scope, patient_id: UUID) -> dict[UUID, int]:
    """How many sessions each plan of a patient is made for, where it says so."""
    condition, args = reach(scope)
    found = await db.rows(
        f"""SELECT id, sessions_planned FROM treatment_plan WHERE patient_id = {{}} AND sessions_planned IS NOT NULL
            AND {condition}""",
        patient_id, *args,
    )  # fmt: skip
    return {r["id"]: r["sessions_planned"] for r in found}
