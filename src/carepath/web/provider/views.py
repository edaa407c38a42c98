"""An evaluation, in words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.journey.evaluate import EvaluationFile
from carepath.kit import when
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.scheduling.service import Appointment
from carepath.web.provider.desk_views import STATES, due_words


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its rule and source."""

    outcome: str
    tone: str
    words: str
    answers: tuple[tuple[str, str], ...]
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A consult and what may be said of it."""

    id: UUID
    when: str
    status: str
    room: str | None
    place: str
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """An evaluation in words."""

    id: UUID
    version: int
    title: str
    state: str
    due: str
    is_claimed: bool
    is_open: bool
    patient_id: UUID
    facts: tuple[tuple[str, str], ...]
    findings: tuple[FindingView, ...]
    scores: tuple[tuple[str, str, str], ...]
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    visits: tuple[VisitRow, ...]
    requests: tuple[tuple[str, str, str | None], ...]
    decision: tuple[tuple[str, str], ...]
    may_plan: bool
    history: tuple[str, ...]


_TONES = {"stop": "red", "urgent": "red", "review": "amber", "inform": "blue"}
_ORDER = {"urgent": 0, "stop": 1, "review": 2, "inform": 3}
_STATUS = {**STATES, "completed": _("decided"), "cancelled": _("withdrawn")}
_HAPPENED = {
    "booked": (("fulfil", _("It took place")), ("no-show", _("The patient did not come"))),
    "checked-in": (("fulfil", _("It took place")), ("no-show", _("The patient did not come"))),
    "noshow": (("reverse-no-show", _("They came after all")),),
}
_OUTCOME = {"suitable": _("Suitable"), "not-suitable": _("Not suitable")}


def evaluation(file: EvaluationFile, zone: str, now: datetime) -> EvaluationView:
    """One evaluation; unclaimed it shows nothing of the answers."""
    found = file.evaluation
    is_open = found.status in STATES
    return EvaluationView(
        found.id, found.version, file.patient.name if file.patient else _("An evaluation that nobody has yet"),
        _STATUS[found.status], due_words(found.due_at, now) if is_open else "", file.is_claimed, is_open,
        found.patient_id, _facts(file, zone, now), _findings(file), _scores(file), _sections(file),
        _visits(file, zone, now), _requests(file, zone), _decision(file, zone), found.outcome == "suitable",
        tuple(f"{when.say_short(c.at, zone)} · {c.action} ({c.author_role})" for c in file.changes),
    )  # fmt: skip


def _facts(file: EvaluationFile, zone: str, now: datetime) -> tuple[tuple[str, str], ...]:
    if file.patient is None or file.intake is None:
        return ()
    born = file.patient.birth_date
    age = now.year - born.year - ((now.month, now.day) < (born.month, born.day))
    return (
        (_("Born"), f"{when.say_date(born)} ({age})"),
        (_("Is in"), file.patient.jurisdiction),
        (_("Contact"), ", ".join(filter(None, (file.patient.email, file.patient.phone)))),
        (_("Sent"), when.say(file.intake.submitted_at, zone) if file.intake.submitted_at else "–"),
    )


def _findings(file: EvaluationFile) -> tuple[FindingView, ...]:
    found = sorted(file.verdict.findings, key=lambda f: _ORDER[f.outcome]) if file.verdict else []
    return tuple(
        FindingView(
            f.outcome, _TONES[f.outcome], f.provider_words, f.answers, f"{f.rule_id} v{f.rule_version}", f.source
        )
        for f in found
    )


def _scores(file: EvaluationFile) -> tuple[tuple[str, str, str], ...]:
    titles = {i.code: i.title for i in questionnaires.instruments()}
    order = list(titles)
    found = sorted(file.scores, key=lambda s: order.index(s.code) if s.code in titles else len(order))
    return tuple(
        (
            titles.get(s.code, s.code),
            str(s.value) if s.value is not None else _("incomplete: {a} of {n}").format(a=s.answered, n=s.items),
            s.band or "",
        )
        for s in found
    )


def _sections(file: EvaluationFile) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    return tuple(
        (
            response.questionnaire.title,
            tuple(questionnaires.lines(response.questionnaire, response.answers)),
        )
        for response in file.responses
    )


def _visits(file: EvaluationFile, zone: str, now: datetime) -> tuple[VisitRow, ...]:
    return tuple(
        VisitRow(
            v.id, when.say(v.start_at, zone), v.status, v.room if v.status in {"booked", "checked-in"} else None,
            _place(v),
            _HAPPENED.get(v.status, ()) if v.start_at <= now else (),
        )
        for v in file.visits
    )  # fmt: skip


def _place(visit: Appointment) -> str:
    """Where the patient said to be just before the visit."""
    if visit.located_in is None:
        return ""
    said = _("The patient says they are in {state}.").format(state=visit.located_in)
    if visit.attention != "located-elsewhere":
        return said
    return f"{said} {_('You may not see them there, so the room is closed to them. Please call.')}"


def _requests(file: EvaluationFile, zone: str) -> tuple[tuple[str, str, str | None], ...]:
    return tuple((when.say_short(r.asked_at, zone), r.question, r.answer) for r in file.requests)


def _decision(file: EvaluationFile, zone: str) -> tuple[tuple[str, str], ...]:
    d = file.decision
    if d is None:
        return ()
    pairs = [
        (_("Decision"), _OUTCOME[d.outcome]),
        (_("On"), when.say(d.at, zone)),
        (_("To the patient"), d.patient_words or ""),
    ]
    return (*pairs, (_("Reason"), d.reason)) if d.reason else tuple(pairs)
