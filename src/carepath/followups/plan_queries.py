"""All SQL over treatment plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from carepath.followups.rules import plan_json
from carepath.followups.rules.history import PlanPoint
from carepath.followups.rules.limits import RangeWarning
from carepath.followups.rules.plan_json import SeenWarning
from carepath.followups.rules.plans import PlanDetails, PlanDraft
from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Plan:
    """A treatment plan as it stands."""

    id: UUID
    patient_id: UUID
    practitioner_id: UUID
    version: int
    status: str
    route: str
    setting: str
    dose: str
    interval_days: int
    check_in_every_days: int
    goals: str
    starts_on: date
    next_check_in_at: datetime | None
    updated_at: datetime
    phase: str
    sessions_planned: int | None
    runway_until: date | None
    labs_due_on: date | None
    pdmp_due_on: date | None
    details: PlanDetails


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A version as it was written, and the limits that its author saw they were beyond."""

    version: int
    draft: PlanDraft
    warnings: tuple[SeenWarning, ...]
    author_id: UUID
    at: datetime


def _plan(r: dict[str, Any]) -> Plan:
    return Plan(
        r["id"], r["patient_id"], r["practitioner_id"], r["version"], r["status"], r["route"], r["setting"],
        crypto.unseal(r["dose_enc"], f"treatment_plan.dose_enc:{r['id']}"), r["interval_days"],
        r["check_in_every_days"], crypto.unseal(r["goals_enc"], f"treatment_plan.goals_enc:{r['id']}"), r["starts_on"],
        r["next_check_in_at"], r["updated_at"], r["phase"], r["sessions_planned"], r["runway_until"], r["labs_due_on"],
        r["pdmp_due_on"], _details(r),
    )  # fmt: skip


def _details(r: dict[str, Any]) -> PlanDetails:
    sealed = r["details_enc"]
    return plan_json.read_details(crypto.unseal(sealed, f"treatment_plan.details_enc:{r['id']}") if sealed else None)


def _written(draft: PlanDraft, plan_id: UUID) -> list[object]:
    """The values of `_COLUMNS`."""
    details = plan_json.write_details(draft.details)
    return [
        draft.route, draft.setting, crypto.seal(draft.dose, f"treatment_plan.dose_enc:{plan_id}"), draft.interval_days,
        draft.check_in_every_days, crypto.seal(draft.goals, f"treatment_plan.goals_enc:{plan_id}"), draft.starts_on,
        draft.phase, draft.sessions_planned, draft.runway_until, draft.labs_due_on, draft.pdmp_due_on,
        crypto.seal(details, f"treatment_plan.details_enc:{plan_id}"),
    ]  # fmt: skip


_COLUMNS = (
    "route", "setting", "dose_enc", "interval_days", "check_in_every_days", "goals_enc", "starts_on", "phase",
    "sessions_planned", "runway_until", "labs_due_on", "pdmp_due_on", "details_enc",
)  # fmt: skip


def _reach(scope: Scope) -> tuple[str, list[object]]:
    if scope.is_system:
        return "true", []
    if scope.role is Role.PROVIDER:
        return "practitioner_id = {}", [scope.practitioner_id]
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    return "false", []


async def insert(scope: Scope, patient_id: UUID, draft: PlanDraft, first_at: datetime, now: datetime) -> UUID | None:
    """A new plan of this provider; None when the patient has a running one."""
    plan_id = new_id()
    found = await db.row(
        f"""INSERT INTO treatment_plan (id, patient_id, practitioner_id, status, next_check_in_at, created_at, updated_at,
            {", ".join(_COLUMNS)}) VALUES ({{}}, {{}}, {{}}, 'active', {{}}, {{}}, {{}}, {", ".join("{}" for _ in _COLUMNS)})
            ON CONFLICT (patient_id) WHERE status IN ('active', 'on-hold') DO NOTHING RETURNING id""",
        plan_id, patient_id, scope.practitioner_id, first_at, now, now, *_written(draft, plan_id),
    )  # fmt: skip
    return plan_id if found else None


async def get(scope: Scope, plan_id: UUID, lock: bool = False) -> Plan:
    """One plan. NotFound when absent or out of reach."""
    condition, args = _reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(f"SELECT * FROM treatment_plan WHERE id = {{}} AND {condition}{suffix}", plan_id, *args)
    if found is None:
        raise NotFound
    return _plan(found)


