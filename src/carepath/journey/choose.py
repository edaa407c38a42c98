"""What can be booked: which kinds of visit, by whom, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.followups import service as followups
from carepath.intake import service as intakes
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Conflict, Refused
from carepath.kit.words import _
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.service import Offer, Practitioner
from carepath.screening import service as screening

FIRST_VISIT = "evaluation"
SEARCH_DAYS = 14


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a patient looks for: a kind of visit, one provider or any, a part of the day or any."""

    visit_type: str = FIRST_VISIT
    practitioner_id: UUID | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Free times of two weeks; without any, the first one after them, if there is one at all."""

    offers: Sequence[Offer]
    later: Offer | None


async def may_book(actor: Actor, patient_id: UUID, visit: VisitType) -> None:
    """What a patient must have reached to book this themselves. Conflict says what is missing."""
    if actor.role is not Role.PATIENT:
        return
    if Role.PATIENT.value not in visit.booked_by:
        raise Refused(_("Visits of this kind are booked by the clinic. Please ask us for one."))
    await (_in_maintenance if visit.stage == "maintenance" else _answers_sent)(actor, patient_id)
    visits = await scheduling.appointments_of(actor.scope, patient_id)
    if any(a.status in {"booked", "checked-in"} and a.visit_type == visit.code for a in visits):
        raise Conflict(_("You already have a visit booked. You can move it or cancel it."), "already-booked")


async def _answers_sent(actor: Actor, patient_id: UUID) -> None:
    intake = await intakes.newest(actor, patient_id)
    if intake is None or intake.status != "completed":
        raise Conflict(_("Please finish and send your answers first; then you can choose a time."), "intake-open")
    if await screening.outcome_of(actor.scope, intake.id) == "stop":
        raise Conflict(_("Your answers show that a visit with us is not the safe next step now."), "stopped")


async def _in_maintenance(actor: Actor, patient_id: UUID) -> None:
    plan = await followups.plan_of(actor.scope, patient_id)
    if plan is None or plan.status != "active":
        raise Conflict(_("Visits of this kind begin once your provider has written a plan with you."), "no-plan")


async def providers(actor: Actor) -> list[Practitioner]:
    """Everybody who takes visits, by name. Names are public."""
    return await scheduling.practitioners(actor.scope)


async def kinds(actor: Actor) -> list[VisitType]:
    """The kinds of visit that this patient could book now."""
    found = []
    for visit in scheduling.kinds_for(actor.role):
        try:
            await may_book(actor, own(actor), visit)
        except Conflict:
            continue
        found.append(visit)
    # Whoever is in maintenance has had the first evaluation.
    return [one for one in found if one.stage == "maintenance"] or found


async def offers(
    actor: Actor, first_on: date, now: datetime, moving: UUID | None = None, wanted: Wanted | None = None
) -> Sequence[Offer]:
    """Free starts in two weeks from `first_on`, in days of the patient's zone, by providers licensed where they are."""
    return (await look(actor, first_on, now, moving, wanted or Wanted())).offers


async def look(actor: Actor, first_on: date, now: datetime, moving: UUID | None, wanted: Wanted) -> Found:
    """The same, with the first free time beyond them when they have none. For the visit `moving`, times of its kind."""
    patient = await accounts.patient(actor, own(actor))
    visit_type = wanted.visit_type
    if moving is None:
        await may_book(actor, patient.id, scheduling.kind(visit_type))
    else:
        visit_type = (await scheduling.get(actor.scope, moving)).visit_type
    last_on = first_on + timedelta(days=SEARCH_DAYS - 1)
    among = [wanted.practitioner_id] if wanted.practitioner_id else None
    found = await scheduling.search(
        actor, visit_type, patient.jurisdiction, now, first_on, last_on, patient.zone, among, moving=moving,
        part=wanted.part,
    )  # fmt: skip
    later = None if found else await _later(actor, patient, visit_type, last_on, now, moving, among, wanted.part)
    return Found(found, later)


async def _later(
    actor: Actor, patient: Patient, visit_type: str, last_on: date, now: datetime, moving: UUID | None,
    among: list[UUID] | None, part: str | None,
) -> Offer | None:  # fmt: skip
    return await scheduling.next_available(
        actor,
        visit_type,
        patient.jurisdiction,
        now,
        last_on + timedelta(days=1),
        patient.zone,
        among,
        moving,
        part=part,
    )


def own(actor: Actor) -> UUID:
    """The patient who acts. Refused for anybody else."""
    if actor.role is not Role.PATIENT or actor.patient_id is None:
        raise Refused(_("This is for patients."))
    return actor.patient_id
