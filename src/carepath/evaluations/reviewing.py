"""Whose an evaluation is, from its opening on: taken, given back, handed over, withdrawn; and what cannot wait."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.evaluations import queries, question_queries, rules
from carepath.evaluations.catalogue import evaluations as catalogue
from carepath.evaluations.queries import Evaluation, Late
from carepath.evaluations.question_queries import UrgentTask
from carepath.evaluations.rules import escalation
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role, Scope
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.words import _

SUBJECT = "evaluation"
_TASKS = ("intake", "check-in")
_HURRY = "stat"


async def step(
    actor: Actor, before: Evaluation, status: str, action: str, now: datetime, reason: str | None = None
) -> None:
    """Append to the evaluation's history."""
    await history.record(
        actor, SUBJECT, before.id, from_status=before.status, to_status=status, action=action, now=now, reason=reason
    )


async def mine(actor: Actor, evaluation_id: UUID, version: int | None = None) -> Evaluation:
    """An evaluation that this provider has and that goes on, locked. Conflict says what has become of it meanwhile, and
    that it is not as it was when they looked at `version`."""
    found = await queries.get(actor.scope, evaluation_id, lock=True)
    if found.practitioner_id is None:
        raise Conflict(_("Take this evaluation first."), "unclaimed")
    if found.status == "completed":
        raise Conflict(_("This evaluation was decided already."), found.status)
    if found.status == "cancelled":
        raise Conflict(_("The patient has withdrawn meanwhile, and this evaluation has ended."), found.status)
    if version is not None:
        rules.check_version(found.version, version)
    return found


async def open_for(actor: Actor, patient_id: UUID, intake_id: UUID, priority: str, now: datetime) -> Evaluation:
    """The evaluation of a submitted intake; again is harmless."""
    async with db.transaction():
        due_at = rules.due_by(catalogue().due.hours, priority, now)
        escalate_at = escalation.next_at(catalogue().escalation.steps, due_at, 0)
        evaluation, is_new = await queries.insert(
            actor.scope, patient_id, intake_id, priority, due_at, escalate_at, now
        )
        if is_new:
            await history.record(
                actor, SUBJECT, evaluation.id, from_status=None, to_status="requested", action="open", now=now
            )
        return evaluation


async def assign_for_visit(actor: Actor, patient_id: UUID, practitioner_id: UUID, now: datetime) -> Evaluation | None:
    """The provider whom the patient booked reviews the intake, and takes over its urgent tasks."""
    async with db.transaction():
        before = await queries.pending_of_patient(actor.scope, patient_id)
        if before is None or before.practitioner_id == practitioner_id:
            return before
        status = rules.EVALUATION.apply(before.status, "assign", actor.role)
        await queries.set_practitioner(actor.scope, before.id, practitioner_id, status)
        await question_queries.give_tasks(actor.scope, patient_id, practitioner_id)
        await step(actor, before, status, "assign", now)
        return await queries.get(actor.scope, before.id)


async def claim(actor: Actor, evaluation_id: UUID, now: datetime) -> Evaluation:
    """A provider takes an evaluation that is nobody's; taking one's own again is harmless.

    Conflict when somebody was faster, NotFound for one that was a colleague's from the start.
    """
    if actor.practitioner_id is None:
        raise Refused(_("Only a provider takes an evaluation."))
    async with db.transaction():
        seen = await queries.get(actor.scope, evaluation_id)
        if seen.practitioner_id is not None:
            return seen
        before = await _still_free(evaluation_id)
        status = rules.EVALUATION.apply(before.status, "claim", actor.role)
        await queries.set_practitioner(actor.scope, before.id, actor.practitioner_id, status)
        await question_queries.give_tasks(actor.scope, before.patient_id, actor.practitioner_id)
        await step(actor, before, status, "claim", now)
        return await queries.get(actor.scope, evaluation_id)


async def _still_free(evaluation_id: UUID) -> Evaluation:
    """Lock what was free a moment ago: of two claims at once the second sees the first's, and is told."""
    found = await queries.get(SYSTEM.scope, evaluation_id, lock=True)
    if found.practitioner_id is not None:
        raise Conflict(_("A colleague has taken this evaluation meanwhile."), "claimed")
    return found


