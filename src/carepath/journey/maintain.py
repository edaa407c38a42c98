"""The years after the decision: plan, check-ins, signals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.followups import rules
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Course, Plan, PlanDraft, PlanVersion, Signal
from carepath.journey.choose import SEARCH_DAYS
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.notifications.service import Message, Wanted
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Reading, Response
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.service import Offer
from carepath.worklists import provider as worklist
from carepath.worklists import sessions
from carepath.worklists.provider import PatientRow, ToPlanRow

_PLAN, _CHECK_IN = "treatment-plan", "check-in"
_MESSAGES = 10  # so many of the newest tell whether a patient is reached


@dataclass(frozen=True, slots=True)
class MaintenanceFile:
    """A patient in maintenance, as their provider sees them. `pegs` are complete PEG scores, oldest first; `messages`
    the newest mails to them."""

    patient: Patient
    plan: Plan | None
    versions: tuple[PlanVersion, ...]
    check_ins: tuple[CheckIn, ...]
    signals: tuple[Signal, ...]
    pegs: tuple[Reading, ...]
    course: Course
    may_plan: bool
    messages: tuple[Message, ...]


def _provider(actor: Actor) -> None:
    if actor.role is not Role.PROVIDER or actor.practitioner_id is None:
        raise Refused(_("This is for providers."))


async def open_patient(actor: Actor, patient_id: UUID, now: datetime) -> MaintenanceFile:
    """One's own patient. NotFound for anybody else's; the look leaves an audit row."""
    _provider(actor)
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient", patient.id, now, patient_id=patient.id)
        scope = actor.scope
        plan = await followups.plan_of(scope, patient.id)
        pegs = await _pegs(actor, patient.id)
        return MaintenanceFile(
            patient, plan, tuple(await followups.versions_of(scope, plan.id)) if plan else (),
            tuple(await followups.check_ins_of(scope, patient.id)), tuple(await followups.signals_of(scope, patient.id)),
            tuple(pegs), _course(pegs), await _may_plan(actor, patient.id),
            tuple(await notifications.recent(SYSTEM, Wanted(patient_id=patient.id), _MESSAGES)),
        )  # fmt: skip


async def _pegs(actor: Actor, patient_id: UUID) -> list[Reading]:
    found = await questionnaires.scores_of_patient(actor.scope, patient_id, "peg")
    return [one for one in found if one.value is not None]


def _course(pegs: list[Reading]) -> Course:
    """The first PEG is the intake's: the baseline."""
    values = [one.value for one in pegs if one.value is not None]
    return rules.course(values[0] if values else None, values[1:])


async def _may_plan(actor: Actor, patient_id: UUID) -> bool:
    """A plan needs a decision that the treatment suits."""
    evaluation = await evaluations.newest_of_patient(actor.scope, patient_id)
    return evaluation is not None and evaluation.outcome == "suitable"


async def write_plan(actor: Actor, patient_id: UUID, draft: PlanDraft, now: datetime) -> Plan:
    """The provider's plan. Conflict before the decision that the treatment suits."""
    _provider(actor)
    async with db.transaction():
        await accounts.patient(actor, patient_id)
        if not await _may_plan(actor, patient_id):
            raise Conflict(_("Decide first that the treatment suits this patient."), "not-suitable")
        plan = await followups.write_plan(actor, patient_id, draft, now)
        await audit.record(actor, "write", _PLAN, plan.id, now, patient_id=patient_id)
        return plan


async def change_plan(actor: Actor, plan_id: UUID, draft: PlanDraft, version: int, now: datetime) -> Plan:
    """The next version."""
    _provider(actor)
    async with db.transaction():
        plan = await followups.change_plan(actor, plan_id, draft, version, now)
        await audit.record(actor, "change", _PLAN, plan.id, now, patient_id=plan.patient_id, version=plan.version)
        return plan


async def check_plan_of(actor: Actor, patient_id: UUID, plan_id: UUID) -> None:
    """NotFound unless this is the patient's plan: what a page says of two people belongs together."""
    _provider(actor)
    plan = await followups.plan_of(actor.scope, patient_id)
    if plan is None or plan.id != plan_id:
        raise NotFound


_TURNS = {"pause": followups.pause_plan, "resume": followups.resume_plan, "end": followups.end_plan}


async def turn_plan(actor: Actor, plan_id: UUID, action: str, reason: str, now: datetime) -> Plan:
    """Pause, resume or end a plan, with a reason."""
    _provider(actor)
    async with db.transaction():
        plan = await _TURNS[action](actor, plan_id, reason, now)
        await audit.record(actor, action, _PLAN, plan.id, now, patient_id=plan.patient_id)
        return plan