async def of_patient(scope: Scope, patient_id: UUID) -> Plan | None:
    """The patient's running plan, or their last one."""
    condition, args = _reach(scope)
    found = await db.row(
        f"""SELECT * FROM treatment_plan WHERE patient_id = {{}} AND {condition}
            ORDER BY (status = 'completed'), created_at DESC LIMIT 1""",
        patient_id, *args,
    )  # fmt: skip
    return _plan(found) if found else None


async def rewrite(scope: Scope, plan: Plan, draft: PlanDraft, next_at: datetime | None, now: datetime) -> None:
    """The next version; the row is locked by the caller."""
    columns = ", ".join(f"{name} = {{}}" for name in _COLUMNS)
    await db.execute(
        f"""UPDATE treatment_plan SET version = version + 1, next_check_in_at = {{}}, updated_at = {{}}, {columns}
            WHERE id = {{}}""",
        next_at, now, *_written(draft, plan.id), plan.id,
    )  # fmt: skip


async def set_status(
    scope: Scope, plan_id: UUID, status: str, phase: str, next_at: datetime | None, now: datetime
) -> None:
    """Write a state that the machine allowed; without a running plan no check-in falls due."""
    await db.execute(
        """UPDATE treatment_plan SET status = {}, next_check_in_at = {}, updated_at = {}, phase = {},
           ended_at = CASE WHEN {} = 'completed' THEN {}::timestamptz ELSE NULL END WHERE id = {}""",
        status, next_at, now, phase, status, now, plan_id,
    )  # fmt: skip


async def insert_version(
    scope: Scope, plan_id: UUID, version: int, draft: PlanDraft, warnings: Sequence[RangeWarning], author_id: UUID,
    now: datetime,
) -> None:  # fmt: skip
    """Keep what was written."""
    row_id = new_id()
    text = plan_json.write_version(draft, warnings)
    await db.execute(
        "INSERT INTO treatment_plan_version (id, plan_id, version, plan_enc, author_id, at) VALUES ({}, {}, {}, {}, {}, {})",
        row_id, plan_id, version, crypto.seal(text, f"treatment_plan_version.plan_enc:{row_id}"), author_id, now,
    )  # fmt: skip


async def versions(scope: Scope, plan_id: UUID) -> list[PlanVersion]:
    """Every version of a plan in reach, newest first."""
    await get(scope, plan_id)
    found = await db.rows("SELECT * FROM treatment_plan_version WHERE plan_id = {} ORDER BY version DESC", plan_id)
    return [_version(r) for r in found]


def _version(r: dict[str, Any]) -> PlanVersion:
    text = crypto.unseal(r["plan_enc"], f"treatment_plan_version.plan_enc:{r['id']}")
    draft, seen = plan_json.read_version(text)
    return PlanVersion(r["version"], draft, seen, r["author_id"], r["at"])


async def points(scope: Scope, patient_id: UUID) -> tuple[PlanPoint, ...]:
    """What every version of a patient's plans said from its writing on, oldest first."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT v.* FROM treatment_plan_version v JOIN treatment_plan t ON t.id = v.plan_id
            WHERE t.patient_id = {{}} AND {condition} ORDER BY v.at, v.version""",
        patient_id, *args,
    )  # fmt: skip
    return tuple(point_of(_version(r)) for r in found)


def point_of(one: PlanVersion) -> PlanPoint:
    """What a version says that signals and pictures are made from."""
    return PlanPoint(one.at, one.version, one.draft.phase, one.draft.interval_days, one.draft.details.amount)


async def due(scope: Scope, now: datetime, limit: int) -> list[Plan]:
    """Running plans whose next check-in has come, for this worker alone."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT * FROM treatment_plan WHERE status = 'active' AND next_check_in_at <= {}
           ORDER BY next_check_in_at LIMIT {} FOR UPDATE SKIP LOCKED""",
        now, limit,
    )  # fmt: skip
    return [_plan(r) for r in found]


async def lock(scope: Scope, ids: Sequence[UUID]) -> None:
    """Hold these plans until the transaction ends, always in one order."""
    condition, args = _reach(scope)
    await db.execute(
        f"SELECT 1 FROM treatment_plan WHERE id = ANY({{}}) AND {condition} ORDER BY id FOR UPDATE", list(ids), *args
    )


async def set_next(scope: Scope, plan_id: UUID, next_at: datetime) -> None:
    """When the worker looks for the following check-in; while a plan is paused it does not."""
    await db.execute(
        "UPDATE treatment_plan SET next_check_in_at = {} WHERE id = {} AND status = 'active'", next_at, plan_id
    )
