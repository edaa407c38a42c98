"""Filling in the intake: sections that save themselves, and help at once when an answer asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.intake import service as intakes
from carepath.intake.catalogue import Catalogue, slug_of
from carepath.intake.queries import Intake
from carepath.journey import evaluate
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Answers, Questionnaire, Response, SectionView, StaleRevision
from carepath.screening import service as screening

_SUBJECT = "intake"


@dataclass(frozen=True, slots=True)
class Section:
    """One page of questions as it stands. `urgent` are words to somebody whose answers ask for help now."""

    slug: str
    title: str
    revision: int
    view: SectionView
    urgent: tuple[str, ...]

    @property
    def is_urgent(self) -> bool:
        """Is help shown?"""
        return bool(self.urgent)


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that differs between two windows, both in words."""

    question: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did. `errors` are by field; with `conflict` nothing was written."""

    section: Section
    revision: int
    errors: Mapping[str, str]
    is_urgent: bool
    has_new_questions: bool
    conflict: tuple[Difference, ...] | None
    words: str
    next_path: str


async def open_intake(actor: Actor) -> Intake:
    """The patient's newest intake. NotFound when there is none."""
    if actor.patient_id is None:
        raise NotFound
    intake = await intakes.newest(actor, actor.patient_id)
    if intake is None:
        raise NotFound(_("There is no application to go on with."))
    return intake


async def section(actor: Actor, catalogue: Catalogue, slug: str, now: datetime) -> Section:
    """One section with what was saved before; opened at its current version the first time."""
    async with db.transaction():
        _intake, response = await _response(actor, catalogue, slug, now)
        await audit.record(
            actor, "read", "questionnaire-response", response.id, now, patient_id=actor.patient_id, section=slug
        )
        return _shown(slug, response, response.answers, {})


async def _response(actor: Actor, catalogue: Catalogue, slug: str, now: datetime) -> tuple[Intake, Response]:
    url = catalogue.section(slug)
    if url is None:
        raise NotFound
    intake = await open_intake(actor)
    if intake.status != "in-progress":
        raise Conflict(_("Your answers were sent already. Your provider will talk them over with you."), intake.status)
    response_id = await questionnaires.open_response(actor.scope, _SUBJECT, intake.id, intake.patient_id, url, now)
    return intake, await questionnaires.load(actor.scope, response_id)


def _shown(
    slug: str, response: Response, answers: Answers, errors: Mapping[str, str],
    fields: Mapping[str, list[str]] | None = None,
) -> Section:  # fmt: skip
    form = response.questionnaire
    view = questionnaires.view(form, answers, errors, fields)
    return Section(slug, form.title, response.revision, view, _urgent(form, answers))


def _urgent(form: Questionnaire, answers: Answers) -> tuple[str, ...]:
    return tuple(finding.patient_words for finding in screening.immediate(form, answers))


async def save(
    actor: Actor, catalogue: Catalogue, slug: str, fields: Mapping[str, list[str]], revision: int, is_final: bool,
    now: datetime,
) -> Saved:  # fmt: skip
    """Keep every valid answer. With `is_final`, also say what is missing before going on.

    An answer that asks for help at once opens an urgent task, whatever the rest of the form says, and
    even when another window has overtaken this one.
    """
    async with db.transaction():
        intake, response = await _response(actor, catalogue, slug, now)
        form = response.questionnaire
        answers, errors = questionnaires.parse(form, fields, response.answers)
        await _help_at_once(actor, intake, form, answers, now)
        try:
            kept = questionnaires.left_alone(form, response.answers, answers, errors)
            fresh = await questionnaires.save(actor.scope, response.id, revision, kept, now)
        except StaleRevision:
            return _overtaken(slug, response, answers)
        await audit.record(
            actor, "save", "questionnaire-response", response.id, now, patient_id=actor.patient_id, section=slug
        )
    if is_final:
        errors = questionnaires.problems(form, answers) | dict(errors)
    return _saved(catalogue, slug, replace(response, revision=fresh), answers, errors, fields)


async def _help_at_once(actor: Actor, intake: Intake, form: Questionnaire, answers: Answers, now: datetime) -> None:
    findings = screening.immediate(form, answers)
    await evaluate.raise_urgent(actor, intake.patient_id, None, _SUBJECT, intake.id, findings, now)


def _saved(
    catalogue: Catalogue, slug: str, response: Response, answers: Answers, errors: Mapping[str, str],
    fields: Mapping[str, list[str]],
) -> Saved:  # fmt: skip
    unseen = questionnaires.unasked(response.questionnaire, answers, fields)
    # A question that has only just appeared is not yet an omission.
    errors = {name: words for name, words in errors.items() if name not in unseen}
    shown = _shown(slug, response, answers, errors, fields)
    return Saved(
        shown, response.revision, errors, shown.is_urgent, bool(unseen), None, _("Saved."), _next_path(catalogue, slug)
    )


def _overtaken(slug: str, response: Response, answers: Answers) -> Saved:
    form = response.questionnaire
    rows = tuple(
        Difference(d.question, d.here, d.there) for d in questionnaires.differences(form, answers, response.answers)
    )
    shown = _shown(slug, response, response.answers, {})
    urgent = tuple(dict.fromkeys((*shown.urgent, *_urgent(form, answers))))
    shown = replace(shown, urgent=urgent)
    words = _("This section was changed in another window. Reload the page to see both.")
    return Saved(shown, response.revision, {}, shown.is_urgent, False, rows, words, "/intake")


def _next_path(catalogue: Catalogue, slug: str) -> str:
    slugs = [slug_of(url) for url in catalogue.sections]
    later = slugs[slugs.index(slug) + 1 :]
    return f"/intake/{later[0]}" if later else "/intake"


async def answers_of(actor: Actor, intake_id: UUID) -> dict[str, Response]:
    """Every response of an intake by canonical, within the actor's scope."""
    found = await questionnaires.responses_of(actor.scope, _SUBJECT, intake_id)
    return {response.questionnaire.url: response for response in found}
