"""All SQL over questions to patients and urgent tasks."""

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
class InformationRequest:
    """A question to the patient, and the answer once there is one."""

    id: UUID
    evaluation_id: UUID
    patient_id: UUID
    question: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class UrgentTask:
    """Something that needs a person today. `words` name the rule, never an answer."""

    id: UUID
    patient_id: UUID | None
    practitioner_id: UUID | None
    subject: str
    subject_id: UUID
    rule_id: str
    words: str
    status: str
    opened_at: datetime
    due_at: datetime
    note: str | None
    escalations: int


def _request(r: dict[str, Any]) -> InformationRequest:
    return InformationRequest(
        r["id"], r["evaluation_id"], r["patient_id"],
        crypto.unseal(r["question_enc"], f"information_request.question_enc:{r['id']}"), r["asked_at"],
        crypto.unseal_optional(r["answer_enc"], f"information_request.answer_enc:{r['id']}"), r["answered_at"],
    )  # fmt: skip


def _task(r: dict[str, Any]) -> UrgentTask:
    return UrgentTask(
        r["id"], r["patient_id"], r["practitioner_id"], r["subject"], r["subject_id"], r["rule_id"], r["words"],
        r["status"], r["opened_at"], r["due_at"],
        crypto.unseal_optional(r["note_enc"], f"urgent_task.note_enc:{r['id']}"), r["escalations"],
    )  # fmt: skip


def _requests_reach(scope: Scope) -> tuple[str, list[object]]:
    if scope.is_system:
        return "true", []
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    if scope.role is Role.PROVIDER:
        return "evaluation_id IN (SELECT id FROM evaluation WHERE practitioner_id = {})", [scope.practitioner_id]
    return "false", []


async def insert_request(
    scope: Scope, evaluation_id: UUID, patient_id: UUID, question: str, asked_by: UUID, now: datetime
) -> UUID:
    """Ask."""
    row_id = new_id()
    await db.execute(
        """INSERT INTO information_request (id, evaluation_id, patient_id, question_enc, asked_by, asked_at)
           VALUES ({}, {}, {}, {}, {}, {})""",
        row_id, evaluation_id, patient_id, crypto.seal(question, f"information_request.question_enc:{row_id}"),
        asked_by, now,
    )  # fmt: skip
    return row_id


async def request(scope: Scope, request_id: UUID, lock: bool = False) -> InformationRequest:
    """One question. NotFound when absent or out of reach."""
    condition, args = _requests_reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(
        f"SELECT * FROM information_request WHERE id = {{}} AND {condition}{suffix}", request_id, *args
    )
    if found is None:
        raise NotFound
    return _request(found)


async def set_answer(scope: Scope, request_id: UUID, answer: str, now: datetime) -> None:
    """Keep the patient's answer; the row is locked by the caller."""
    await db.execute(
        "UPDATE information_request SET answer_enc = {}, answered_at = {} WHERE id = {} AND answered_at IS NULL",
        crypto.seal(answer, f"information_request.answer_enc:{request_id}"), now, request_id,
    )  # fmt: skip


async def requests_of(scope: Scope, evaluation_id: UUID) -> list[InformationRequest]:
    """Every question of an evaluation, oldest first."""
    condition, args = _requests_reach(scope)
    found = await db.rows(
        f"SELECT * FROM information_request WHERE evaluation_id = {{}} AND {condition} ORDER BY asked_at, id",
        evaluation_id, *args,
    )  # fmt: skip
    return [_request(r) for r in found]


async def open_requests(scope: Scope, patient_id: UUID) -> list[InformationRequest]:
    """Questions that the patient has not answered."""
    condition, args = _requests_reach(scope)
    found = await db.rows(
        f"""SELECT * FROM information_request WHERE patient_id = {{}} AND answered_at IS NULL AND {condition}
            AND evaluation_id IN (SELECT id FROM evaluation WHERE status IN ('requested', 'in-progress', 'on-hold'))
            ORDER BY asked_at, id""",
        patient_id, *args,
    )  # fmt: skip
    return [_request(r) for r in found]


def _tasks_reach(scope: Scope) -> tuple[str, list[object]]:
    """An urgent task of somebody without a provider is everybody's until one takes it, or has seen to it."""
    if scope.is_system:
        return "true", []
    if scope.role is Role.PROVIDER:
        nobodys = "practitioner_id IS NULL AND (status = 'requested' OR done_by = {})"
        return f"(practitioner_id = {{}} OR {nobodys})", [scope.practitioner_id, scope.account_id]
    return "false", []


