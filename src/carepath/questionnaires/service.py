"""The engine's verbs: registered versions, drafts that are never overwritten silently, completion with scores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Scope
from carepath.kit.errors import ConfigProblem, Conflict, Invalid, NotFound
from carepath.kit.words import _
from carepath.questionnaires import queries, reading, resource, scoring
from carepath.questionnaires.answers import left_alone, parse
from carepath.questionnaires.calculating import State, evaluate
from carepath.questionnaires.checking import Line, lines, placed_lines, problems, prune, starting, unasked, words
from carepath.questionnaires.definition import MARK, Answers, Item, Questionnaire, place, spread
from carepath.questionnaires.importing import Imported, file_name, take
from carepath.questionnaires.queries import Reading
from carepath.questionnaires.render import SectionView, view
from carepath.questionnaires.scoring import Instrument, Score
from carepath.questionnaires.values import Quantity, Value

__all__ = [
    "MARK", "Answers", "Imported", "Instrument", "Item", "Line", "Quantity", "Questionnaire", "Reading", "Response", "Score", "SectionView", "StaleRevision",
    "State", "Value", "adopt", "all_forms", "clash", "complete", "completed_at", "completed_of", "configure", "current", "differences", "evaluate", "file_name", "first_scores", "instruments", "left_alone", "lines", "load", "load_files",
    "open_response", "parse", "placed_lines", "problems", "prune", "register_all", "responses_of", "save", "scores_of_patient", "starting", "take",
    "unasked", "view", "words",
]  # fmt: skip


class StaleRevision(Conflict):
    """Another window saved in between. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("These answers were changed in another window."), "stale-revision")


@dataclass(frozen=True, slots=True)
class Response:
    """One response with the version it was answered on."""

    id: UUID
    patient_id: UUID | None
    questionnaire: Questionnaire
    status: str
    revision: int
    answers: Answers
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that two windows answered differently, in words."""

    question: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Library:
    """Every questionnaire in config/, by canonical, and how its scores are read."""

    forms: dict[str, Questionnaire]
    instruments: list[Instrument]


@dataclass(slots=True)
class _Process:
    library: Library | None = None
    older: dict[tuple[str, str], Questionnaire] = field(default_factory=dict)


_kept = _Process()


def load_files(config_dir: Path) -> Library:
    """Read and check config/questionnaires. ConfigProblem names file, item and reason."""
    forms: dict[str, Questionnaire] = {}
    for path in sorted((config_dir / "questionnaires").glob("*.json")):
        form = reading.parse(path.read_text(encoding="utf-8"), f"questionnaires/{path.name}")
        if form.url in forms:
            raise ConfigProblem(f"questionnaires/{path.name}", "url", "another file has the same canonical")
        forms[form.url] = form
    return Library(forms, scoring.load(config_dir, forms))


def configure(library: Library) -> None:
    """Make `library` the one of this process."""
    _kept.library = library


def _library() -> Library:
    if _kept.library is None:
        raise RuntimeError("questionnaires.configure was not called")
    return _kept.library


def current(url: str) -> Questionnaire:
    """The version that new responses are opened on. NotFound for a canonical nobody configured."""
    found = _library().forms.get(url)
    if found is None:
        raise NotFound(_("There is no such questionnaire."))
    return found


def all_forms() -> dict[str, Questionnaire]:
    """Every configured form, by canonical."""
    return dict(_library().forms)


async def clash(form: Questionnaire) -> str:
    """Why a form cannot be used beside what was stored: the same version with other content. "" when it can."""
    stored = await queries.version_hash(SYSTEM.scope, form.url, form.version)
    if stored is None or stored == form.sha256:
        return ""
    return _("Version {version} of this form was used with other content. Raise its version.").format(
        version=form.version
    )


def instruments() -> list[Instrument]:
    """How scores are read."""
    return _library().instruments


async def register_all(now: datetime) -> None:
    """Store every version not seen before. ConfigProblem when a stored version now has other content."""
    for form in _library().forms.values():
        stored = await queries.version_hash(SYSTEM.scope, form.url, form.version)
        if stored is None:
            await queries.insert_version(SYSTEM.scope, form, now)
        elif stored != form.sha256:
            raise ConfigProblem(form.url, "version", f"{form.version} was used with other content; raise the version")


async def _version(url: str, version: str) -> Questionnaire:
    """The exact version a response was answered on, also when config/ has moved on."""
    form = _library().forms.get(url)
    if form is not None and form.version == version:
        return form
    if (url, version) not in _kept.older:
        text = await queries.version_resource(SYSTEM.scope, url, version)
        if text is None:
            raise NotFound(_("There is no such questionnaire."))
        _kept.older[(url, version)] = reading.parse(text, f"{url}|{version}")
    return _kept.older[(url, version)]


async def open_response(
    scope: Scope, subject: str, subject_id: UUID, patient_id: UUID | None, url: str, now: datetime
) -> UUID:
    """The response of this subject to this questionnaire, opened at its current version the first time."""
    form = current(url)
    empty = json.dumps(resource.to_resource(form, starting(form), "in-progress"))
    return await queries.insert_response(scope, subject, subject_id, patient_id, form, empty, now)


async def _response(stored: queries.StoredResponse) -> Response:
    form = await _version(stored.url, stored.version)
    return Response(
        stored.id, stored.patient_id, form, stored.status, stored.revision,
        resource.from_resource(form, stored.resource), stored.completed_at,
    )  # fmt: skip


async def load(scope: Scope, response_id: UUID) -> Response:
    """One response within the scope."""
    return await _response(await queries.response(scope, response_id))


async def responses_of(scope: Scope, subject: str, subject_id: UUID) -> list[Response]:
    """Every response of an intake or a check-in."""
    return [await _response(one) for one in await queries.responses_of(scope, subject, subject_id)]


async def completed_at(scope: Scope, patient_id: UUID, url: str) -> datetime | None:
    """When a patient last completed a questionnaire, in any version; None when never."""
    return await queries.completed_at(scope, patient_id, url)


async def completed_of(scope: Scope, patient_id: UUID, subject: str, urls: Sequence[str]) -> list[Response]:
    """A patient's completed responses about one kind of subject to these questionnaires, oldest first."""
    return [await _response(one) for one in await queries.completed_of(scope, patient_id, subject, urls)]


