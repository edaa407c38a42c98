"""A patient answers a check-in, by the link in a mail or from their page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Noticed, Signal
from carepath.intake.catalogue import CheckIns
from carepath.journey import dose, evaluate, signal
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Answers, Questionnaire, Response, Score, SectionView
from carepath.screening import service as screening
from carepath.screening.service import Finding

_SUBJECT = "check-in"
_OPEN = frozenset({"due", "overdue"})
_FREE = frozenset({"string", "text", "open-choice"})
_A_MINUTE = 8  # questions; short choices, as measured on the team's own phones: to be checked with patients


@dataclass(frozen=True, slots=True)
class CheckInPage:
    """The check-in's questions as they stand. `is_open` is false once it is answered or closed."""

    check_in: CheckIn
    revision: int
    view: SectionView
    is_open: bool
    is_urgent: bool
    minutes: int = 3


class Over(Conflict):
    """Answered or closed before these answers came: they were not taken. `is_urgent`: help was raised all the same;
    `is_told`: their provider hears of what in these answers should be looked at soon."""

    def __init__(self, found: CheckIn, is_urgent: bool, is_told: bool) -> None:
        super().__init__(_("This check-in was answered or closed already. Thank you."), found.status)
        self.found, self.is_urgent, self.is_told = found, is_urgent, is_told


@dataclass(frozen=True, slots=True)
class Answered:
    """What sending did: errors by field, or done. `is_urgent` holds either way; `is_told`: their provider was written to
    just now, because of what these answers say."""

    page: CheckInPage
    errors: Mapping[str, str]
    is_urgent: bool
    has_new_questions: bool
    is_done: bool
    is_told: bool = False


async def open_check_in(actor: Actor, sets: CheckIns, check_in_id: UUID, now: datetime) -> CheckInPage:
    """One's own check-in, with what was typed before."""
    async with db.transaction():
        found = await _own(actor, check_in_id)
        if found.status not in _OPEN:
            return CheckInPage(found, 0, questionnaires.view(questionnaires.current(sets.weekly), {}, {}), False, False)
        response = await _response(actor, sets, found, now)
        await audit.record(actor, "read", _SUBJECT, found.id, now, patient_id=found.patient_id)
        return _page(found, response, response.answers, {}, {})


async def _own(actor: Actor, check_in_id: UUID) -> CheckIn:
    if actor.role is not Role.PATIENT:
        raise NotFound
    return await followups.get_check_in(actor.scope, check_in_id)


async def questions(actor: Actor, sets: CheckIns, found: CheckIn, now: datetime) -> str:
    """The canonical of what this check-in asks: the set that was begun, otherwise the one that is due now."""
    begun = await questionnaires.responses_of(actor.scope, _SUBJECT, found.id)
    if begun:
        return begun[0].questionnaire.url
    if found.visit_id is not None:
        return sets.after_session or sets.weekly
    plan = await followups.plan_of(SYSTEM.scope, found.patient_id)
    if plan is None:
        return sets.weekly
    last = await questionnaires.completed_at(SYSTEM.scope, found.patient_id, sets.quarterly)
    since = last.date() if last else plan.starts_on
    return sets.choose(plan.check_in_every_days, (now.date() - since).days)


async def _response(actor: Actor, sets: CheckIns, found: CheckIn, now: datetime) -> Response:
    url = await questions(actor, sets, found, now)
    response_id = await questionnaires.open_response(actor.scope, _SUBJECT, found.id, found.patient_id, url, now)
    return await questionnaires.load(actor.scope, response_id)


