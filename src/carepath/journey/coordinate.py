"""The calendar as coordinators keep it. Nothing clinical passes through here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import history
from carepath.audit import service as audit
from carepath.audit.queries import Change
from carepath.kit import db, when
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Invalid, Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.service import (
    Appointment,
    Assignment,
    AvailabilityException,
    Offer,
    OpenHours,
    Practitioner,
    Why,
)
from carepath.worklists import attention
from carepath.worklists import coordinator as worklist
from carepath.worklists.attention import FlaggedVisit
from carepath.worklists.coordinator import PatientRow

_DAYS = 14


@dataclass(frozen=True, slots=True)
class Board:
    """A week of all providers. `names` are patients' names by id; hours and exceptions by practitioner.

    `flagged` are visits of any week that no longer stand; `failed_messages` counts those that wait for a retry.
    """

    practitioners: list[Practitioner]
    appointments: list[Appointment]
    names: dict[UUID, str]
    hours: dict[UUID, list[OpenHours]]
    exceptions: dict[UUID, list[AvailabilityException]]
    flagged: list[FlaggedVisit]
    failed_messages: int


@dataclass(frozen=True, slots=True)
class Times:
    """Free starts for a patient from `first_on`, a day of the patient's zone; without any, `why` not, and the first
    one `later`. `kinds` are what a coordinator may book."""

    patient: Patient
    first_on: date
    offers: Sequence[Offer]
    why: list[Why]
    later: Offer | None
    kinds: list[VisitType]
    practitioners: list[Practitioner]


@dataclass(frozen=True, slots=True)
class Consult:
    """One consult with whom it is for, its history, and why this provider where the clinic chose."""

    appointment: Appointment
    patient: Patient
    changes: list[Change]
    assignment: Assignment | None
    practitioners: list[Practitioner]


def _coordinator(actor: Actor) -> None:
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))


async def board(actor: Actor, first_on: date, zone: str, now: datetime) -> Board:
    """Seven days of `zone` from `first_on`."""
    _coordinator(actor)
    async with db.transaction():
        people = await scheduling.practitioners(actor.scope)
        found = await scheduling.week(actor.scope, first_on, zone)
        flagged = await attention.flagged(actor.scope, now)
        names = await _names(actor, {a.patient_id for a in found} | {f.patient_id for f in flagged})
        await audit.record(actor, "read", "week-board", None, now, rows=len(names))
        return Board(
            people, found, names,
            {p.id: await scheduling.hours_of(actor.scope, p.id) for p in people},
            {p.id: await scheduling.exceptions_of(actor.scope, p.id, first_on) for p in people},
            flagged, await notifications.failed(actor),
        )  # fmt: skip


async def _names(actor: Actor, patient_ids: set[UUID]) -> dict[UUID, str]:
    return {one: (await accounts.patient(actor, one)).name for one in patient_ids}


async def patients(actor: Actor, now: datetime) -> list[PatientRow]:
    """Whom one can book for, by name."""
    _coordinator(actor)
    async with db.transaction():
        found = await worklist.patients(actor.scope, now)
        await audit.record(actor, "read", "patient-list", None, now, rows=len(found))
        return sorted(found, key=lambda row: row.name.casefold())


async def choose(actor: Actor, patient_id: UUID, visit_type: str, asked: date | None, now: datetime) -> Times:
    """Free starts for a patient in two weeks from `asked`, but not from before today; when there are none, why."""
    _coordinator(actor)
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient-contact", patient.id, now, patient_id=patient.id)
    first_on, where = first_day(asked, patient.zone, now), patient.jurisdiction
    last_on = first_on + timedelta(days=_DAYS - 1)
    offers = await scheduling.search(
        actor, visit_type, where, now, first_on, last_on, patient.zone, patient_id=patient.id
    )
    why, later = list[Why](), None
    if not offers:
        why = await scheduling.why_nothing(actor, visit_type, where, now, first_on, last_on, patient.zone)
        later = await scheduling.next_available(
            actor, visit_type, where, now, last_on + timedelta(days=1), patient.zone, patient_id=patient.id
        )
    kinds, people = scheduling.kinds_for(actor.role), await scheduling.practitioners(actor.scope)
    return Times(patient, first_on, offers, why, later, kinds, [p for p in people if p.is_active])


@dataclass(frozen=True, slots=True)
class Contact:
    """A patient's contact, and who could see them."""

    patient: Patient
    practitioners: list[Practitioner]


async def patient(actor: Actor, patient_id: UUID, now: datetime) -> Contact:
    """One patient's contact; the look leaves an audit row."""
    _coordinator(actor)
    async with db.transaction():
        found = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient-contact", found.id, now, patient_id=found.id)
        return Contact(found, await scheduling.practitioners(actor.scope))


async def zone_of(actor: Actor, patient_id: UUID) -> str:
    """The zone in which a patient reads times. NotFound when absent."""
    _coordinator(actor)
    return (await accounts.patient(actor, patient_id)).zone


def first_day(asked: date | None, zone: str, now: datetime) -> date:
    """The first day to offer: the one asked for, today in `zone` at the earliest."""
    today = now.astimezone(when.zone(zone)).date()
    return max(asked or today, today)


async def consult(actor: Actor, appointment_id: UUID, now: datetime) -> Consult:
    """One consult, its patient's contact, its history."""
    _coordinator(actor)
    async with db.transaction():
        appointment = await scheduling.get(actor.scope, appointment_id)
        patient = await accounts.patient(actor, appointment.patient_id)
        await audit.record(actor, "read", "appointment", appointment.id, now, patient_id=patient.id)
        people = await scheduling.practitioners(actor.scope)
        return Consult(
            appointment, patient, await history.of(actor.scope, "appointment", appointment.id),
            await scheduling.assignment_of(actor.scope, appointment.id), [p for p in people if p.is_active],
        )  # fmt: skip


async def moves(actor: Actor, appointment: Appointment, first_on: date, now: datetime) -> Sequence[Offer]:
    """Free starts to move a consult to."""
    _coordinator(actor)
    last_on = first_on + timedelta(days=_DAYS - 1)
    return await scheduling.search(
        actor, appointment.visit_type, appointment.jurisdiction, now, first_on, last_on, appointment.patient_zone,
        moving=appointment.id,
    )  # fmt: skip


def check_reason(reason: str) -> None:
    """Invalid without a reason: staff say why they cancel."""
    if not reason.strip():
        raise Invalid({"reason": _("Write why the visit is cancelled.")})
