"""One evaluation as its provider reads it: everything that is on the page, looked at once and recorded once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.evaluations import noting, overriding
from carepath.evaluations.check_queries import Override
from carepath.evaluations.note_queries import Note
from carepath.evaluations.rules.checklist import Known
from carepath.journey import compare, evaluate, review, summarize
from carepath.journey.compare import Comparison
from carepath.journey.evaluate import EvaluationFile
from carepath.journey.review import Blocking
from carepath.journey.summarize import Summary
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.questionnaires.service import Reading
from carepath.scheduling import service as scheduling
from carepath.worklists import same_person
from carepath.worklists.same_person import OtherRecord


@dataclass(frozen=True, slots=True)
class Look:
    """The page of an evaluation that the actor has. `scores` are those of this intake; `names` are of authors by account."""

    summary: Summary
    scores: dict[str, Reading]
    blocking: Blocking
    known: Known
    overrides: dict[str, Override]
    notes: tuple[Note, ...]
    names: dict[UUID, str]
    comparison: Comparison | None
    others: tuple[OtherRecord, ...]


async def at_evaluation(actor: Actor, evaluation_id: UUID, now: datetime) -> tuple[EvaluationFile, Look | None]:
    """The file, and what is made of it; None beside an evaluation that the actor has not claimed."""
    async with db.transaction():
        file = await evaluate.open_evaluation(actor, evaluation_id, now)
        if file.patient is None or file.intake is None:
            return file, None
        return file, await _look(actor, file, now)


async def _look(actor: Actor, file: EvaluationFile, now: datetime) -> Look:
    assert file.patient is not None
    assert file.intake is not None
    evaluation, scores = file.evaluation, compare.of_intake(file.responses, file.scores)
    known = await review.known(actor, evaluation, now)
    others = await same_person.others(actor.scope, file.patient.id)
    if others:
        await audit.record(
            actor, "see-same-person", "evaluation", evaluation.id, now, patient_id=file.patient.id, rows=len(others)
        )
    return Look(
        summarize.summary(file.patient, file.responses, scores, file.verdict, known.today),
        scores,
        await review.blocking(actor, evaluation, known),
        known,
        await overriding.overrides(actor.scope, evaluation.id),
        tuple(await noting.notes_of(actor.scope, evaluation.id)),
        await names(actor),
        await compare.with_earlier(actor, file.intake, file.responses, file.scores),
        tuple(others),
    )


async def names(actor: Actor) -> dict[UUID, str]:
    """Who wrote what: providers by account."""
    people = {one.id: one.name for one in await scheduling.practitioners(actor.scope)}
    found = await accounts.colleagues(Role.PROVIDER)
    return {one.id: people[one.practitioner_id] for one in found if one.practitioner_id in people}
