"""All SQL over evaluations and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The review of one intake. `version` rises with every change, so that two providers cannot decide at once."""

    id: UUID
    patient_id: UUID
    intake_id: UUID
    practitioner_id: UUID | None
    status: str
    priority: str
    due_at: datetime
    outcome: str | None
    version: int
    opened_at: datetime
    decided_at: datetime | None
    escalations: int


@dataclass(frozen=True, slots=True)
class Late:
    """An evaluation whose due time has passed, and to whom it belongs; `told`: so many steps were taken before."""

    id: UUID
    practitioner_id: UUID | None
    status: str
    due_at: datetime
    told: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. `reason` is for the record, `patient_words` for the patient."""

    outcome: str
    reason: str | None
    patient_words: str | None
    author_id: UUID
    at: datetime


_COLUMNS = (
    "id, patient_id, intake_id, practitioner_id, status, priority, due_at, outcome, version, opened_at, decided_at, "
    "escalations"
)


def _evaluation(r: dict[str, Any]) -> Evaluation:
    return Evaluation(**{name.strip(): r[name.strip()] for name in _COLUMNS.split(",")})


def reach(scope: Scope) -> tuple[str, list[object]]:
    """Providers reach what is theirs or nobody's yet; patients their own; coordinators and admins nothing clinical."""
    if scope.is_system:
        return "true", []
    if scope.role is Role.PROVIDER:
        return "(practitioner_id = {} OR practitioner_id IS NULL)", [scope.practitioner_id]
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    return "false", []


async def insert(
    scope: Scope, patient_id: UUID, intake_id: UUID, priority: str, due_at: datetime, escalate_at: datetime | None,
    now: datetime,
) -> tuple[Evaluation, bool]:  # fmt: skip
    """Open the evaluation of an intake; (row, is it new)."""
    found = await db.row(
        f"""INSERT INTO evaluation (id, patient_id, intake_id, status, priority, due_at, opened_at, escalate_at)
            VALUES ({{}}, {{}}, {{}}, 'requested', {{}}, {{}}, {{}}, {{}})
            ON CONFLICT (intake_id) DO NOTHING RETURNING {_COLUMNS}""",
        new_id(), patient_id, intake_id, priority, due_at, now, escalate_at,
    )  # fmt: skip
    if found is not None:
        return _evaluation(found), True
    existing = await db.row(f"SELECT {_COLUMNS} FROM evaluation WHERE intake_id = {{}}", intake_id)
    assert existing is not None
    return _evaluation(existing), False


async def get(scope: Scope, evaluation_id: UUID, lock: bool = False) -> Evaluation:
    """One evaluation. NotFound when absent or out of reach."""
    condition, args = reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(
        f"SELECT {_COLUMNS} FROM evaluation WHERE id = {{}} AND {condition}{suffix}", evaluation_id, *args
    )
    if found is None:
        raise NotFound
    return _evaluation(found)


async def pending_of_patient(scope: Scope, patient_id: UUID) -> Evaluation | None:
    """The patient's evaluation that is not decided yet, locked."""
    condition, args = reach(scope)
    found = await db.row(
        f"""SELECT {_COLUMNS} FROM evaluation WHERE patient_id = {{}} AND {condition}
            AND status IN ('requested', 'in-progress', 'on-hold') ORDER BY opened_at DESC LIMIT 1 FOR UPDATE""",
        patient_id, *args,
    )  # fmt: skip
    return _evaluation(found) if found else None


async def newest_of_patient(scope: Scope, patient_id: UUID) -> Evaluation | None:
    """The patient's newest evaluation."""
    condition, args = reach(scope)
    found = await db.row(
        f"""SELECT {_COLUMNS} FROM evaluation WHERE patient_id = {{}} AND {condition}
            ORDER BY opened_at DESC LIMIT 1""",
        patient_id, *args,
    )  # fmt: skip
    return _evaluation(found) if found else None


