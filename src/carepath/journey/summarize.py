"""The summary of an intake: answers are looked up by config/evaluations.toml, sentences are made by pure rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carepath.accounts import rules as account_rules
from carepath.accounts.people import Patient
from carepath.evaluations import page_catalogue
from carepath.evaluations.page_catalogue import SummaryReads
from carepath.evaluations.rules import summary as sentences
from carepath.evaluations.rules.summary import Baseline, Risk, Told, Tried
from carepath.kit import body_map
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Item, Reading, Response, Value
from carepath.scheduling import service as scheduling
from carepath.screening.service import Verdict


@dataclass(frozen=True, slots=True)
class Summary:
    """A paragraph and the line about risk, in words; the body map as an SVG with its places in words."""

    sentences: tuple[str, ...]
    risk: str
    body: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """Looks up answers by linkId in all of an intake's forms."""

    responses: Sequence[Response]

    def find(self, link_id: str) -> tuple[Item, tuple[Value, ...]] | None:
        for one in self.responses:
            given = one.answers.get(link_id, ())
            if given and link_id in one.questionnaire.by_id:
                return one.questionnaire.by_id[link_id], given
        return None

    def words(self, link_id: str) -> str:
        found = self.find(link_id)
        return questionnaires.words(*found) if found else ""

    def each(self, link_id: str) -> tuple[str, ...]:
        found = self.find(link_id)
        return tuple(questionnaires.words(found[0], (one,)) for one in found[1]) if found else ()

    def codes(self, link_id: str) -> tuple[str, ...]:
        found = self.find(link_id)
        return tuple(str(one) for one in found[1]) if found else ()

    def question(self, link_id: str) -> str:
        """As this intake asked it, or would."""
        forms = [one.questionnaire for one in self.responses] + list(questionnaires.all_forms().values())
        return next((form.by_id[link_id].text for form in forms if link_id in form.by_id), link_id)


def summary(
    patient: Patient, responses: Sequence[Response], scores: Mapping[str, Reading], verdict: Verdict | None, on: date
) -> Summary:
    """Of the answers of one intake. `scores` are those of that intake by code; the age is that of `on`."""
    reads, said = page_catalogue.page().summary, _Said(responses)
    told = _told(reads, said, patient, scores, verdict, on)
    codes, words = _places(said)
    drawn = body_map.draw(_("Where it hurts"), ", ".join(words) or _("not answered"), codes) if words else ""
    return Summary(sentences.paragraph(told), sentences.risk(told.risk), drawn, words)


def _told(
    reads: SummaryReads, said: _Said, patient: Patient, scores: Mapping[str, Reading], verdict: Verdict | None, on: date
) -> Told:  # fmt: skip
    return Told(
        name=patient.name,
        age=account_rules.age_on(patient.birth_date, on),
        sex=said.words(reads.sex),
        is_sex_withheld=bool(set(said.codes(reads.sex)) & set(reads.sex_not_said)),
        state=scheduling.place_name(patient.jurisdiction),
        condition=said.words(reads.condition_words) or _condition(reads, said),
        duration=said.words(reads.duration),
        sites=said.each(reads.sites),
        feeling=said.each(reads.feeling),
        tried=tuple(_tried(reads, said, link_id) for link_id in reads.tried),
        goal=said.words(reads.goal),
        baseline=tuple(_baseline(reads, code, scores.get(code)) for code in reads.scores),
        risk=_risk(reads, said, scores, verdict),
    )


def _tried(reads: SummaryReads, said: _Said, link_id: str) -> Tried:
    code = "".join(said.codes(link_id)[:1])
    return Tried(said.question(link_id), reads.effects.by_code.get(code, ""))


def _condition(reads: SummaryReads, said: _Said) -> str:
    code = "".join(said.codes(reads.condition)[:1])
    return reads.named.get(code) or said.words(reads.condition)


def _baseline(reads: SummaryReads, code: str, found: Reading | None) -> Baseline:
    title = next((one.title for one in questionnaires.instruments() if one.code == code), code)
    name = reads.short.get(code) or title.partition(" (")[0]
    if found is None:
        return Baseline(name, None, is_given=False)
    value = None if found.value is None else str(found.value)
    return Baseline(name, value, found.band or "", found.answered, found.items, is_given=bool(found.answered))


def _risk(reads: SummaryReads, said: _Said, scores: Mapping[str, Reading], verdict: Verdict | None) -> Risk:
    outcomes = [one.outcome for one in verdict.findings] if verdict else []
    triage = scores.get(reads.suicide_score)
    attempt = bool(set(said.codes(reads.history)) & set(reads.history_attempt))
    return Risk(
        said.words(reads.thoughts), (triage.band or "") if triage else "", attempt,
        outcomes.count("urgent"), outcomes.count("stop"), outcomes.count("review"),
    )  # fmt: skip


def _places(said: _Said) -> tuple[frozenset[str], tuple[str, ...]]:
    """Places of the drawing, and what was ticked, in words. A code that the table lacks (of an older form) is only said."""
    table = page_catalogue.page().body_map
    drawn, words = set[str](), dict[str, None]()
    for link_id in table.items:
        for code, name in zip(said.codes(link_id), said.each(link_id), strict=True):
            if code not in table.nowhere:
                drawn.update(table.places.get(code, ()))
                words[name] = None
    return frozenset(drawn), tuple(words)