def _page(
    found: CheckIn, response: Response, answers: Answers, errors: Mapping[str, str], fields: Mapping[str, list[str]]
) -> CheckInPage:
    form = response.questionnaire
    is_urgent = bool(screening.immediate(form, answers))
    view = questionnaires.view(form, answers, errors, fields)
    return CheckInPage(found, response.revision, view, True, is_urgent, max(3, len(view.shown.split()) // _A_MINUTE))


async def answer(
    actor: Actor, sets: CheckIns, check_in_id: UUID, fields: Mapping[str, list[str]], now: datetime
) -> Answered:
    """Send the answers. Help is raised at once, even when the rest is wrong or comes too late; nothing is completed by
    halves. Over when it was answered or closed meanwhile."""
    async with db.transaction():
        await _own(actor, check_in_id)
        found = await followups.held_check_in(actor.scope, check_in_id)
        if found.status in _OPEN:
            return await _take(actor, sets, found, fields, now)
        is_urgent, is_told = await _help_though_over(actor, found, fields, now)
    raise Over(found, is_urgent, is_told)  # with the transaction behind it: what was raised stands


async def _take(
    actor: Actor, sets: CheckIns, found: CheckIn, fields: Mapping[str, list[str]], now: datetime
) -> Answered:
    response = await _response(actor, sets, found, now)
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
    signals = await _complete(actor, found, response, answers, now)
    return Answered(page, {}, page.is_urgent, False, True, any(one.severity == "red" for one in signals))


async def _help_though_over(
    actor: Actor, found: CheckIn, fields: Mapping[str, list[str]], now: datetime
) -> tuple[bool, bool]:  # fmt: skip
    """A cry for help in answers that nobody takes any more is heard, and what would have been red in them. Whether there
    was one, and whether anything was."""
    for begun in await questionnaires.responses_of(actor.scope, _SUBJECT, found.id):
        form = begun.questionnaire
        answers, _errors = questionnaires.parse(form, fields, {})
        urgent = screening.immediate(form, answers)
        heard = screening.items_of(urgent)
        others = {at: said for at, said in questionnaires.prune(form, answers).items() if at not in heard}
        red = await _red_though_over(found, form, others, now)
        if urgent or red:
            await _raise(actor, found, (*urgent, *red), now)
            return bool(urgent), True
    return False, False


async def _red_though_over(found: CheckIn, form: Questionnaire, answers: Answers, now: datetime) -> list[Finding]:
    """As findings of their own: a signal stands on a reading, and of these answers none is kept."""
    reading = followups.reading_of(form, answers, [], now, _SUBJECT)
    words = _("{words} Sent when the check-in was over: these answers were not kept.")
    return [
        Finding(one.id, one.version, "urgent", "", words.format(words=one.words), one.source, ())
        for one in await followups.red_in(found.patient_id, found.id, reading)
    ]


async def _help_at_once(actor: Actor, found: CheckIn, form: Questionnaire, answers: Answers, now: datetime) -> None:
    await _raise(actor, found, screening.immediate(form, answers), now)


async def _raise(actor: Actor, found: CheckIn, findings: Sequence[Finding], now: datetime) -> None:
    await evaluate.raise_urgent(actor, found.patient_id, found.practitioner_id, _SUBJECT, found.id, findings, now)


async def _complete(actor: Actor, found: CheckIn, response: Response, answers: Answers, now: datetime) -> list[Signal]:
    scores = await questionnaires.complete(actor.scope, response.id, now)
    await followups.complete(actor, found.id, response.id, now)
    form, plan = response.questionnaire, await followups.plan(SYSTEM.scope, found.plan_id)
    also, reading = _reviews(form, answers, scores), followups.reading_of(form, answers, scores, now, _SUBJECT)
    if found.visit_id is not None:
        signals = await dose.tell(actor, found, plan, answers, reading, also, now)
    else:
        signals = await signal.take(actor, plan, reading, found.id, None, now, also)
    await audit.record(actor, "complete", _SUBJECT, found.id, now, patient_id=found.patient_id, signals=len(signals))
    return signals


def _reviews(form: Questionnaire, answers: Answers, scores: list[Score]) -> list[Noticed]:
    """Screening rules of the stage "check-in" that ask a provider to look at what no signal reads: what is in a reading
    has its signal and no rule there. Urgent ones raised their task before.

    Questions and scores with their answers stand behind them, but no free text: that is kept sealed, beside the form.
    """
    verdict = screening.preview("check-in", screening.facts([(form, answers)], {s.code: s.value for s in scores}, None))
    free = {item.text for item in form.by_id.values() if item.type in _FREE}
    return [
        Noticed(
            followups.SignalRule(one.rule_id, one.rule_version, "screening", "amber", one.provider_words, one.source),
            _behind((asked, given) for asked, given in one.answers if asked not in free),
        )
        for one in verdict.findings
        if one.outcome == "review"
    ]


def _behind(answers: Iterable[tuple[str, str]]) -> dict[str, str]:
    said = "; ".join(f"{asked}{'' if asked.endswith('?') else ':'} {given}" for asked, given in answers)
    return {"answers": said} if said else {}