async def release(actor: Actor, evaluation_id: UUID, reason: str, version: int, now: datetime) -> Evaluation:
    """Give an evaluation back: it is everybody's again, with its urgent tasks. Not while the patient was asked."""
    rules.check_text("release_reason", reason, _("Write why."), rules.REASON_LIMIT)
    async with db.transaction():
        before = await mine(actor, evaluation_id, version)
        if before.status == "on-hold":
            raise Conflict(
                _("The patient was asked something, and the answer must reach somebody. Hand it over instead."),
                before.status,
            )
        status = rules.EVALUATION.apply(before.status, "release", actor.role)
        await queries.set_practitioner(actor.scope, before.id, None, status)
        await _pass_tasks(actor.scope, before, None, _TASKS[:1])
        await step(actor, before, status, "release", now, reason.strip())
        return await queries.get(SYSTEM.scope, before.id)


async def hand_over(
    actor: Actor, evaluation_id: UUID, to_id: UUID, reason: str, version: int, now: datetime
) -> Evaluation:
    """It is a colleague's from now on, with the patient's urgent tasks, and out of one's own reach. Whether the
    colleague may treat the patient is for the caller to know."""
    rules.check_text("hand_over_reason", reason, _("Write why."), rules.REASON_LIMIT)
    if to_id == actor.practitioner_id:
        raise Invalid({"colleague": _("Choose a colleague.")})
    async with db.transaction():
        before = await mine(actor, evaluation_id, version)
        status = rules.EVALUATION.apply(before.status, "hand-over", actor.role)
        await queries.set_practitioner(actor.scope, before.id, to_id, status, handed_by=actor.account_id)
        await _pass_tasks(actor.scope, before, to_id, _TASKS)
        await step(actor, before, status, "hand-over", now, reason.strip())
        return await queries.get(SYSTEM.scope, before.id)


async def leave(actor: Actor, practitioner_id: UUID, now: datetime) -> list[UrgentTask]:
    """In the caller's transaction: a provider who may not sign in any more has nothing: what waits for their decision and
    what is urgent is everybody's. Answers the urgent tasks."""
    for before in await queries.lock_pending_of(actor.scope, practitioner_id):
        status = rules.EVALUATION.apply(before.status, "lose-provider", actor.role)
        await queries.set_practitioner(actor.scope, before.id, None, status)
        await step(actor, before, status, "lose-provider", now)
    return await question_queries.free_tasks(actor.scope, practitioner_id)


async def _pass_tasks(scope: Scope, before: Evaluation, to_id: UUID | None, subjects: Sequence[str]) -> None:
    assert before.practitioner_id is not None  # `mine` answers only what somebody has
    await question_queries.pass_tasks(scope, before.patient_id, before.practitioner_id, to_id, subjects)


async def withdraw(actor: Actor, now: datetime) -> Evaluation:
    """The patient does not want to be evaluated any more. Conflict when it is decided, or there is nothing to withdraw."""
    if actor.role is not Role.PATIENT or actor.patient_id is None:
        raise Refused(_("This is for patients."))
    async with db.transaction():
        before = await queries.pending_of_patient(actor.scope, actor.patient_id)
        if before is None:
            newest = await queries.newest_of_patient(actor.scope, actor.patient_id)
            if newest is not None and newest.status == "completed":
                raise Conflict(_("Your provider has decided already. You can read it on your page."), newest.status)
            raise Conflict(_("There is nothing to withdraw."), "nothing")
        status = rules.EVALUATION.apply(before.status, "withdraw", actor.role)
        await queries.set_status(actor.scope, before.id, status)
        await step(actor, before, status, "withdraw", now)
        return await queries.get(actor.scope, before.id)


