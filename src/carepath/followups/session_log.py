"""The log of dosing sessions: what the provider writes down, and what the patient says of the same one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.followups import plan_queries, session_queries, signal_queries, standing_queries
from carepath.followups.catalogue import followups
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.plan_queries import Plan
from carepath.followups.planning import author
from carepath.followups.readings import take_reading
from carepath.followups.rules import sessions
from carepath.followups.rules.history import Reading
from carepath.followups.rules.sessions import SessionDraft
from carepath.followups.rules.signals import Noticed
from carepath.followups.session_queries import SessionReport
from carepath.followups.signal_queries import Signal
from carepath.followups.telling import meant_by_staff
from carepath.followups.windowing import look_again
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role, Scope
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.ids import new_id
from carepath.kit.words import _

_SESSION = "dosing-session"
_REASON = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One side's report of a session, as it stands, and what it replaced, newest first."""

    report: SessionReport
    earlier: tuple[SessionReport, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a plan: its number in the series, how many are planned, and each side's report."""

    number: int
    planned: int | None
    held_at: datetime
    by_provider: Told | None
    by_patient: Told | None


async def record_session(
    actor: Actor, plan_id: UUID, draft: SessionDraft, visit_id: UUID | None, effects: Collection[str], now: datetime
) -> SessionReport:
    """The provider writes a session down. Invalid names the fields; Conflict for an ended plan, and for a session that
    is written down already."""
    who = author(actor)
    _check(draft, effects, now)
    async with db.transaction():
        plan = await plan_queries.get(actor.scope, plan_id, lock=True)
        if plan.status == "completed":
            raise Conflict(_("This plan has ended. What is left to say of it belongs in a note."), "plan-ended")
        if visit_id is None and await session_queries.is_held(actor.scope, plan_id, draft.held_at):
            raise Conflict(_("A session at this time is written down already. Correct that one."), "recorded")
        report = SessionReport(
            new_id(), plan_id, plan.patient_id, visit_id, None, "provider", draft, None, "", now
        )  # fmt: skip
        return await _keep(actor, plan, report, _by_staff(draft), who, now)


async def correct_session(
    actor: Actor, session_id: UUID, draft: SessionDraft, reason: str, effects: Collection[str], now: datetime
) -> SessionReport:
    """A new report in the place of one's own earlier one, which stays readable. Late is normal, also after the plan has
    ended. Conflict when somebody was faster."""
    who, problems = author(actor), {}
    if not reason.strip():
        problems["reason"] = _("Write why.")
    elif len(reason) > _REASON:
        problems["reason"] = _("This can have at most {limit} characters.").format(limit=_REASON)
    _check(draft, effects, now, problems)
    async with db.transaction():
        before = await session_queries.get(actor.scope, session_id)
        if before.reported_by != "provider":
            raise NotFound
        plan = await _hold(actor.scope, before.patient_id, before.plan_id)
        report = SessionReport(
            new_id(), plan.id, plan.patient_id, before.appointment_id, None, "provider", draft, before.id,
            reason.strip(), now,
        )  # fmt: skip
        return await _keep(actor, plan, report, _by_staff(draft), who, now)


def _by_staff(draft: SessionDraft) -> Reading:
    reading = sessions.reading_of(draft, new_id())
    return sessions.with_said(reading, Reading(reading.id, reading.at, "session", **meant_by_staff(draft)))  # type: ignore[arg-type]


def _check(draft: SessionDraft, effects: Collection[str], now: datetime, also: dict[str, str] | None = None) -> None:
    limits, problems = followups().session, also or {}
    try:
        back, ahead = timedelta(days=limits.most_days_back), timedelta(minutes=limits.most_minutes_ahead)
        sessions.check_session(draft, effects, now, back, ahead)
    except Invalid as found:
        problems |= found.fields
    if problems:
        raise Invalid(problems)


async def report_session(
    actor: Actor, found: CheckIn, draft: SessionDraft, said: Reading, now: datetime, also: Sequence[Noticed] = ()
) -> SessionReport:
    """What the patient says of the session that a check-in asked about, in the caller's transaction; `said` is what the
    same answers say beside the report, `also` are signals that other rules found in them."""
    if actor.patient_id != found.patient_id or actor.role is not Role.PATIENT:
        raise NotFound
    plan = await _hold(SYSTEM.scope, found.patient_id, found.plan_id)
    report = SessionReport(
        new_id(), plan.id, plan.patient_id, found.visit_id, found.id, "patient", draft, None, "", now
    )  # fmt: skip
    reading = sessions.with_said(sessions.reading_of(draft, new_id()), said)
    return await _keep(actor, plan, report, reading, actor.patient_id, now, also)


async def _keep(
    actor: Actor, plan: Plan, report: SessionReport, reading: Reading, author_id: UUID, now: datetime,
    also: Sequence[Noticed] = (),
) -> SessionReport:  # fmt: skip
    if not await session_queries.insert(SYSTEM.scope, plan, report, author_id):
        if report.replaces is not None:
            raise Conflict(_("Somebody has corrected this report since you opened it. Look at it again."), "changed")
        raise Conflict(_("The session of this visit is written down already. Correct that one."), "recorded")
    action = "correct" if report.replaces else "report"
    await history.record(
        actor, _SESSION, report.id, from_status=None, to_status=report.reported_by, action=action, now=now,
        reason=report.reason or None,
    )  # fmt: skip
    replaced = await session_queries.reading_of(SYSTEM.scope, report.replaces) if report.replaces else None
    await take_reading(actor, plan, reading, report.id, replaced, now, also)
    await look_again(plan.id, now)
    return report


async def _hold(scope: Scope, patient_id: UUID, plan_id: UUID) -> Plan:
    """A plan that may have ended, held after the running one as everybody does: otherwise whoever corrects an old session
    waits for whoever answers a check-in, and they for them."""
    await standing_queries.hold(scope, [patient_id])
    return await plan_queries.get(scope, plan_id, lock=True)


async def raised_by(scope: Scope, report: SessionReport) -> tuple[UUID | None, list[Signal]]:
    """The reading that a report left just now, and every signal that was raised with it."""
    reading_id = await session_queries.reading_of(scope, report.id)
    raised = await signal_queries.signals_of(scope, report.patient_id)
    return reading_id, [one for one in raised if one.raised_at == report.created_at]


async def session_report(scope: Scope, session_id: UUID) -> SessionReport:
    """One report within the scope."""
    return await session_queries.get(scope, session_id)


async def sessions_of(scope: Scope, patient_id: UUID) -> list[Session]:
    """Every session of a patient, newest first; the two sides' reports of one stand together."""
    reports = await session_queries.of_patient(scope, patient_id)
    return in_series(reports, await session_queries.planned(scope, patient_id))


def in_series(reports: Sequence[SessionReport], planned: dict[UUID, int]) -> list[Session]:
    """Counted within each plan by the time of the session: what is written down late moves the numbers after it."""
    by_id = {one.id: one for one in reports}
    replaced = {one.replaces for one in reports}
    told: dict[UUID, list[Told]] = {}
    for one in reports:
        if one.id not in replaced:
            told.setdefault(one.appointment_id or one.id, []).append(Told(one, _earlier(one, by_id)))
    found, counts = list[Session](), dict[UUID, int]()
    for both in sorted(told.values(), key=_held_at):
        plan_id = both[0].report.plan_id
        counts[plan_id] = counts.get(plan_id, 0) + 1
        sides = {one.report.reported_by: one for one in both}
        found.append(
            Session(counts[plan_id], planned.get(plan_id), _held_at(both), sides.get("provider"), sides.get("patient"))
        )
    return found[::-1]


def _held_at(both: Sequence[Told]) -> datetime:
    """As the provider says, where they do."""
    return min(both, key=lambda one: one.report.reported_by != "provider").report.draft.held_at


def _earlier(one: SessionReport, by_id: dict[UUID, SessionReport]) -> tuple[SessionReport, ...]:
    found = list[SessionReport]()
    while one.replaces is not None:
        one = by_id[one.replaces]
        found.append(one)
    return tuple(found)
