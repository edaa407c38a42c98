"""When a provider could see one of their patients next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.journey.choose import SEARCH_DAYS
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.service import Offer


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
    must_be_provider(actor)
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
