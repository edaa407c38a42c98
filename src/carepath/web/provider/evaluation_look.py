"""What an evaluation is judged by, in words: summary, what stands in the way, findings, medicines, changes."""

from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from carepath.evaluations import page_catalogue
from carepath.evaluations.rules.checklist import Line, newest_pressure
from carepath.journey.decide import Sheet
from carepath.journey.evaluate import EvaluationFile
from carepath.journey.look import Look
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.provider import evaluation_answers, evaluation_notes
from carepath.web.provider.evaluation_answers import FindingView, Group, Judged, ScoreLine, Section
from carepath.web.provider.evaluation_notes import NotesView
from carepath.worklists.same_person import OtherRecord


@dataclass(frozen=True, slots=True)
class CheckView:
    """One item of the checklist, with its badge. `is_wrong`: something typed about it cannot be so."""

    item: str
    is_done: bool
    words: str
    source: str
    is_entered: bool
    is_wrong: bool
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Medicines:
    """What the patient takes, as (words, address); findings about it, those to look at first first; MME with the
    threshold it is held against."""

    said: tuple[tuple[str, str], ...]
    findings: tuple[tuple[bool, FindingView], ...]
    mme: str
    is_high: bool
    threshold: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the intake before: (question, before, now), and scores the same way."""

    since: str
    answers: tuple[tuple[str, str, str, str], ...]
    scores: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class LookView:
    """All of it. `in_the_way`: (words, address on the page) of what blocks “suitable”."""

    sentences: tuple[str, ...]
    risk: str
    risk_tone: str
    body: Markup
    places: tuple[str, ...]
    in_the_way: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    scores: tuple[ScoreLine, ...]
    sections: tuple[Section, ...]
    checks: tuple[CheckView, ...]
    defaults: dict[str, str]
    basis: str
    medicines: Medicines
    changes: Changes | None
    others: tuple[str, ...]
    notes: NotesView


_FIELDS = {
    "identity": {"document"}, "location": {"state"}, "pdmp": {"pdmp_on"}, "consent": set[str](),
    "blood-pressure": {"systolic", "diastolic", "heart_rate", "pressure_on"},
    "in-person": {"basis", "exam_on", "basis_note"},
}  # fmt: skip
_STATES = {
    "plan": _("It has a treatment plan since {day}."), "decided": _("Its evaluation was decided on {day}."),
    "pending": _("Its evaluation is pending since {day}."),
    "applied": _("It was begun on {day} and has no evaluation yet."),
}  # fmt: skip


def look(
    file: EvaluationFile, found: Look, zone: str, asked: evaluation_notes.Asked, wrong: Collection[str],
    sheet: Sheet | None,
) -> LookView:  # fmt: skip
    """The page's parts, in the order in which they are read. `wrong` names fields that were filled in wrongly."""
    sections = evaluation_answers.sections(file)
    groups = evaluation_answers.groups(file, found, sections, zone)
    return LookView(
        found.summary.sentences, found.summary.risk,
        risk_tone(file),
        Markup(found.summary.body),  # noqa: S704 - drawn by kit.body_map, which escapes every word
        found.summary.places, _in_the_way(found, sheet), groups,
        evaluation_answers.scores(found), sections, _checks(found, wrong), _defaults(file, found),
        found.known.basis.words if found.known.basis else "", medicines(found, groups, sections), _changes(found, zone),
        tuple(_other(one, zone) for one in found.others), evaluation_notes.notes(found, zone, asked),
    )  # fmt: skip


def risk_tone(file: EvaluationFile) -> str:
    """By the gravest finding."""
    outcomes = {one.outcome for one in file.verdict.findings} if file.verdict else set()
    return "red" if outcomes & {"stop", "urgent"} else "amber" if "review" in outcomes else "green"


def _in_the_way(found: Look, sheet: Sheet | None) -> tuple[tuple[str, str], ...]:
    here = set(found.blocking.reasons)
    others = [(words, "decide") for words in (sheet.open_items if sheet else ()) if words not in here]
    stops = [
        (_("Stop: {words}").format(words=one.provider_words), f"finding-{one.rule_id}") for one in found.blocking.stops
    ]
    return (*others, *stops, *((line.words, f"check-{line.item}") for line in found.blocking.lines if not line.is_done))


def _checks(found: Look, wrong: Collection[str]) -> tuple[CheckView, ...]:
    sources = page_catalogue.page().checklist.sources
    entered = {item for item, entry in found.known.entries.items() if entry.is_done}
    return tuple(
        CheckView(
            line.item,
            line.is_done,
            line.words,
            sources[line.item],
            line.item in entered,
            bool(_FIELDS[line.item] & set(wrong)),
            *_state(line),
        )
        for line in found.blocking.lines
    )


def _state(line: Line) -> tuple[str, str]:
    """What the badge of an item says, and its tone: what was found may be alarming, whether it is old or not."""
    if line.is_alarming:
        return (_("done, and very high") if line.is_done else _("open, and very high")), "red"
    return (_("done"), "green") if line.is_done else (_("open"), "amber")


def _defaults(file: EvaluationFile, found: Look) -> dict[str, str]:
    """What the fields hold before anything is typed: what is known already, never an answer nobody gave."""
    said = [visit.located_in for visit in file.visits if visit.located_in]
    where = said[-1] if said else file.patient.jurisdiction if file.patient else ""
    today, pressure = found.known.today.isoformat(), newest_pressure(found.known)
    numbers = (
        {"systolic": pressure.systolic, "diastolic": pressure.diastolic, "heart_rate": pressure.heart_rate}
        if pressure
        else {}
    )
    held = dict.fromkeys(("systolic", "diastolic", "heart_rate"), "") | {k: str(v) for k, v in numbers.items()}
    on = pressure.on.isoformat() if pressure else today
    return {"state": where, "pdmp_on": today, "pressure_on": on, **held}


def medicines(found: Judged, groups: tuple[Group, ...], answers: tuple[Section, ...]) -> Medicines:
    """What they take, and what the rules found about it."""
    table = page_catalogue.page().interactions
    about = [one for group in groups for one in group.findings if one.rule_id in table.rules]
    first = sorted(about, key=lambda one: one.rule_id not in table.priority)
    score = found.scores.get(table.score)
    is_high = score is not None and score.value is not None and score.value >= table.extra_care_from
    mme = evaluation_answers.score_words(score) if score else _("no opioid reported")
    threshold = _("extra care from {n} a day · {source}").format(n=table.extra_care_from, source=table.source)
    said = tuple((o.answer, o.anchor) for one in answers for o in one.lines if o.link_id == table.own_words)
    return Medicines(said, tuple((one.rule_id in table.priority, one) for one in first), mme, is_high, threshold)


def _changes(found: Look, zone: str) -> Changes | None:
    if found.comparison is None:
        return None
    names, blank = evaluation_answers.titles(), _("not answered")
    return Changes(
        when.say_day(found.comparison.since, zone),
        tuple((c.code, c.question, c.before or blank, c.now or blank) for c in found.comparison.answers),
        tuple(
            (names.get(s.code, s.code), evaluation_answers.score_words(s.before), evaluation_answers.score_words(s.now))
            for s in found.comparison.scores
        ),
    )  # fmt: skip


def _other(one: OtherRecord, zone: str) -> str:
    by = _("Same name and birth date as another record.") if one.by == "name" else _("Same phone as another record.")
    return f"{by} {_STATES[one.state].format(day=when.say_day(one.since, zone))}"
