"""What a patient answers otherwise than in the intake before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from carepath.intake import service as intakes
from carepath.intake.queries import Intake
from carepath.kit.actor import Actor
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Line, Reading, Response


@dataclass(frozen=True, slots=True)
class Changed:
    """One question, by its code, with both answers; "" is not answered."""

    code: str
    question: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class ChangedScore:
    """A score then and now; None is incomplete or not asked."""

    code: str
    before: Reading | None
    now: Reading | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs from the intake that was sent at `since`."""

    since: datetime
    answers: tuple[Changed, ...]
    scores: tuple[ChangedScore, ...]


async def with_earlier(
    actor: Actor, intake: Intake, responses: Sequence[Response], scores: Sequence[Reading]
) -> Comparison | None:
    """Beside the last intake that this patient sent before; None when there was none.

    `scores` are all of the patient's: those of an intake are those of the moment it was sent.
    """
    if intake.patient_id is None or intake.submitted_at is None:
        return None
    earlier = await intakes.sent_before(intake.patient_id, intake.submitted_at)
    if earlier is None:
        return None
    old = await questionnaires.responses_of(actor.scope, "intake", earlier[0])
    return Comparison(earlier[1], tuple(answers(old, responses)), tuple(_scores(old, responses, scores)))


def answers(old: Sequence[Response], new: Sequence[Response]) -> Iterator[Changed]:
    """Every question that is answered otherwise, in the order of the newer form. Scores are told apart from answers."""
    earlier = {one.questionnaire.url: one for one in old}
    for response in new:
        before = earlier.get(response.questionnaire.url)
        then, here = _lines(before) if before else {}, _lines(response)
        for where in dict.fromkeys([*here, *then]):
            is_same = before is not None and before.answers.get(where) == response.answers.get(where)
            if not is_same:
                shown = here.get(where) or then[where]
                yield Changed(where, shown.asked, _answer(then, where), _answer(here, where))


def _lines(response: Response) -> dict[str, Line]:
    form = response.questionnaire
    found = questionnaires.placed_lines(form, response.answers)
    return {one.where: one for one in found if form.by_id[one.link_id].is_question}


def _answer(lines: dict[str, Line], where: str) -> str:
    return lines[where].answer if where in lines else ""


def of_intake(responses: Sequence[Response], scores: Sequence[Reading]) -> dict[str, Reading]:
    """The scores that were taken when these answers were sent, by code."""
    sent = {one.completed_at for one in responses}
    return {one.code: one for one in scores if one.taken_at in sent}


def _scores(old: Sequence[Response], new: Sequence[Response], scores: Sequence[Reading]) -> Iterator[ChangedScore]:
    then, here = of_intake(old, scores), of_intake(new, scores)
    for code in dict.fromkeys([*here, *then]):
        before, now = then.get(code), here.get(code)
        if (before.value if before else None) != (now.value if now else None):
            yield ChangedScore(code, before, now)
