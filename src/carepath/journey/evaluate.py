"""The provider's review: what an intake says, what the patient answers, and what cannot wait. `decide` ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import history
from carepath.audit import service as audit
from carepath.audit.queries import Change
from carepath.evaluations import service as evaluations
from carepath.evaluations.rules import PRIORITIES
from carepath.evaluations.service import Decision, Evaluation, InformationRequest, UrgentTask
from carepath.intake import service as intakes
from carepath.intake.queries import Intake
from carepath.journey import digest
from carepath.kit import db, when
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Reading, Response
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, Practitioner
from carepath.screening import service as screening
from carepath.screening.service import Finding, Verdict
from carepath.worklists import pending as pending_list
from carepath.worklists.pending import Mark, PendingPage, PendingRow, Wanted

_SUBJECT = "evaluation"


@dataclass(frozen=True, slots=True)
class EvaluationFile:
    """All there is to judge by. Before it is claimed only `evaluation` is filled, and `listed`: what the list says of it."""

    evaluation: Evaluation
    patient: Patient | None
    intake: Intake | None
    responses: tuple[Response, ...]
    scores: tuple[Reading, ...]
    verdict: Verdict | None
    visits: tuple[Appointment, ...]
    requests: tuple[InformationRequest, ...]
    decision: Decision | None
    changes: tuple[Change, ...]
    listed: PendingRow | None = None

    @property
    def is_claimed(self) -> bool:
        """Does it belong to the provider who looks at it?"""
        return self.patient is not None


def must_be_provider(actor: Actor) -> UUID:
    """Their practitioner id. Refused for anybody else."""
    if actor.role is not Role.PROVIDER or actor.practitioner_id is None:
        raise Refused(_("This is for providers."))
    return actor.practitioner_id


async def pending(
    actor: Actor, show: str, mark: Mark | None, zone: str, now: datetime, size: int = pending_list.SIZE
) -> PendingPage:  # fmt: skip
    """A page of the evaluations to decide: one's own and nobody's, in the order in which to look. `zone` is the
    provider's, in which today is read."""
    must_be_provider(actor)
    today = digest.today(zone, now)
    since, past = digest.day_of(zone, today)
    async with db.transaction():
        found = await pending_list.page(actor.scope, Wanted(show, today, since, past, mark, size))
        await audit.record(actor, "read", "pending-list", None, now, rows=len(found.rows))
        return found


async def open_evaluation(actor: Actor, evaluation_id: UUID, now: datetime) -> EvaluationFile:
    """One evaluation. What a patient answered is opened only by the provider who has it. Every look leaves an audit row,
    also at one that nobody has yet."""
    practitioner_id = must_be_provider(actor)
    async with db.transaction():
        evaluation = await evaluations.get(actor.scope, evaluation_id)
        if evaluation.practitioner_id != practitioner_id:
            await audit.record(actor, "preview", _SUBJECT, evaluation.id, now, patient_id=evaluation.patient_id)
            listed = await _listed(actor, evaluation, now)
            return EvaluationFile(evaluation, None, None, (), (), None, (), (), None, (), listed)
        await audit.record(actor, "read", _SUBJECT, evaluation.id, now, patient_id=evaluation.patient_id)
        return await file_of(actor, evaluation)


async def _listed(actor: Actor, one: Evaluation, now: datetime) -> PendingRow | None:
    """The list's own row of an evaluation that nobody has: a page of one row, from just before its place."""
    person = await scheduling.practitioner(actor.scope, must_be_provider(actor))
    before = Mark(False, PRIORITIES.index(one.priority), one.due_at, one.opened_at, UUID(int=one.id.int - 1))
    wanted = Wanted("unclaimed", digest.today(person.zone, now), now, now, before, 1)
    rows = (await pending_list.page(actor.scope, wanted)).rows
    return rows[0] if rows and rows[0].evaluation_id == one.id else None


async def file_of(actor: Actor, evaluation: Evaluation) -> EvaluationFile:
    """What the actor reaches of it. Whoever calls has checked that they may, and leaves the audit row."""
    scope, patient_id = actor.scope, evaluation.patient_id
    visits = [a for a in await scheduling.appointments_of(scope, patient_id) if a.status != "proposed"]
    return EvaluationFile(
        evaluation,
        await accounts.patient(actor, patient_id),
        await intakes.get(actor, evaluation.intake_id),
        tuple(await questionnaires.responses_of(scope, "intake", evaluation.intake_id)),
        tuple(await questionnaires.scores_of_patient(scope, patient_id)),
        await screening.verdict_of(scope, evaluation.intake_id),
        tuple(visits),
        tuple(await evaluations.requests_of(scope, evaluation.id)),
        await evaluations.decision_of(scope, evaluation.id),
        tuple(await history.of(scope, _SUBJECT, evaluation.id)),
    )