async def insert_task(
    scope: Scope, patient_id: UUID | None, practitioner_id: UUID | None, subject: str, subject_id: UUID,
    rule_id: str, rule_version: str, words: str, due_at: datetime, escalate_at: datetime | None, now: datetime,
) -> tuple[UrgentTask, bool]:  # fmt: skip
    """Open a task once for each subject and rule while it is open; (task, is it new).

    The update changes nothing: it makes one statement answer with whichever row is open, even when a provider
    finishes the earlier task in the same moment.
    """
    row_id = new_id()
    found = await db.row(
        """INSERT INTO urgent_task (id, patient_id, practitioner_id, subject, subject_id, rule_id, rule_version,
           words, status, opened_at, due_at, escalate_at)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, 'requested', {}, {}, {})
           ON CONFLICT (subject, subject_id, rule_id) WHERE status = 'requested'
           DO UPDATE SET opened_at = urgent_task.opened_at RETURNING *""",
        row_id, patient_id, practitioner_id, subject, subject_id, rule_id, rule_version, words, now, due_at, escalate_at,
    )  # fmt: skip
    assert found is not None
    return _task(found), found["id"] == row_id


async def task(scope: Scope, task_id: UUID) -> UrgentTask:
    """One urgent task. NotFound when absent or out of reach."""
    condition, args = _tasks_reach(scope)
    found = await db.row(f"SELECT * FROM urgent_task WHERE id = {{}} AND {condition}", task_id, *args)
    if found is None:
        raise NotFound
    return _task(found)


async def lock_task(scope: Scope, task_id: UUID) -> UrgentTask:
    """One urgent task to see to: nobody's also when a colleague has seen to it, so that the other one can be told."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    found = await db.row(
        """SELECT * FROM urgent_task WHERE id = {} AND (practitioner_id = {} OR practitioner_id IS NULL) FOR UPDATE""",
        task_id, scope.practitioner_id,
    )  # fmt: skip
    if found is None:
        raise NotFound
    return _task(found)


async def has_open_task(scope: Scope, subject: str, subject_id: UUID) -> bool:
    """Is somebody being waited for about this very thing?"""
    condition, args = _tasks_reach(scope)
    found = await db.row(
        f"""SELECT 1 AS found FROM urgent_task WHERE subject = {{}} AND subject_id = {{}} AND status = 'requested'
            AND {condition} LIMIT 1""",
        subject, subject_id, *args,
    )  # fmt: skip
    return found is not None


async def finish_task(scope: Scope, task_id: UUID, note: str, done_by: UUID, now: datetime) -> None:
    """Somebody has seen to it; the row is locked by the caller."""
    await db.execute(
        "UPDATE urgent_task SET status = 'completed', done_at = {}, done_by = {}, note_enc = {} WHERE id = {}",
        now, done_by, crypto.seal(note, f"urgent_task.note_enc:{task_id}"), task_id,
    )  # fmt: skip


async def give_tasks(scope: Scope, patient_id: UUID, practitioner_id: UUID) -> None:
    """Open tasks of a patient follow their evaluation to its provider."""
    await db.execute(
        "UPDATE urgent_task SET practitioner_id = {} WHERE patient_id = {} AND status = 'requested'",
        practitioner_id, patient_id,
    )  # fmt: skip


async def free_tasks(scope: Scope, practitioner_id: UUID) -> list[UrgentTask]:
    """Open tasks of a provider whose account an admin ends are everybody's."""
    if scope.role is not Role.ADMIN:
        raise NotFound
    found = await db.rows(
        """UPDATE urgent_task SET practitioner_id = NULL WHERE practitioner_id = {} AND status = 'requested'
           RETURNING *""",
        practitioner_id,
    )
    return [_task(r) for r in found]


async def pass_tasks(
    scope: Scope, patient_id: UUID, from_id: UUID, to_id: UUID | None, subjects: Sequence[str]
) -> None:
    """Open tasks of a patient that one provider has go to another with the evaluation, or back to everybody."""
    await db.execute(
        """UPDATE urgent_task SET practitioner_id = {} WHERE patient_id = {} AND practitioner_id = {}
           AND status = 'requested' AND subject = ANY({})""",
        to_id, patient_id, from_id, list(subjects),
    )  # fmt: skip


async def open_tasks(scope: Scope, patient_id: UUID) -> list[UrgentTask]:
    """Open tasks of a patient within reach, the soonest due first."""
    condition, args = _tasks_reach(scope)
    found = await db.rows(
        f"""SELECT * FROM urgent_task WHERE patient_id = {{}} AND status = 'requested' AND {condition}
            ORDER BY due_at, id""",
        patient_id, *args,
    )  # fmt: skip
    return [_task(r) for r in found]
