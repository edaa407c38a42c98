"""A provider reads the record of somebody whom they do not look after: with a reason, for a time, told to those who do,
and only to read (docs/adr/0019)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import emergencies
from carepath.accounts import service as accounts
from carepath.accounts.emergency_queries import Opening
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.evaluations import overriding
from carepath.evaluations import service as evaluations
from carepath.evaluations.check_queries import Override
from carepath.followups import service as followups
from carepath.followups.service import Plan, Session
from carepath.journey import compare, evaluate, look, summarize, timeline
from carepath.journey.evaluate import EvaluationFile, must_be_provider
from carepath.journey.summarize import Summary
from carepath.journey.timeline import TimelineFile
from carepath.kit import db, limits, when
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.questionnaires.service import Reading
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

_SUBJECT, _BASIS = "emergency-access", "emergency"


@dataclass(frozen=True, slots=True)
class Door:
    """What a provider meets before a record. `name` is known only to whom a visit brings the patient anyway; `ended` is
    their own last opening, when it is over."""

    is_own: bool
    name: str | None
    running: Opening | None
    ended: Opening | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest intake with its evaluation, as its provider sees them; without their notes."""

    file: EvaluationFile
    summary: Summary
    scores: Mapping[str, Reading]
    overrides: Mapping[str, Override]
    names: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Record:
    """All that may be read. `owners` are the names of the patient's own providers."""

    opening: Opening
    patient: Patient
    owners: tuple[str, ...]
    visits: tuple[Appointment, ...]
    judged: Judged | None
    plan: Plan | None
    sessions: tuple[Session, ...]
    course: TimelineFile


async def door(actor: Actor, patient_id: UUID, now: datetime) -> Door:
    """Before a record: is it one's own, open already, or closed? NotFound where there is no patient. Leaves an audit row,
    so that nobody tries doors unseen."""
    practitioner_id = must_be_provider(actor)
    async with db.transaction():
        patient = await accounts.patient(SYSTEM, patient_id)
        await audit.record(actor, "preview", _SUBJECT, None, now, patient_id=patient.id)
        before = [one for one in await emergencies.of_patient(actor, patient.id) if one.account_id == actor.account_id]
        meets = await scheduling.appointments_of(actor.scope, patient.id)
        return Door(
            practitioner_id in await emergencies.owners(patient.id),
            patient.name if meets else None,
            await emergencies.running(actor, patient.id, now),
            before[0] if before and before[0].ends_at <= now else None,
        )


async def open_record(actor: Actor, patient_id: UUID, reason: str, now: datetime) -> Opening:
    """Open it for a time. While it is open already it is that opening; a new one is told to the patient's own providers
    and to every admin. Invalid `reason`; Conflict where it is one's own patient, who needs no such thing."""
    practitioner_id = must_be_provider(actor)
    emergencies.check_reason(reason)
    await limits.count(emergencies.TRIES, str(actor.account_id))
    async with db.transaction():
        patient = await accounts.patient(SYSTEM, patient_id)
        if practitioner_id in await emergencies.owners(patient.id):
            raise Conflict(_("You look after this patient: their record is open to you without this."), "own-patient")
        opening, is_new = await emergencies.open_for(actor, patient.id, reason, now)
        if is_new:
            await _tell(opening, now)
            await audit.record(
                actor, "open", _SUBJECT, opening.id, now, patient_id=patient.id, has_reason=True,
                until=opening.ends_at.isoformat(),
            )  # fmt: skip
        return opening


async def _tell(opening: Opening, now: datetime) -> None:
    for account_id in await emergencies.whom_to_tell(opening.patient_id):
        await notifications.enqueue(
            "break-glass-notice", "account", account_id, "break-glass", opening.id, 1, now, now
        )  # fmt: skip


async def reader(actor: Actor, patient_id: UUID, now: datetime) -> tuple[Opening, Scope]:
    """By which opening this provider reads the patient at this moment, and the scope in which to. Only this module hands
    that scope out, and only to what reads one patient. NotFound unless an opening of their own runs."""
    must_be_provider(actor)
    opening = await emergencies.running(actor, patient_id, now)
    if opening is None:
        raise NotFound
    return opening, SYSTEM.scope


async def read(actor: Actor, patient_id: UUID, now: datetime) -> Record:
    """The record, to read. Every look leaves a row for each thing that is shown, which says on what it rests."""
    async with db.transaction():
        opening, scope = await reader(actor, patient_id, now)
        patient = await accounts.patient(SYSTEM, patient_id)
        await _seen(actor, "patient", patient.id, opening, now)
        await _seen(actor, "timeline", patient.id, opening, now)
        plan = await followups.plan_of(scope, patient.id)
        return Record(
            opening, patient, await _owners(scope, patient.id),
            tuple(await scheduling.appointments_of(scope, patient.id)),
            await _judged(actor, patient, opening, now), plan, tuple(await followups.sessions_of(scope, patient.id)),
            TimelineFile(patient, plan, await timeline.gather(scope, patient.id, plan, now)),
        )  # fmt: skip


async def _seen(actor: Actor, subject: str, subject_id: UUID, opening: Opening, now: datetime) -> None:
    await audit.record(
        actor, "read", subject, subject_id, now, patient_id=opening.patient_id, basis=_BASIS, opening=str(opening.id)
    )


async def _owners(scope: Scope, patient_id: UUID) -> tuple[str, ...]:
    own = await emergencies.owners(patient_id)
    return tuple(one.name for one in await scheduling.practitioners(scope) if one.id in own)


async def _judged(actor: Actor, patient: Patient, opening: Opening, now: datetime) -> Judged | None:
    """None while nothing was sent."""
    evaluation = await evaluations.newest_of_patient(SYSTEM.scope, patient.id)
    if evaluation is None:
        return None
    await _seen(actor, "evaluation", evaluation.id, opening, now)
    file = await evaluate.file_of(SYSTEM, evaluation)
    scores = compare.of_intake(file.responses, file.scores)
    today = now.astimezone(when.zone(patient.zone)).date()
    return Judged(
        file, summarize.summary(patient, file.responses, scores, file.verdict, today), scores,
        await overriding.overrides(SYSTEM.scope, evaluation.id), await look.names(SYSTEM),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An opening with whom it is about and who opened it. `patient` is None for whoever knows no patient."""

    opening: Opening
    who: str
    patient: Patient | None


async def of_patient(actor: Actor, patient_id: UUID) -> tuple[Told, ...]:
    """What others opened of a patient whom the actor reaches already, newest first: part of a look that is recorded."""
    found = await emergencies.of_patient(actor, patient_id)
    return await _named(actor, [one for one in found if one.account_id != actor.account_id], {})


async def of_own_patients(actor: Actor, now: datetime) -> tuple[Told, ...]:
    """What colleagues opened of the provider's own patients, newest first."""
    must_be_provider(actor)
    async with db.transaction():
        found = await emergencies.of_own_patients(actor)
        await audit.record(actor, "read", "opening-list", None, now, rows=len(found))
        patients = await accounts.patients(SYSTEM, [one.patient_id for one in found])
        return await _named(actor, found, patients)


async def _named(actor: Actor, found: Sequence[Opening], patients: Mapping[UUID, Patient]) -> tuple[Told, ...]:
    names = await accounts.names(actor, [one.account_id for one in found]) if found else {}
    return tuple(Told(one, names[one.account_id], patients.get(one.patient_id)) for one in found)


async def newest(actor: Actor) -> tuple[Told, ...]:
    """Who opened a record and until when, for an admin who reads the audit trail: no patient's name, and no reason."""
    return await _named(actor, await emergencies.newest(actor), {})