@dataclass(frozen=True, slots=True)
class CheckInFile:
    """One check-in as the provider reads it; without responses it is not answered yet."""

    check_in: CheckIn
    patient: Patient
    responses: tuple[Response, ...]


async def read_check_in(actor: Actor, check_in_id: UUID, now: datetime) -> CheckInFile:
    """What one of one's own patients answered. A draft that was not sent is not shown."""
    _provider(actor)
    async with db.transaction():
        found = await followups.get_check_in(actor.scope, check_in_id)
        await audit.record(actor, "read", _CHECK_IN, found.id, now, patient_id=found.patient_id)
        given = await questionnaires.responses_of(actor.scope, _CHECK_IN, found.id)
        patient = await accounts.patient(actor, found.patient_id)
        return CheckInFile(found, patient, tuple(one for one in given if one.status != "in-progress"))


async def acknowledge(actor: Actor, signal_id: UUID, note: str, now: datetime) -> Signal:
    """A signal was looked at; the note says what was done."""
    _provider(actor)
    async with db.transaction():
        found = await followups.acknowledge(actor, signal_id, note, now)
        await audit.record(actor, "acknowledge", "signal", found.id, now, patient_id=found.patient_id)
        return found


async def patient_of_signal(actor: Actor, signal_id: UUID) -> UUID:
    """Whose signal this is, to lead back to their page."""
    return (await followups.signal(actor.scope, signal_id)).patient_id


async def tick(now: datetime) -> tuple[int, int]:
    """The worker's round: (check-ins opened, check-ins marked overdue), each with its message."""
    async with db.transaction():
        opened = await followups.open_due(now)
        for found in opened:
            await _tell("check-in-due", found, now, found.overdue_at)
    async with db.transaction():
        late = await followups.mark_overdue(now)
        for found in late:
            await _tell("check-in-overdue", found, now)
    return len(opened), len(late)


async def after_sessions(now: datetime) -> int:
    """The worker's round: how many patients are asked how they have been since a visit, each with a message."""
    async with db.transaction():
        ended_by = now - followups.after_session_wait()
        visits = await sessions.due(SYSTEM.scope, scheduling.kinds_asked_after(), ended_by)
        opened = await followups.open_after(visits, now) if visits else []
        for found in opened:
            await _tell("after-session", found, now)
    return len(opened)


async def _tell(kind: str, found: CheckIn, now: datetime, useful_until: datetime | None = None) -> None:
    await notifications.enqueue(kind, "patient", found.patient_id, _CHECK_IN, found.id, 1, now, now, useful_until)


@dataclass(frozen=True, slots=True)
class Times:
    """When a provider could see one of their patients next: own free starts of two weeks from `first_on`."""

    patient: Patient
    visit_type: str
    kinds: list[VisitType]
    first_on: date
    offers: Sequence[Offer]
    later: Offer | None


def kinds(actor: Actor) -> list[str]:
    """The codes of the visits that this role books."""
    return [one.code for one in scheduling.kinds_for(actor.role)]


async def times(
    actor: Actor, patient_id: UUID, visit_type: str, first_on: date, zone: str, now: datetime
) -> Times:  # fmt: skip
    """One's own free starts for one of one's own patients, in days of `zone`. The first kind for an unknown one."""
    _provider(actor)
    assert actor.practitioner_id is not None
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient", patient.id, now, patient_id=patient.id)
    offered = scheduling.kinds_for(actor.role)
    chosen = visit_type if visit_type in {one.code for one in offered} else offered[0].code
    mine, last_on = [actor.practitioner_id], first_on + timedelta(days=SEARCH_DAYS - 1)
    where = patient.jurisdiction
    offers = await scheduling.search(actor, chosen, where, now, first_on, last_on, zone, mine, patient_id=patient.id)
    later = None
    if not offers:
        later = await scheduling.next_available(
            actor, chosen, where, now, last_on + timedelta(days=1), zone, mine, patient_id=patient.id
        )
    return Times(patient, chosen, offered, first_on, offers, later)


async def patients(actor: Actor, now: datetime) -> tuple[list[PatientRow], list[ToPlanRow]]:
    """One's own patients with a running plan, and those who are found suitable and wait for one."""
    _provider(actor)
    async with db.transaction():
        await audit.record(actor, "read", "patient-list", None, now)
        return await worklist.patients(actor.scope), await worklist.to_plan(actor.scope)
