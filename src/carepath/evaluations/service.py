"""The evaluations island's verbs."""

from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.evaluations import queries, question_queries, rules
from carepath.evaluations.queries import Decision, Evaluation
from carepath.evaluations.question_queries import InformationRequest, UrgentTask
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Refused
from carepath.kit.words import _

__all__ = [
    "Decision", "Evaluation", "InformationRequest", "UrgentTask", "answer", "ask", "assign_for_visit", "claim",
    "decide", "decision_of", "finish_urgent", "get", "has_open_urgent", "is_answered", "newest_of_patient", "open_for", "open_questions",
    "question", "requests_of", "urgent", "urgent_task",
]  # fmt: skip

_SUBJECT = "evaluation"


async def _step(
    actor: Actor, before: Evaluation, status: str, action: str, now: datetime, reason: str | None = None
) -> None:
    await history.record(
        actor, _SUBJECT, before.id, from_status=before.status, to_status=status, action=action, now=now, reason=reason
    )


async def open_for(actor: Actor, patient_id: UUID, intake_id: UUID, priority: str, now: datetime) -> Evaluation:
    """The evaluation of a submitted intake; again is harmless."""
    async with db.transaction():
        due_at = rules.due_by(priority, now)
        evaluation, is_new = await queries.insert(actor.scope, patient_id, intake_id, priority, due_at, now)
        if is_new:
            await history.record(
                actor, _SUBJECT, evaluation.id, from_status=None, to_status="requested", action="open", now=now
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
        await _step(actor, before, status, "assign", now)
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
        await _step(actor, before, status, "claim", now)
        return await queries.get(actor.scope, evaluation_id)


async def _still_free(evaluation_id: UUID) -> Evaluation:
    """Lock what was free a moment ago: of two claims at once the second sees the first's, and is told."""
    found = await queries.get(SYSTEM.scope, evaluation_id, lock=True)
    if found.practitioner_id is not None:
        raise Conflict(_("A colleague has taken this evaluation meanwhile."), "claimed")
    return found


async def _mine(actor: Actor, evaluation_id: UUID) -> Evaluation:
    """An evaluation that this provider has, locked."""
    found = await queries.get(actor.scope, evaluation_id, lock=True)
    if found.practitioner_id is None:
        raise Conflict(_("Take this evaluation first."), "unclaimed")
    return found


async def decide(
    actor: Actor, evaluation_id: UUID, outcome: str, reason: str, patient_words: str, version: int, now: datetime
) -> Evaluation:
    """Decide once. `version` is the one the provider looked at: Conflict when anything has changed since."""
    rules.check_decision(outcome, reason, patient_words)
    async with db.transaction():
        before = await _mine(actor, evaluation_id)
        if before.status == "completed":
            raise Conflict(_("This evaluation was decided already."), "completed")
        if before.version != version:
            raise Conflict(_("This evaluation has changed since you opened it. Look at it again."), "changed")
        status = rules.EVALUATION.apply(before.status, "decide", actor.role)
        if actor.account_id is None:
            raise Refused(_("Only a provider decides."))
        await queries.set_outcome(actor.scope, evaluation_id, outcome, now)
        decision = Decision(outcome, reason.strip() or None, patient_words.strip(), actor.account_id, now)
        await queries.insert_decision(actor.scope, evaluation_id, decision)
        await _step(actor, before, status, "decide", now)
        return await queries.get(actor.scope, evaluation_id)


async def ask(actor: Actor, evaluation_id: UUID, text: str, now: datetime) -> InformationRequest:
    """Ask the patient something; the evaluation waits."""
    rules.check_text("question", text, _("Write the question."))
    async with db.transaction():
        before = await _mine(actor, evaluation_id)
        status = rules.EVALUATION.apply(before.status, "ask", actor.role)
        if actor.account_id is None:
            raise Refused(_("Only a provider asks."))
        row_id = await question_queries.insert_request(
            actor.scope, before.id, before.patient_id, text.strip(), actor.account_id, now
        )
        await queries.set_status(actor.scope, before.id, status)
        await _step(actor, before, status, "ask", now)
        return await question_queries.request(actor.scope, row_id)


async def question(actor: Actor, request_id: UUID) -> InformationRequest:
    """One question within the actor's scope."""
    return await question_queries.request(actor.scope, request_id)


async def is_answered(scope: Scope, request_id: UUID) -> bool:
    """Has the patient answered?"""
    return (await question_queries.request(scope, request_id)).answered_at is not None


async def answer(actor: Actor, request_id: UUID, text: str, now: datetime) -> Evaluation:
    """The patient answers, once. The evaluation goes on when it was waiting and nothing else is open."""
    rules.check_text("answer", text, _("Write your answer."))
    async with db.transaction():
        asked = await question_queries.request(actor.scope, request_id, lock=True)
        if asked.answered_at is not None:
            raise Conflict(_("You have answered this already."), "answered")
        before = await queries.get(SYSTEM.scope, asked.evaluation_id, lock=True)
        if before.status not in rules.PENDING:
            raise Conflict(_("Your provider has decided meanwhile; no answer is needed any more."), before.status)
        await question_queries.set_answer(actor.scope, request_id, text.strip(), now)
        if before.status == "on-hold" and not await question_queries.open_requests(actor.scope, before.patient_id):
            status = rules.EVALUATION.apply(before.status, "answer", actor.role)
            await queries.set_status(actor.scope, before.id, status)
            await _step(actor, before, status, "answer", now)
        return await queries.get(SYSTEM.scope, before.id)


async def open_questions(scope: Scope, patient_id: UUID) -> list[InformationRequest]:
    """What the patient has not answered yet."""
    return await question_queries.open_requests(scope, patient_id)


async def requests_of(scope: Scope, evaluation_id: UUID) -> list[InformationRequest]:
    """Every question of an evaluation."""
    return await question_queries.requests_of(scope, evaluation_id)


async def get(scope: Scope, evaluation_id: UUID) -> Evaluation:
    """One evaluation within the scope."""
    return await queries.get(scope, evaluation_id)


async def newest_of_patient(scope: Scope, patient_id: UUID) -> Evaluation | None:
    """The patient's newest evaluation within the scope."""
    return await queries.newest_of_patient(scope, patient_id)


async def decision_of(scope: Scope, evaluation_id: UUID) -> Decision | None:
    """What was decided, or None yet."""
    return await queries.decision_of(scope, evaluation_id)


async def urgent(
    patient_id: UUID | None, practitioner_id: UUID | None, subject: str, subject_id: UUID, rule_id: str,
    rule_version: str, words: str, now: datetime,
) -> tuple[UrgentTask, bool]:  # fmt: skip
    """Open an urgent task (with the patient's provider when there is one) and hurry the evaluation; (task, is it new)."""
    async with db.transaction():
        if patient_id is not None:
            waiting = await queries.pending_of_patient(SYSTEM.scope, patient_id)
            if waiting is not None:
                practitioner_id = practitioner_id or waiting.practitioner_id
                due_at = rules.due_by("stat", now)
                await queries.raise_priority(SYSTEM.scope, waiting.id, "stat", due_at)
        return await question_queries.insert_task(
            SYSTEM.scope, patient_id, practitioner_id, subject, subject_id, rule_id, rule_version, words,
            now + rules.URGENT_TASK_DUE, now,
        )  # fmt: skip


async def urgent_task(actor: Actor, task_id: UUID) -> UrgentTask:
    """One urgent task within the provider's scope."""
    return await question_queries.task(actor.scope, task_id)


async def has_open_urgent(scope: Scope, subject: str, subject_id: UUID) -> bool:
    """Has a provider been told of this very thing, and not finished with it?"""
    return await question_queries.has_open_task(scope, subject, subject_id)


async def finish_urgent(actor: Actor, task_id: UUID, note: str, now: datetime) -> UrgentTask:
    """Say what was done about it. Invalid without a note, Conflict when somebody has."""
    rules.check_text("note", note, _("Write what you did."))
    async with db.transaction():
        task = await question_queries.task(actor.scope, task_id, lock=True)
        rules.URGENT_TASK.apply(task.status, "finish", actor.role)
        if actor.account_id is None:
            raise Refused(_("Only a provider finishes an urgent task."))
        await question_queries.finish_task(actor.scope, task_id, note.strip(), actor.account_id, now)
        return await question_queries.task(actor.scope, task_id)
