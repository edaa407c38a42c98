"""A patient answers a check-in, by the link in a mail or from their page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Signal
from carepath.journey import evaluate
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Answers, Questionnaire, Response, Score, SectionView
from carepath.screening import service as screening

_SUBJECT = "check-in"
# Where the check-in's questionnaire keeps what signals read.
_ITEM9, _CHANGE, _EFFECTS, _SEVERITY, _BLADDER = (
    "checkin.phq.q9", "checkin.change", "checkin.effects", "checkin.severity", "checkin.bladder",
)  # fmt: skip
_SERIOUS = {"chest-pain", "fainting", "seizure", "breathing", "confusion", "jaundice", "allergic"}


@dataclass(frozen=True, slots=True)
class CheckInPage:
    """The check-in's questions as they stand. `is_open` is false once it is answered or closed."""

    check_in: CheckIn
    revision: int
    view: SectionView
    is_open: bool
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What sending did: errors by field, or done. `is_urgent` holds either way."""

    page: CheckInPage
    errors: Mapping[str, str]
    is_urgent: bool
    has_new_questions: bool
    is_done: bool


async def open_check_in(actor: Actor, url: str, check_in_id: UUID, now: datetime) -> CheckInPage:
    """One's own check-in, with what was typed before."""
    async with db.transaction():
        found = await _own(actor, check_in_id)
        if found.status not in {"due", "overdue"}:
            return CheckInPage(found, 0, questionnaires.view(questionnaires.current(url), {}, {}), False, False)
        response = await _response(actor, url, found, now)
        await audit.record(actor, "read", _SUBJECT, found.id, now, patient_id=found.patient_id)
        return _page(found, response, response.answers, {}, {})


async def _own(actor: Actor, check_in_id: UUID) -> CheckIn:
    if actor.role is not Role.PATIENT:
        raise NotFound
    return await followups.get_check_in(actor.scope, check_in_id)


async def _response(actor: Actor, url: str, found: CheckIn, now: datetime) -> Response:
    response_id = await questionnaires.open_response(actor.scope, _SUBJECT, found.id, found.patient_id, url, now)
    return await questionnaires.load(actor.scope, response_id)


def _page(
    found: CheckIn, response: Response, answers: Answers, errors: Mapping[str, str], fields: Mapping[str, list[str]]
) -> CheckInPage:
    form = response.questionnaire
    is_urgent = bool(screening.immediate(form, answers))
    return CheckInPage(found, response.revision, questionnaires.view(form, answers, errors, fields), True, is_urgent)


async def answer(actor: Actor, url: str, check_in_id: UUID, fields: Mapping[str, list[str]], now: datetime) -> Answered:
    """Send the answers. Help is raised at once, even when the rest is wrong; nothing is completed by halves."""
    async with db.transaction():
        found = await _own(actor, check_in_id)
        if found.status not in {"due", "overdue"}:
            raise Conflict(_("This check-in was answered or closed already. Thank you."), found.status)
        response = await _response(actor, url, found, now)
        form = response.questionnaire
        answers, errors = questionnaires.parse(form, fields, response.answers)
        await _help_at_once(actor, found, form, answers, now)
        kept = questionnaires.left_alone(form, response.answers, answers, errors)
        await questionnaires.save(actor.scope, response.id, response.revision, kept, now)
        errors = questionnaires.problems(form, answers) | errors
        unseen = questionnaires.unasked(form, answers, fields)
        page = _page(found, response, answers, errors, fields)
        if {"add", "remove"} & set(fields):  # one more, or one less, of a repeated group: not the end
            return Answered(page, {}, page.is_urgent, True, False)
        if errors or unseen:
            only_new = set(errors) <= set(unseen)
            return Answered(page, {} if only_new else errors, page.is_urgent, only_new, False)
        await _complete(actor, found, response, answers, now)
        return Answered(page, {}, page.is_urgent, False, True)


async def _help_at_once(actor: Actor, found: CheckIn, form: Questionnaire, answers: Answers, now: datetime) -> None:
    for finding in screening.immediate(form, answers):
        await evaluate.raise_urgent(actor, found.patient_id, found.practitioner_id, _SUBJECT, found.id, finding, now)


async def _complete(actor: Actor, found: CheckIn, response: Response, answers: Answers, now: datetime) -> list[Signal]:
    earlier = [
        one.value
        for one in await questionnaires.scores_of_patient(actor.scope, found.patient_id, "peg")
        if one.value is not None
    ]
    scores = await questionnaires.complete(actor.scope, response.id, now)
    reading = _reading(response, answers, scores, now)
    baseline, series = (earlier[0], earlier[1:]) if earlier else (None, [])
    signals = await followups.complete(actor, found.id, response.id, reading, baseline, series, now)
    await audit.record(actor, "complete", _SUBJECT, found.id, now, patient_id=found.patient_id, signals=len(signals))
    return signals


def _reading(response: Response, answers: Answers, scores: list[Score], now: datetime) -> followups.Reading:
    """What the signal rules look at."""
    codes = {link_id: {str(value) for value in given} for link_id, given in answers.items()}
    option = response.questionnaire.by_id[_ITEM9].option(next(iter(codes.get(_ITEM9, set())), ""))
    change = next(iter(codes.get(_CHANGE, set())), None)
    effects = codes.get(_EFFECTS, set())
    return followups.Reading(
        now,
        next((score.value for score in scores if score.code == "peg"), None),
        int(option.weight) if option and option.weight is not None else 0,
        bool(effects & _SERIOUS) or "severe" in codes.get(_SEVERITY, set()),
        "blood" in codes.get(_BLADDER, set()),
        int(change) if change else None,
    )