async def escalate(now: datetime, limit: int) -> list[Late]:
    """Evaluations that have become late, or are late by another step: each with the steps taken by now."""
    steps = catalogue().escalation.steps
    async with db.transaction():
        found = await queries.lock_late(SYSTEM.scope, now, limit)
        for one in found:  # the machine has a say, though the state stays
            rules.EVALUATION.apply(one.status, "escalate", Role.SYSTEM)
        now_told = {one.id: escalation.passed(steps, one.due_at, now) for one in found}
        await queries.set_escalations(
            SYSTEM.scope,
            [(one.id, now_told[one.id], escalation.next_at(steps, one.due_at, now_told[one.id])) for one in found],
        )
        await history.record_each(SYSTEM, SUBJECT, {one.id: (one.status, one.status) for one in found}, "escalate", now)
        return [Late(one.id, one.practitioner_id, one.status, one.due_at, now_told[one.id]) for one in found]


async def owners(ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who has each of these evaluations, of those that go on."""
    return await queries.owners(SYSTEM.scope, ids)


async def late_by_owner(now: datetime) -> list[tuple[UUID | None, int, int]]:
    """(whose, steps taken, how many) of what is late at this moment and was told."""
    return await queries.late_by_owner(SYSTEM.scope, now)


def is_told(told: int, role: Role, is_owner: bool, has_owner: bool) -> bool:
    """Is somebody among those whom the steps taken so far concern?"""
    return escalation.concerns(escalation.audience(catalogue().escalation.steps, told), role, is_owner, has_owner)


async def urgent(
    patient_id: UUID | None, practitioner_id: UUID | None, subject: str, subject_id: UUID, rule_id: str,
    rule_version: str, words: str, now: datetime,
) -> tuple[UrgentTask, bool]:  # fmt: skip
    """Open an urgent task (with the patient's provider when there is one) and hurry the evaluation; (task, is it new)."""
    async with db.transaction():
        waiting = await queries.pending_of_patient(SYSTEM.scope, patient_id) if patient_id is not None else None
        if waiting is not None:
            practitioner_id = practitioner_id or waiting.practitioner_id
        due_at = rules.due_by({_HURRY: catalogue().due.task_hours}, _HURRY, now)
        escalate_at = escalation.next_at(catalogue().task_escalation.steps, due_at, 0)
        task, is_new = await question_queries.insert_task(
            SYSTEM.scope, patient_id, practitioner_id, subject, subject_id, rule_id, rule_version, words, due_at,
            escalate_at, now,
        )  # fmt: skip
        if waiting is not None and (is_new or waiting.priority != _HURRY):
            await _hurry(waiting, now)
        return task, is_new


async def _hurry(waiting: Evaluation, now: datetime) -> None:
    due_at = min(waiting.due_at, rules.due_by(catalogue().due.hours, _HURRY, now))
    escalate_at = escalation.next_at(catalogue().escalation.steps, due_at, waiting.escalations)
    await queries.raise_priority(SYSTEM.scope, waiting.id, _HURRY, due_at, escalate_at)


async def urgent_task(actor: Actor, task_id: UUID) -> UrgentTask:
    """One urgent task within the provider's scope."""
    return await question_queries.task(actor.scope, task_id)


async def open_tasks(scope: Scope, patient_id: UUID) -> list[UrgentTask]:
    """What of a patient needs somebody today."""
    return await question_queries.open_tasks(scope, patient_id)


async def has_open_urgent(scope: Scope, subject: str, subject_id: UUID) -> bool:
    """Has a provider been told of this very thing, and not finished with it?"""
    return await question_queries.has_open_task(scope, subject, subject_id)


async def finish_urgent(actor: Actor, task_id: UUID, note: str, now: datetime) -> UrgentTask:
    """Say what was done about it. Invalid without a note, Conflict when somebody has."""
    rules.check_text("note", note, _("Write what you did."))
    async with db.transaction():
        task = await question_queries.lock_task(actor.scope, task_id)
        rules.URGENT_TASK.apply(task.status, "finish", actor.role)
        if actor.account_id is None:
            raise Refused(_("Only a provider finishes an urgent task."))
        await question_queries.finish_task(actor.scope, task_id, note.strip(), actor.account_id, now)
        return await question_queries.task(actor.scope, task_id)