async def owners(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who has each of these evaluations that go on. For a worker that writes to them."""
    if not scope.is_system:
        return {}
    found = await db.rows(
        """SELECT id, practitioner_id FROM evaluation WHERE id = ANY({}) AND practitioner_id IS NOT NULL
           AND status IN ('requested', 'in-progress', 'on-hold')""",
        list(ids),
    )
    return {r["id"]: r["practitioner_id"] for r in found}


async def set_status(scope: Scope, evaluation_id: UUID, status: str) -> None:
    """Write a state that the machine allowed; the row is locked by the caller."""
    await db.execute("UPDATE evaluation SET status = {}, version = version + 1 WHERE id = {}", status, evaluation_id)


async def touch(scope: Scope, evaluation_id: UUID) -> None:
    """Something that belongs to it has changed: whoever was about to decide must look again."""
    await db.execute("UPDATE evaluation SET version = version + 1 WHERE id = {}", evaluation_id)


async def lock_pending_of(scope: Scope, practitioner_id: UUID) -> list[Evaluation]:
    """What waits for one provider's decision, locked. Admins only, who end their account."""
    if scope.role is not Role.ADMIN:
        raise NotFound
    found = await db.rows(
        f"""SELECT {_COLUMNS} FROM evaluation WHERE practitioner_id = {{}}
            AND status IN ('requested', 'in-progress', 'on-hold') ORDER BY id FOR UPDATE""",
        practitioner_id,
    )
    return [_evaluation(r) for r in found]


async def set_practitioner(
    scope: Scope, evaluation_id: UUID, practitioner_id: UUID | None, status: str, handed_by: UUID | None = None
) -> None:
    """Whose it is now; None: nobody's. `handed_by` is the account of a colleague who handed it to them."""
    await db.execute(
        "UPDATE evaluation SET practitioner_id = {}, status = {}, handed_by = {}, version = version + 1 WHERE id = {}",
        practitioner_id, status, handed_by, evaluation_id,
    )  # fmt: skip


async def set_outcome(scope: Scope, evaluation_id: UUID, outcome: str, now: datetime) -> None:
    """It is decided."""
    await db.execute(
        """UPDATE evaluation SET status = 'completed', outcome = {}, decided_at = {}, version = version + 1
           WHERE id = {}""",
        outcome, now, evaluation_id,
    )  # fmt: skip


async def raise_priority(
    scope: Scope, evaluation_id: UUID, priority: str, due_at: datetime, escalate_at: datetime | None
) -> None:
    """Something urgent turned up: sooner, never later. Whoever was about to decide must look again. The row is locked by
    the caller, who has looked when the next step of the escalation is due by then."""
    await db.execute(
        """UPDATE evaluation SET priority = {}, due_at = {}, escalate_at = {},
           version = version + 1 WHERE id = {}""",
        priority, due_at, escalate_at, evaluation_id,
    )  # fmt: skip


async def lock_late(scope: Scope, now: datetime, limit: int) -> list[Late]:
    """Evaluations of which somebody is to be told that they are late, locked; what another worker has is left to it."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT id, practitioner_id, status, due_at, escalations AS told FROM evaluation
           WHERE status IN ('requested', 'in-progress', 'on-hold') AND escalate_at <= {}
           ORDER BY escalate_at LIMIT {} FOR UPDATE SKIP LOCKED""",
        now, limit,
    )  # fmt: skip
    return [Late(**r) for r in found]


async def set_escalations(scope: Scope, steps: Sequence[tuple[UUID, int, datetime | None]]) -> None:
    """(evaluation, steps taken by now, when the next is due) of rows that the caller has locked. Not a new version: what
    there is to judge by is the same."""
    await db.execute(
        """UPDATE evaluation e SET escalations = n.told, escalate_at = n.next_at
           FROM unnest({}::uuid[], {}::smallint[], {}::timestamptz[]) n (id, told, next_at) WHERE e.id = n.id""",
        [one for one, _told, _next in steps], [told for _one, told, _next in steps],
        [next_at for _one, _told, next_at in steps],
    )  # fmt: skip


async def late_by_owner(scope: Scope, now: datetime) -> list[tuple[UUID | None, int, int]]:
    """(whose, steps taken, how many) of what is late and somebody was told of."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT practitioner_id, escalations, count(*) AS n FROM evaluation
           WHERE status IN ('requested', 'in-progress', 'on-hold') AND escalations > 0 AND due_at <= {}
           GROUP BY practitioner_id, escalations""",
        now,
    )
    return [(r["practitioner_id"], r["escalations"], r["n"]) for r in found]


async def insert_decision(scope: Scope, evaluation_id: UUID, decision: Decision) -> None:
    """Keep what was decided."""
    row_id = new_id()
    await db.execute(
        """INSERT INTO decision (id, evaluation_id, outcome, reason_enc, patient_words_enc, author_id, at)
           VALUES ({}, {}, {}, {}, {}, {}, {})""",
        row_id, evaluation_id, decision.outcome,
        crypto.seal_optional(decision.reason, f"decision.reason_enc:{row_id}"),
        crypto.seal_optional(decision.patient_words, f"decision.patient_words_enc:{row_id}"),
        decision.author_id, decision.at,
    )  # fmt: skip


async def decision_of(scope: Scope, evaluation_id: UUID) -> Decision | None:
    """What ended an evaluation in reach. A patient gets the words meant for them, not the reason on record."""
    await get(scope, evaluation_id)
    r = await db.row(
        "SELECT * FROM decision WHERE evaluation_id = {} AND outcome <> 'more-information' ORDER BY at DESC LIMIT 1",
        evaluation_id,
    )
    if r is None:
        return None
    reason = None
    if scope.role is not Role.PATIENT:
        reason = crypto.unseal_optional(r["reason_enc"], f"decision.reason_enc:{r['id']}")
    words = crypto.unseal_optional(r["patient_words_enc"], f"decision.patient_words_enc:{r['id']}")
    return Decision(r["outcome"], reason, words, r["author_id"], r["at"])
