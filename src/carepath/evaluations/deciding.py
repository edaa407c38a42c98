"""What a provider says of an intake, and what the patient answers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.evaluations import queries, question_queries, rules
from carepath.evaluations.queries import Decision, Evaluation
from carepath.evaluations.question_queries import InformationRequest
from carepath.evaluations.reviewing import mine, step
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Refused
from carepath.kit.words import _


async def decide(
    actor: Actor, evaluation_id: UUID, outcome: str, reason: str, patient_words: str, version: int, now: datetime,
    open_items: Sequence[str] = (),
) -> Evaluation:  # fmt: skip
    """Decide once. `version` is the one the provider looked at: Conflict when anything has changed since.

    `open_items` is what has to be done before an approval, in words: Invalid names it.
    """
    rules.check_decision(outcome, reason, patient_words)
    rules.check_open(open_items, outcome)
    if outcome == rules.MORE:
        return await _ask_more(actor, evaluation_id, reason, patient_words, version, now)
    async with db.transaction():
        before = await mine(actor, evaluation_id, version)
        status = rules.EVALUATION.apply(before.status, "decide", actor.role)
        await queries.set_outcome(actor.scope, evaluation_id, outcome, now)
        await _keep(actor, before, outcome, reason, patient_words, now)
        await step(actor, before, status, "decide", now)
        return await queries.get(actor.scope, evaluation_id)


async def _ask_more(
    actor: Actor, evaluation_id: UUID, reason: str, words: str, version: int, now: datetime
) -> Evaluation:
    async with db.transaction():
        await ask(actor, evaluation_id, words, now, version, reason)
        return await queries.get(actor.scope, evaluation_id)


async def _keep(actor: Actor, before: Evaluation, outcome: str, reason: str, patient_words: str, now: datetime) -> UUID:
    """The row of the decision; answers who decided."""
    if actor.account_id is None:
        raise Refused(_("Only a provider decides."))
    decision = Decision(outcome, reason.strip() or None, patient_words.strip(), actor.account_id, now)
    await queries.insert_decision(actor.scope, before.id, decision)
    return actor.account_id


async def ask(
    actor: Actor, evaluation_id: UUID, text: str, now: datetime, version: int | None = None, reason: str = ""
) -> InformationRequest:
    """Ask the patient something; the evaluation waits. That more had to be known is a decision on record, too."""
    rules.check_text("question", text, _("Write the question."))
    async with db.transaction():
        before = await mine(actor, evaluation_id, version)
        status = rules.EVALUATION.apply(before.status, "ask", actor.role)
        author = await _keep(actor, before, rules.MORE, reason, text, now)
        row_id = await question_queries.insert_request(
            actor.scope, before.id, before.patient_id, text.strip(), author, now
        )
        await queries.set_status(actor.scope, before.id, status)
        await step(actor, before, status, "ask", now)
        return await question_queries.request(actor.scope, row_id)


async def question(actor: Actor, request_id: UUID) -> InformationRequest:
    """One question within the actor's scope."""
    return await question_queries.request(actor.scope, request_id)


async def is_answered(scope: Scope, request_id: UUID) -> bool:
    """Has the patient answered?"""
    return (await question_queries.request(scope, request_id)).answered_at is not None


async def is_waited_for(request_id: UUID) -> bool:
    """Does anybody still wait for the answer?"""
    asked = await question_queries.request(SYSTEM.scope, request_id)
    about = await queries.get(SYSTEM.scope, asked.evaluation_id)
    return asked.answered_at is None and about.status in rules.PENDING


async def answer(actor: Actor, request_id: UUID, text: str, now: datetime) -> Evaluation:
    """The patient answers, once. The evaluation goes on when nothing else is open; whoever was about to decide it looks
    again in any case."""
    rules.check_text("answer", text, _("Write your answer."))
    async with db.transaction():
        # The evaluation first, as whoever decides takes it: two that wait for each other would be no answer for either.
        seen = await question_queries.request(actor.scope, request_id)
        before = await queries.get(SYSTEM.scope, seen.evaluation_id, lock=True)
        asked = await question_queries.request(actor.scope, request_id, lock=True)
        if asked.answered_at is not None:
            raise Conflict(_("You have answered this already."), "answered")
        _still_wanted(before)
        status = rules.EVALUATION.apply(before.status, "answer", actor.role)
        await question_queries.set_answer(actor.scope, request_id, text.strip(), now)
        if await question_queries.open_requests(actor.scope, before.patient_id):
            await queries.touch(actor.scope, before.id)
        else:
            await queries.set_status(actor.scope, before.id, status)
            await step(actor, before, status, "answer", now)
        return await queries.get(SYSTEM.scope, before.id)


def _still_wanted(before: Evaluation) -> None:
    if before.status == "cancelled":
        raise Conflict(_("You have withdrawn; no answer is needed any more."), before.status)
    if before.status not in rules.PENDING:
        raise Conflict(_("Your provider has decided meanwhile; no answer is needed any more."), before.status)


async def open_questions(scope: Scope, patient_id: UUID) -> list[InformationRequest]:
    """What the patient has not answered yet."""
    return await question_queries.open_requests(scope, patient_id)


async def requests_of(scope: Scope, evaluation_id: UUID) -> list[InformationRequest]:
    """Every question of an evaluation."""
    return await question_queries.requests_of(scope, evaluation_id)


async def get(scope: Scope, evaluation_id: UUID, lock: bool = False) -> Evaluation:
    """One evaluation within the scope; with `lock` nobody changes it, or what is checked for it, meanwhile."""
    return await queries.get(scope, evaluation_id, lock)


async def newest_of_patient(scope: Scope, patient_id: UUID) -> Evaluation | None:
    """The patient's newest evaluation within the scope."""
    return await queries.newest_of_patient(scope, patient_id)


async def decision_of(scope: Scope, evaluation_id: UUID) -> Decision | None:
    """What was decided, or None yet."""
    return await queries.decision_of(scope, evaluation_id)
