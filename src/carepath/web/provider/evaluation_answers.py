"""The answers of an intake, each with an address on the page, and the findings that lead to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from carepath.evaluations import overriding
from carepath.evaluations.check_queries import Override
from carepath.journey.evaluate import EvaluationFile
from carepath.kit import when
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.screening.service import Finding


class Judged(Protocol):
    """What findings and scores are shown with, whoever looks: scores by code, overrides by rule, authors by account."""

    @property
    def scores(self) -> Mapping[str, questionnaires.Reading]: ...

    @property
    def overrides(self) -> Mapping[str, Override]: ...

    @property
    def names(self) -> Mapping[UUID, str]: ...


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A question and its answer; `anchor` is its address on the page."""

    link_id: str
    anchor: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Section:
    """One form's answers."""

    title: str
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A score of this intake."""

    anchor: str
    name: str
    value: str
    band: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its rule and source. `answers`: (question, answer, address). `why` is the field of an override."""

    rule_id: str
    tone: str
    words: str
    answers: tuple[tuple[str, str, str], ...]
    rule: str
    source: str
    overridden: tuple[str, str] | None
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind."""

    anchor: str
    title: str
    tone: str
    findings: tuple[FindingView, ...]


_GROUPS = (
    ("stop", _("Stop"), "red"), ("urgent", _("Urgent"), "red"), ("review", _("To review"), "amber"),
    ("inform", _("For information"), "blue"),
)  # fmt: skip


def sections(file: EvaluationFile) -> tuple[Section, ...]:
    """Every answer, numbered through all forms."""
    found, number = [], 0
    for response in file.responses:
        lines = []
        form = response.questionnaire
        for line in questionnaires.placed_lines(form, response.answers):
            if not form.by_id[line.link_id].is_question:
                continue  # calculated: among the scores
            number += 1
            lines.append(AnswerLine(line.link_id, f"answer-{number}", line.asked, line.answer))
        found.append(Section(form.title, tuple(lines)))
    return tuple(found)


def titles() -> dict[str, str]:
    """Instruments by code, in the order of the file."""
    return {one.code: one.title for one in questionnaires.instruments()}


def scores(look: Judged) -> tuple[ScoreLine, ...]:
    """In the order of the instruments."""
    names = titles()
    order = list(names)
    found = sorted(look.scores.values(), key=lambda s: order.index(s.code) if s.code in names else len(order))
    return tuple(ScoreLine(f"score-{s.code}", names.get(s.code, s.code), score_words(s), s.band or "") for s in found)


def score_words(score: questionnaires.Reading | None) -> str:
    """ "12", or how much of it is missing."""
    if score is None:
        return _("not answered")
    if score.value is None:
        return _("incomplete: {a} of {n}").format(a=score.answered, n=score.items)
    return str(score.value)


def groups(file: EvaluationFile, look: Judged, shown: tuple[Section, ...], zone: str) -> tuple[Group, ...]:
    """The verdict's findings by kind; kinds without any are left out."""
    found = file.verdict.findings if file.verdict else ()
    where = _Where([line for section in shown for line in section.lines])
    return tuple(
        Group(
            f"findings-{outcome}", title, tone,
            tuple(_finding(one, tone, where, look, zone) for one in found if one.outcome == outcome),
        )
        for outcome, title, tone in _GROUPS
        if any(one.outcome == outcome for one in found)
    )  # fmt: skip


def _finding(one: Finding, tone: str, where: "_Where", look: Judged, zone: str) -> FindingView:
    return FindingView(
        one.rule_id, tone, one.provider_words, tuple(where.answers(one.answers)), f"{one.rule_id} v{one.rule_version}",
        one.source, _overridden(look.overrides.get(one.rule_id), look, zone),
        f"why_{one.rule_id}" if one.outcome in overriding.OUTCOMES else "",
    )  # fmt: skip


def _overridden(override: Override | None, look: Judged, zone: str) -> tuple[str, str] | None:
    if override is None:
        return None
    name = look.names.get(override.author_id, _("a colleague"))
    return override.reason, f"{name}, {when.say_short(override.at, zone)}"


@dataclass(frozen=True, slots=True)
class _Where:
    """Finds the answer that a finding speaks of: findings keep question and answer as they read on the day."""

    lines: list[AnswerLine]

    def answers(self, pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str, str]]:
        names = titles()
        for question, answer in pairs:
            if question == "age":
                yield _("Age"), answer, "facts"
            elif question in names:
                yield names[question], answer, f"score-{question}"
            else:
                yield question, answer, self._anchor(question, answer)

    def _anchor(self, question: str, answer: str) -> str:
        # The same words may be asked in two forms; the same words with the same answer are as good as the one meant.
        same = [one for one in self.lines if one.question == question or one.question.startswith(f"{question} (")]
        exact = [one for one in same if one.answer == answer]
        return (exact or same)[0].anchor if same else "answers"