async def first_scores(scope: Scope, patient_id: UUID, subject: str) -> dict[str, Decimal]:
    """The first complete score of each instrument that a patient gave about one kind of subject."""
    return await queries.first_scores(scope, patient_id, subject)


async def save(scope: Scope, response_id: UUID, revision: int, answers: Answers, now: datetime) -> int:
    """Write a draft over exactly `revision`; answers the next one. StaleRevision when it was overtaken,
    Conflict when the response is completed."""
    async with db.transaction():
        stored = await queries.response(scope, response_id, lock=True)
        if stored.status != "in-progress":
            raise Conflict(_("These answers were sent already."), stored.status)
        form = await _version(stored.url, stored.version)
        text = json.dumps(resource.to_resource(form, answers, "in-progress"))
        if not await queries.update_response(scope, response_id, revision, text, now):
            raise StaleRevision
        return revision + 1


async def complete(scope: Scope, response_id: UUID, now: datetime) -> list[Score]:
    """Prune what is not asked, check what is, write typed scores. Invalid names what is missing."""
    async with db.transaction():
        stored = await queries.response(scope, response_id, lock=True)
        if stored.status != "in-progress":
            raise Conflict(_("These answers were sent already."), stored.status)
        form = await _version(stored.url, stored.version)
        given = resource.from_resource(form, stored.resource)
        state = evaluate(form, given)
        answers = prune(form, given, state)
        missing = problems(form, answers, state)
        if missing:
            raise Invalid(missing)
        text = json.dumps(resource.to_resource(form, {**answers, **state.calculated}, "completed"))
        await queries.complete_response(scope, response_id, text, now)
        scores = scoring.score(form, instruments(), answers, state)
        for score in scores:
            await queries.insert_score(scope, response_id, stored.patient_id, score, now)
        return scores


async def adopt(scope: Scope, subject: str, subject_id: UUID, patient_id: UUID) -> None:
    """Responses given before an address was proved now belong to the patient."""
    await queries.adopt(scope, subject, subject_id, patient_id)


async def scores_of_patient(scope: Scope, patient_id: UUID, code: str | None = None) -> list[Reading]:
    """A patient's scores over time, oldest first."""
    return await queries.scores_of(scope, patient_id, code)


def differences(form: Questionnaire, here: Answers, there: Answers) -> list[Difference]:
    """Questions that are answered differently, in words."""
    found = []
    for item, at in spread(form.items, {**there, **here}):
        mine, theirs = here.get(place(item.link_id, at), ()), there.get(place(item.link_id, at), ())
        if item.is_question and mine != theirs:
            found.append(Difference(item.text, words(item, mine), words(item, theirs)))
    return found