async def claim(actor: Actor, evaluation_id: UUID, now: datetime) -> Evaluation:
    """Take an evaluation that is nobody's. Refused for one whose patient is where the provider has no license."""
    must_be_provider(actor)
    async with db.transaction():
        await _must_be_licensed(actor, await evaluations.get(actor.scope, evaluation_id), now)
        evaluation = await evaluations.claim(actor, evaluation_id, now)
        await audit.record(actor, "claim", _SUBJECT, evaluation.id, now, patient_id=evaluation.patient_id)
        return evaluation


async def _must_be_licensed(actor: Actor, seen: Evaluation, now: datetime) -> None:
    """Whoever has it already goes on: of a license that ends, the checklist tells before they approve."""
    if seen.practitioner_id is None:
        patient = await accounts.patient(SYSTEM, seen.patient_id)
        if actor.practitioner_id not in {one.id for one in await licensed(actor, patient, now)}:
            raise Refused(
                _("You have no license for {state} today, or are switched off as a practitioner.").format(
                    state=patient.jurisdiction
                )
            )


async def licensed(actor: Actor, patient: Patient, now: datetime) -> list[Practitioner]:
    """Who may treat this patient today, on the patient's own calendar."""
    today = now.astimezone(when.zone(patient.zone)).date()
    return await scheduling.who_may_treat(actor.scope, patient.jurisdiction, today)


async def question(actor: Actor, request_id: UUID, now: datetime) -> InformationRequest:
    """One's own question from the provider."""
    async with db.transaction():
        found = await evaluations.question(actor, request_id)
        await audit.record(actor, "read", "information-request", found.id, now, patient_id=found.patient_id)
        return found


async def answer(actor: Actor, request_id: UUID, text: str, now: datetime) -> None:
    """The patient answers."""
    async with db.transaction():
        evaluation = await evaluations.answer(actor, request_id, text, now)
        await audit.record(actor, "answer", "information-request", request_id, now, patient_id=evaluation.patient_id)


async def raise_urgent(
    actor: Actor, patient_id: UUID | None, practitioner_id: UUID | None, subject: str, subject_id: UUID,
    findings: Sequence[Finding], now: datetime,
) -> list[UrgentTask]:  # fmt: skip
    """Somebody needs a person today: for each finding a task for the provider (or every provider, when nobody has the
    patient), and for all of one sending a single message that says no more than that. Each is raised once while it is
    open; those that are new. A provider who may not sign in is nobody."""
    if practitioner_id is not None and not await accounts.is_active_provider(practitioner_id):
        practitioner_id = None
    new: list[UrgentTask] = []
    for one in findings:
        task, is_new = await evaluations.urgent(
            patient_id, practitioner_id, subject, subject_id, one.rule_id, one.rule_version, one.provider_words, now
        )
        if is_new:
            new.append(task)
            await audit.record(actor, "raise", "urgent-task", task.id, now, patient_id=patient_id, rule=one.rule_id)
    for task in new[:1]:  # its letter leads to the desk, where all of them are
        await tell_of_urgent(task, now)
    return new


async def tell_of_urgent(task: UrgentTask, now: datetime) -> None:
    """A message to whoever can see it on their desk."""
    for account in await accounts.providers_to_alert(task.practitioner_id):
        await notifications.enqueue("urgent-task", "account", account.id, "urgent-task", task.id, 1, now, now)


@dataclass(frozen=True, slots=True)
class UrgentFile:
    """An urgent task with whom it is about, and the evaluation it belongs to as far as this provider may open it.
    `is_own`: the patient is in this provider's care."""

    task: UrgentTask
    patient: Patient | None
    evaluation_id: UUID | None
    is_own: bool


async def open_urgent(actor: Actor, task_id: UUID, now: datetime) -> UrgentFile:
    """An urgent task with whom it is about. Somebody in danger is shown to any provider who may act on it."""
    must_be_provider(actor)
    async with db.transaction():
        task = await evaluations.urgent_task(actor, task_id)
        await audit.record(actor, "read", "urgent-task", task.id, now, patient_id=task.patient_id)
        if task.patient_id is None:
            return UrgentFile(task, None, None, False)
        patient = await accounts.patient(SYSTEM, task.patient_id)
        evaluation = await evaluations.newest_of_patient(actor.scope, task.patient_id)
        is_own = task.practitioner_id is not None and task.practitioner_id == actor.practitioner_id
        return UrgentFile(task, patient, evaluation.id if evaluation else None, is_own)


async def finish_urgent(actor: Actor, task_id: UUID, note: str, now: datetime) -> UrgentTask:
    """Say what was done about it."""
    must_be_provider(actor)
    async with db.transaction():
        task = await evaluations.finish_urgent(actor, task_id, note, now)
        await audit.record(actor, "finish", "urgent-task", task.id, now, patient_id=task.patient_id)
        return task
