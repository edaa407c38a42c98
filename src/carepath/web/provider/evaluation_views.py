"""One evaluation in words: who, in which state, with which visits, questions and decision. What is judged by is in
`evaluation_look`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.evaluations import service as evaluations
from carepath.journey.evaluate import EvaluationFile
from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.service import Appointment
from carepath.web.history_words import EVALUATION, step_words
from carepath.web.provider.pending_views import RowView, row_view
from carepath.web.provider.row_words import STATES, VISITS, due_words


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
    """An evaluation in words. `listed`: the line of the list, of one that nobody has yet."""

    id: UUID
    version: int
    title: str
    state: str
    due: str
    is_claimed: bool
    is_open: bool
    patient_id: UUID
    facts: tuple[tuple[str, str], ...]
    visits: tuple[VisitRow, ...]
    requests: tuple[tuple[str, str, str | None], ...]
    decision: tuple[tuple[str, str], ...]
    may_plan: bool
    history: tuple[str, ...]
    listed: RowView | None


_STATUS = {**STATES, "completed": _("decided"), "cancelled": _("withdrawn")}
_HAPPENED = {
    "booked": (("fulfil", _("It took place")), ("no-show", _("The patient did not come"))),
    "checked-in": (("fulfil", _("It took place")), ("no-show", _("The patient did not come"))),
    "noshow": (("reverse-no-show", _("They came after all")),),
}


def evaluation(file: EvaluationFile, zone: str, now: datetime) -> EvaluationView:
    """One evaluation; unclaimed it shows nothing of the answers."""
    found = file.evaluation
    is_open = found.status in STATES
    return EvaluationView(
        found.id, found.version, file.patient.name if file.patient else _("An evaluation that nobody has yet"),
        _STATUS[found.status], due_words(found.due_at, now) if is_open else "", file.is_claimed, is_open,
        found.patient_id, _facts(file, zone, now), _visits(file, zone, now), _requests(file, zone),
        _decision(file, zone), found.outcome == "suitable",
        tuple(f"{when.say_short(c.at, zone)} · {step_words(EVALUATION, c.action, c.author_role)}" for c in file.changes),
        _listed(file, zone, now),
    )  # fmt: skip


def _listed(file: EvaluationFile, zone: str, now: datetime) -> RowView | None:
    """As the list has it; the state stands beside the title already."""
    if file.listed is None:
        return None
    line = row_view(file.listed, zone, now)
    return line._replace(badges=tuple(one for one in line.badges if one[0] not in STATES.values()))


def _facts(file: EvaluationFile, zone: str, now: datetime) -> tuple[tuple[str, str], ...]:
    if file.patient is None or file.intake is None:
        return ()
    born = file.patient.birth_date
    age = now.year - born.year - ((now.month, now.day) < (born.month, born.day))
    return (
        (_("Born"), f"{when.say_on(born)} ({age})"),
        (_("State"), file.patient.jurisdiction),
        (_("Contact"), ", ".join(filter(None, (file.patient.email, file.patient.phone)))),
        (_("Sent"), when.say_short(file.intake.submitted_at, zone) if file.intake.submitted_at else "–"),
    )


def _visits(file: EvaluationFile, zone: str, now: datetime) -> tuple[VisitRow, ...]:
    return tuple(
        VisitRow(
            v.id, when.say(v.start_at, zone), VISITS[v.status], v.room if v.status in {"booked", "checked-in"} else None,
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
        (_("Decision"), evaluations.outcomes()[d.outcome].label),
        (_("On"), when.say(d.at, zone)),
        (_("To the patient"), d.patient_words or ""),
    ]
    return (*pairs, (_("Reason"), d.reason)) if d.reason else tuple(pairs)
