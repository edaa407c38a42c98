"""All SQL over check-ins."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.followups.plan_queries import Plan
from carepath.followups.rules.check_ins import Facts, Window, begins_at
from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One set of questions; with `visit_id`, about that visit. Open from `opens_at`, best answered by `due_at`, wanted by
    `latest_at`; `step` says how far up the ladder of late ones it is."""

    id: UUID
    plan_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    sequence: int
    status: str
    due_at: datetime
    overdue_at: datetime
    response_id: UUID | None
    completed_at: datetime | None
    visit_id: UUID | None
    opens_at: datetime
    latest_at: datetime
    step: int


_NAMES = [one.name for one in fields(CheckIn)]
_COLUMNS = ", ".join(_NAMES)
_C_COLUMNS = ", ".join(f"c.{name.strip()}" for name in _COLUMNS.split(","))


def _check_in(r: dict[str, Any]) -> CheckIn:
    return CheckIn(**{name: r[name] for name in _NAMES})


def reach(scope: Scope) -> tuple[str, list[object]]:
    if scope.is_system:
        return "true", []
    if scope.role is Role.PROVIDER:
        return "practitioner_id = {}", [scope.practitioner_id]
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    return "false", []


async def insert_check_in(
    scope: Scope, plan: Plan, window: Window, overdue_at: datetime, now: datetime
) -> CheckIn | None:
    """The plan's next check-in; None while an earlier one is still open."""
    found = await db.row(
        f"""INSERT INTO check_in (id, plan_id, patient_id, practitioner_id, sequence, status, due_at, overdue_at, created_at,
                opens_at, latest_at, step_at)
            SELECT {{}}, {{}}, {{}}, {{}}, 1 + coalesce(max(sequence), 0), 'due', {{}}, {{}}, {{}}, {{}}, {{}}, {{}}
            FROM check_in WHERE plan_id = {{}}
            ON CONFLICT DO NOTHING RETURNING {_COLUMNS}""",
        new_id(), plan.id, plan.patient_id, plan.practitioner_id, window.target_at, overdue_at, now,
        window.not_before_at, window.latest_at, overdue_at, plan.id,
    )  # fmt: skip
    return _check_in(found) if found else None


async def insert_after_visits(
    scope: Scope, visits: Sequence[tuple[UUID, UUID]], overdue_at: datetime, latest_at: datetime, now: datetime
) -> list[CheckIn]:
    """One check-in about each visit, (visit, running plan), within its plan; a visit that has one gets no other. The
    plans are locked by the caller, so that nobody else counts on in them."""
    found = await db.rows(
        f"""INSERT INTO check_in (id, plan_id, patient_id, practitioner_id, sequence, status, due_at, overdue_at,
                created_at, visit_id, opens_at, latest_at, step_at)
            SELECT v.id, t.id, t.patient_id, t.practitioner_id,
                coalesce((SELECT max(sequence) FROM check_in c WHERE c.plan_id = t.id), 0)
                    + row_number() OVER (PARTITION BY t.id ORDER BY v.visit), 'due', {{}}, {{}}, {{}}, v.visit, {{}}, {{}}, {{}}
            FROM unnest({{}}::uuid[], {{}}::uuid[], {{}}::uuid[]) v (id, visit, plan)
            JOIN treatment_plan t ON t.id = v.plan AND t.status IN ('active', 'on-hold')
            ON CONFLICT DO NOTHING RETURNING {_COLUMNS}""",
        now, overdue_at, now, now, latest_at, overdue_at, [new_id() for _visit in visits],
        [visit for visit, _plan in visits], [plan for _visit, plan in visits],
    )  # fmt: skip
    return [_check_in(r) for r in found]


async def check_ins(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, CheckIn]:
    """Those of these that the scope reaches."""
    condition, args = reach(scope)
    found = await db.rows(f"SELECT {_COLUMNS} FROM check_in WHERE id = ANY({{}}) AND {condition}", list(ids), *args)
    return {r["id"]: _check_in(r) for r in found}


async def check_in(scope: Scope, check_in_id: UUID, lock: bool = False) -> CheckIn:
    """One check-in. NotFound when absent or out of reach."""
    condition, args = reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(f"SELECT {_COLUMNS} FROM check_in WHERE id = {{}} AND {condition}{suffix}", check_in_id, *args)
    if found is None:
        raise NotFound
    return _check_in(found)


async def check_ins_of(scope: Scope, patient_id: UUID) -> list[CheckIn]:
    """Every check-in of a patient in reach, newest first."""
    condition, args = reach(scope)
    found = await db.rows(
        f"SELECT {_COLUMNS} FROM check_in WHERE patient_id = {{}} AND {condition} ORDER BY due_at DESC",
        patient_id,
        *args,
    )
    return [_check_in(r) for r in found]


