"""Dosing sessions: written down by the provider, told by the patient, read side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Noticed, Plan, Reading, Session, SessionDraft, SessionReport, Signal
from carepath.intake.catalogue import CheckIns
from carepath.journey import signal
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Answers
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

_SESSION = "dosing-session"
_HELD = frozenset({"booked", "checked-in", "fulfilled"})
_NEAR = timedelta(hours=12)

Effects = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SessionsFile:
    """A patient's sessions, newest first. `unwritten` are visits for a session that nobody has written down;
    `words` of the codes that a patient's report is made of."""

    patient: Patient
    plan: Plan
    sessions: tuple[Session, ...]
    unwritten: tuple[Appointment, ...]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SessionPage:
    """What the form for one session needs; with `report`, the one that is to be corrected."""

    patient: Patient
    plan: Plan
    visit: Appointment | None
    effects: Effects
    report: SessionReport | None = None


async def open_sessions(actor: Actor, sets: CheckIns, patient_id: UUID, now: datetime) -> SessionsFile:
    """Those of one's own patient. The look leaves an audit row."""
    must_be_provider(actor)
    async with db.transaction():
        patient, plan = await _own(actor, patient_id)
        await audit.record(actor, "read", "dosing-sessions", plan.id, now, patient_id=patient.id)
        sessions = await followups.sessions_of(actor.scope, patient.id)
        written = {one.by_provider.report.appointment_id for one in sessions if one.by_provider}
        visits = [] if plan.status == "completed" else await scheduling.appointments_of(actor.scope, patient.id)
        unwritten = tuple(one for one in visits if _is_session(one, now) and one.id not in written)
        return SessionsFile(patient, plan, tuple(sessions), unwritten, _words(sets))


async def _own(actor: Actor, patient_id: UUID) -> tuple[Patient, Plan]:
    patient = await accounts.patient(actor, patient_id)
    plan = await followups.plan_of(actor.scope, patient_id)
    if plan is None:
        raise NotFound(_("Sessions follow a plan, and this patient has none."))
    return patient, plan


def _is_session(visit: Appointment, now: datetime) -> bool:
    is_kind = visit.visit_type in scheduling.kinds_asked_after()
    return is_kind and visit.status in _HELD and visit.start_at <= now


def effects_of(sets: CheckIns) -> Effects:
    """(code, words) of the side effects that patients are asked about; nothing where they are not asked."""
    form = questionnaires.current(sets.after_session) if sets.after_session else None
    item = form.by_id[followups.session_reads().effects] if form else None
    return tuple((option.code, option.display) for option in item.options) if item else ()


def _words(sets: CheckIns) -> dict[str, str]:
    form = questionnaires.current(sets.after_session) if sets.after_session else None
    reads = followups.session_reads()
    items = [form.by_id[one] for one in (reads.route, reads.home, reads.effects)] if form else []
    return {option.code: option.display for item in items for option in item.options}


async def new_session(
    actor: Actor, sets: CheckIns, patient_id: UUID, visit_id: UUID | None, now: datetime
) -> SessionPage:
    """The form for a session of one's own patient, about a visit or not. Conflict when there is nothing to write."""
    must_be_provider(actor)
    async with db.transaction():
        patient, plan = await _own(actor, patient_id)
        await audit.record(actor, "read", "treatment-plan", plan.id, now, patient_id=patient.id)
        if plan.status == "completed":
            raise Conflict(_("This plan has ended. What is left to say of it belongs in a note."), "plan-ended")
        visit = await _visit(actor, patient_id, visit_id, now) if visit_id else None
        return SessionPage(patient, plan, visit, effects_of(sets))


async def _visit(actor: Actor, patient_id: UUID, visit_id: UUID, now: datetime) -> Appointment:
    visit = await scheduling.get(actor.scope, visit_id)
    if visit.patient_id != patient_id:
        raise NotFound
    if not _is_session(visit, now):
        raise Conflict(_("This visit is not for a session, or did not take place."), "no-session")
    return visit


