"""The cast of the calendar: two providers, two patients, a coordinator, and a clinic of known limits."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.ids import new_id
from carepath.scheduling import service
from carepath.scheduling.rules.model import BookingRules
from carepath.scheduling.service import HoursDraft

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday, 5 AM in Denver
MONDAY = date(2026, 11, 23)
TEN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # Tuesday 10 AM in Denver, an hour later in Chicago
RULES = BookingRules(
    grid_minutes=15,
    notice_hours=4,
    horizon_days=60,
    hold_minutes=10,
    max_open_holds=1,
    no_show_grace_minutes=30,
    check_in_opens_minutes=30,
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Dr. Ada (Denver) and Dr. Ben (Chicago) are both licensed in Colorado; Ana and Bo are patients there."""

    ada: UUID
    ben: UUID
    ana: Actor
    bo: Actor
    carol: Actor


def provider(practitioner_id: UUID) -> Actor:
    """Signed in as that provider."""
    return Actor(Role.PROVIDER, account_id=new_id(), practitioner_id=practitioner_id)


async def add_patient() -> Actor:
    """A patient whose sealed parts nobody opens here."""
    patient_id = new_id()
    await db.execute(
        """INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction,
           zone, email_proved_at, created_at) VALUES ({}, {}, '', '', '', '', 'CO', 'America/Denver', {}, {})""",
        patient_id, patient_id.bytes, NOW, NOW,
    )  # fmt: skip
    return Actor(Role.PATIENT, patient_id=patient_id)


async def add_provider(name: str, zone: str, *states: str) -> UUID:
    """Open Monday to Friday, nine to five, for years."""
    added = await service.add_practitioner(SYSTEM, name, "MD", zone, NOW)
    week = [HoursDraft(day, time(9), time(17), date(2020, 1, 1)) for day in range(5)]
    await service.replace_hours(SYSTEM, added.id, week, NOW)
    for state in states:
        await service.grant_licence(SYSTEM, added.id, state, date(2020, 1, 1), date(2030, 12, 31), NOW)
    return added.id


async def hold(cast: Cast, who: Actor, start_at: datetime = TEN, practitioner_id: UUID | None = None,
               now: datetime = NOW, visit_type: str = "evaluation") -> service.Appointment:  # fmt: skip
    """`who` holds a time, with Dr. Ada unless said otherwise."""
    assert who.patient_id is not None
    return await service.hold(
        who, who.patient_id, practitioner_id or cast.ada, visit_type, start_at, "CO", "America/Denver", now
    )


async def booked(cast: Cast, who: Actor, start_at: datetime = TEN, practitioner_id: UUID | None = None,
                 visit_type: str = "evaluation") -> service.Appointment:  # fmt: skip
    """`who` has a confirmed visit."""
    held = await hold(cast, who, start_at, practitioner_id, visit_type=visit_type)
    return await service.confirm(who, held.id, NOW)