async def open_of_plan(scope: Scope, plan_id: UUID) -> list[CheckIn]:
    """Check-ins of a plan that are not answered, locked."""
    found = await db.rows(
        f"SELECT {_COLUMNS} FROM check_in WHERE plan_id = {{}} AND status IN ('due', 'overdue') FOR UPDATE", plan_id
    )
    return [_check_in(r) for r in found]


async def late(scope: Scope, step: int, now: datetime, limit: int) -> list[CheckIn]:
    """Check-ins that stand at `step` of the ladder and whose next one has come, with their plans, for this worker alone. What is asked
    after a visit is asked for again once; nobody is called about it."""
    if not scope.is_system:
        return []
    found = await db.rows(
        f"""SELECT {_C_COLUMNS} FROM check_in c JOIN treatment_plan t ON t.id = c.plan_id
            WHERE c.status IN ('due', 'overdue') AND c.step = {{}} AND c.step_at <= {{}} AND ({{}} = 0 OR c.visit_id IS NULL)
            ORDER BY c.step_at, c.id LIMIT {{}} FOR UPDATE OF c, t SKIP LOCKED""",
        step, now, step, limit,
    )  # fmt: skip
    return [_check_in(r) for r in found]


async def abandoned(scope: Scope, now: datetime, limit: int) -> list[CheckIn]:
    """What was asked after a visit and is not answered by the last moment, with their plans, for this worker alone."""
    if not scope.is_system:
        return []
    found = await db.rows(
        f"""SELECT {_C_COLUMNS} FROM check_in c JOIN treatment_plan t ON t.id = c.plan_id
            WHERE c.status IN ('due', 'overdue') AND c.visit_id IS NOT NULL AND c.step = 1 AND c.step_at <= {{}}
            ORDER BY c.step_at, c.id LIMIT {{}} FOR UPDATE OF c, t SKIP LOCKED""",
        now, limit,
    )  # fmt: skip
    return [_check_in(r) for r in found]


async def climb(
    scope: Scope, ids: Sequence[UUID], step: int, status: Sequence[str], next_at: Sequence[datetime | None]
) -> None:
    """They took this step of the ladder; the next one comes at these times. The rows are locked by the caller.

    In one statement: a row that is written twice in a transaction has its references looked up again, and waits for
    whoever holds the plan, who may wait for this row.
    """
    await db.execute(
        """UPDATE check_in c SET step = {}, status = v.status, step_at = v.at
           FROM unnest({}::uuid[], {}::text[], {}::timestamptz[]) v (id, status, at) WHERE c.id = v.id""",
        step, list(ids), list(status), list(next_at),
    )  # fmt: skip


async def facts(scope: Scope, plan_ids: Sequence[UUID]) -> dict[UUID, Facts]:
    """What the windows of these plans' next check-ins are worked out from."""
    condition, args = reach(scope)
    found = await db.rows(
        f"""SELECT t.id, t.phase, t.check_in_every_days, t.created_at, t.starts_on, t.counted_from, t.runway_until,
                (SELECT max(s.held_at) FROM dosing_session s WHERE s.plan_id = t.id
                   AND NOT EXISTS (SELECT 1 FROM dosing_session n WHERE n.replaces = s.id)) AS session_at,
                (SELECT max(c.completed_at) FROM check_in c WHERE c.plan_id = t.id AND c.visit_id IS NULL) AS check_in_at
            FROM treatment_plan t WHERE t.id = ANY({{}}) AND {condition}""",
        list(plan_ids), *args,
    )  # fmt: skip
    return {r["id"]: _facts(r) for r in found}


def _facts(r: dict[str, Any]) -> Facts:
    begins = max(begins_at(r["created_at"], r["starts_on"]), r["counted_from"] or r["created_at"])
    return Facts(r["phase"], begins, r["check_in_every_days"], r["session_at"], r["check_in_at"], r["runway_until"])


async def count_from(scope: Scope, plan_id: UUID, now: datetime) -> None:
    """A plan goes on after a pause: its windows are counted from now."""
    await db.execute("UPDATE treatment_plan SET counted_from = {} WHERE id = {}", now, plan_id)


async def set_status(scope: Scope, check_in_id: UUID, status: str) -> None:
    """Write a state that the machine allowed."""
    await db.execute("UPDATE check_in SET status = {} WHERE id = {}", status, check_in_id)


async def complete(scope: Scope, check_in_id: UUID, response_id: UUID, now: datetime) -> None:
    """It is answered."""
    await db.execute(
        "UPDATE check_in SET status = 'completed', response_id = {}, completed_at = {} WHERE id = {}",
        response_id, now, check_in_id,
    )  # fmt: skip