async def record(
    actor: Actor, sets: CheckIns, patient_id: UUID, draft: SessionDraft, visit_id: UUID | None, now: datetime
) -> SessionReport:
    """Write a session down. Invalid names the fields; Conflict when it is written down already."""
    must_be_provider(actor)
    async with db.transaction():
        _patient, plan = await _own(actor, patient_id)
        if visit_id is not None:
            _must_be_near(draft, await _visit(actor, patient_id, visit_id, now))
        codes = [code for code, _words in effects_of(sets)]
        report = await followups.record_session(actor, plan.id, draft, visit_id, codes, now)
        await _tell_red(plan, report, now)
        await audit.record(actor, "record", _SESSION, report.id, now, patient_id=patient_id)
        return report


def _must_be_near(draft: SessionDraft, visit: Appointment) -> None:
    if abs(draft.held_at - visit.start_at) > _NEAR:
        raise Invalid({"held_on": _("This is not when the visit was.")})


async def open_report(
    actor: Actor, sets: CheckIns, patient_id: UUID, session_id: UUID, now: datetime
) -> SessionPage:  # fmt: skip
    """A report of one's own that is to be corrected. NotFound for the patient's: it stays as they told it."""
    must_be_provider(actor)
    async with db.transaction():
        patient, plan = await _own(actor, patient_id)
        report = await _report(actor, patient_id, session_id)
        await audit.record(actor, "read", _SESSION, report.id, now, patient_id=patient_id)
        return SessionPage(patient, plan, None, effects_of(sets), report)


async def _report(actor: Actor, patient_id: UUID, session_id: UUID) -> SessionReport:
    report = await followups.session_report(actor.scope, session_id)
    if report.patient_id != patient_id or report.reported_by != "provider":
        raise NotFound
    return report


async def correct(
    actor: Actor, sets: CheckIns, patient_id: UUID, session_id: UUID, draft: SessionDraft, reason: str, now: datetime
) -> SessionReport:
    """Replace a report by another, with a reason; it stays that of its visit. Conflict when somebody was faster."""
    must_be_provider(actor)
    async with db.transaction():
        before = await _report(actor, patient_id, session_id)
        if (
            before.appointment_id is not None
        ):  # it may have been with a colleague: the report was reached, so is its visit
            _must_be_near(draft, await scheduling.get(SYSTEM.scope, before.appointment_id))
        codes = [code for code, _words in effects_of(sets)]
        report = await followups.correct_session(actor, session_id, draft, reason, codes, now)
        await _tell_red(await followups.plan(actor.scope, report.plan_id), report, now)
        await audit.record(actor, "correct", _SESSION, report.id, now, patient_id=patient_id)
        return report


async def _tell_red(plan: Plan, report: SessionReport, now: datetime) -> list[Signal]:
    """The owner is told of what is red. A patient's report comes from the check-in that asked for it."""
    reading_id, raised = await followups.raised_by(SYSTEM.scope, report)
    from_ = ("check-in", report.check_in_id) if report.check_in_id else ("session", report.id)
    await signal.tell_red(plan, raised, reading_id, from_, now)
    return raised


async def tell(
    actor: Actor, found: CheckIn, plan: Plan, answers: Answers, said: Reading, also: Sequence[Noticed], now: datetime
) -> list[Signal]:
    """In the transaction in which the patient answers: what they say of the session becomes a report of theirs, and its
    reading, with what they have `said` beside it, the only one of this check-in."""
    assert found.visit_id is not None, "asked after a visit"
    visit = await scheduling.get(actor.scope, found.visit_id)
    draft = followups.told_draft(answers, visit.start_at)
    report = await followups.report_session(actor, found, draft, said, now, also)
    await audit.record(actor, "report", _SESSION, report.id, now, patient_id=found.patient_id)
    return await _tell_red(plan, report, now)
