"""The years after the decision: a patient as their provider sees them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.followups.rules import course
from carepath.followups.service import CheckIn, Course, Plan, Session, Signal
from carepath.journey import emergency, timeline
from carepath.journey.emergency import Told
from carepath.journey.evaluate import must_be_provider
from carepath.journey.timeline import Timeline
from carepath.journey.treat import may_plan
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.notifications import service as notifications
from carepath.notifications.service import Message, Wanted
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Reading
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from carepath.worklists import provider as worklist
from carepath.worklists.provider import PatientPage, ToPlanRow

_MESSAGES = 10  # so many of the newest tell whether a patient is reached


@dataclass(frozen=True, slots=True)
class MaintenanceFile:
    """A patient in maintenance, as their provider sees them. `pegs` are complete PEG scores, oldest first; `messages`
    the newest mails to them; `openings` what colleagues opened of it in an emergency; `evaluation_id` the newest
    evaluation, if it is this provider's."""

    patient: Patient
    plan: Plan | None
    sessions: tuple[Session, ...]
    check_ins: tuple[CheckIn, ...]
    signals: tuple[Signal, ...]
    pegs: tuple[Reading, ...]
    course: Course
    may_plan: bool
    messages: tuple[Message, ...]
    timeline: Timeline
    next_visit: Appointment | None
    openings: tuple[Told, ...]
    evaluation_id: UUID | None


async def open_patient(actor: Actor, patient_id: UUID, now: datetime) -> MaintenanceFile:
    """One's own patient. NotFound for anybody else's; the look leaves an audit row."""
    must_be_provider(actor)
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient", patient.id, now, patient_id=patient.id)
        scope = actor.scope
        plan = await followups.plan_of(scope, patient.id)
        pegs = await _pegs(actor, patient.id)
        return MaintenanceFile(
            patient, plan, tuple(await followups.sessions_of(scope, patient.id)),
            tuple(await followups.check_ins_of(scope, patient.id)), tuple(await followups.signals_of(scope, patient.id)),
            tuple(pegs), _course(pegs), await may_plan(actor, patient.id),
            tuple(await notifications.recent(SYSTEM, Wanted(patient_id=patient.id), _MESSAGES)),
            await timeline.gather(scope, patient.id, plan, now), await _next_visit(scope, patient.id, now),
            await emergency.of_patient(actor, patient.id), await _evaluation(actor, patient.id),
        )  # fmt: skip


async def _evaluation(actor: Actor, patient_id: UUID) -> UUID | None:
    found = await evaluations.newest_of_patient(actor.scope, patient_id)
    return found.id if found is not None and found.practitioner_id == actor.practitioner_id else None


async def _next_visit(scope: Scope, patient_id: UUID, now: datetime) -> Appointment | None:
    found = await scheduling.appointments_of(scope, patient_id)
    return next((one for one in found if one.status == "booked" and one.end_at > now), None)


async def _pegs(actor: Actor, patient_id: UUID) -> list[Reading]:
    found = await questionnaires.scores_of_patient(actor.scope, patient_id, "peg")
    return [one for one in found if one.value is not None]


def _course(pegs: list[Reading]) -> Course:
    """The first PEG is the intake's: the baseline."""
    values = [one.value for one in pegs if one.value is not None]
    return course.course(values[0] if values else None, values[1:])


async def patients(actor: Actor, after: str | None, now: datetime) -> tuple[PatientPage, list[ToPlanRow]]:
    """One's own patients with a running plan, a page at a time; on the first, those who are found suitable and wait
    for one. Invalid `after`."""
    must_be_provider(actor)
    async with db.transaction():
        found = await worklist.patients(actor.scope, after)
        await audit.record(actor, "read", "patient-list", None, now, rows=len(found.rows))
        return found, [] if after else await worklist.to_plan(actor.scope)
