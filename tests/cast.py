"""The tests' fictitious people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from carepath.accounts import service as accounts
from carepath.accounts.people import Account, NewPatient, Patient
from carepath.intake import service as intakes
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import HoursDraft, Practitioner

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True, slots=True)
class Staff:
    """An account with the actor it signs in as."""

    account: Account
    actor: Actor
    practitioner: Practitioner | None = None


async def provider(
    name: str = "Rosa Delgado", zone: str = "America/Denver", states: tuple[str, ...] = ("CO", "UT")
) -> Staff:
    """A provider with licences and hours, Monday to Friday nine to five."""
    doctor = await scheduling.add_practitioner(SYSTEM, f"Dr. {name}", "MD", zone, NOW)
    for state in states:
        await scheduling.grant_licence(SYSTEM, doctor.id, state, date(2020, 1, 1), None, NOW)
    hours = [HoursDraft(day, time(9), time(17), date(2020, 1, 1), None) for day in range(5)]
    await scheduling.replace_hours(SYSTEM, doctor.id, hours, NOW)
    return await _staff(Role.PROVIDER, name, zone, doctor)


async def coordinator(name: str = "Cora Lind") -> Staff:
    """Keeps the calendar."""
    return await _staff(Role.COORDINATOR, name, "America/Chicago", None)


async def admin(name: str = "Adam Stone") -> Staff:
    """Manages accounts."""
    return await _staff(Role.ADMIN, name, "America/Chicago", None)


async def _staff(role: Role, name: str, zone: str, doctor: Practitioner | None) -> Staff:
    email = f"{name.lower().replace(' ', '.')}@clinic.example"
    account = await accounts.create_account(
        SYSTEM, role, email, name, zone, PASSWORD, TOTP, NOW, doctor.id if doctor else None
    )
    actor = Actor(role, account.id, None, account.practitioner_id, request_id="test")
    return Staff(account, actor, doctor)


async def patient(
    first: str = "Paula", last: str = "Winter", state: str = "CO", zone: str = "America/Denver"
) -> Patient:
    """A patient who has proved an address and sent the answers."""
    new = NewPatient(f"{first}.{last}@mail.example".lower(), first, last, date(1975, 4, 23), state, zone)
    found = await accounts.patient(SYSTEM, await accounts.ensure_patient(new, NOW))
    if await intakes.newest(SYSTEM, found.id) is None:
        draft = await intakes.begin(SYSTEM, new.birth_date, state, zone, NOW)
        await intakes.attach(draft.id, found.id, NOW)
        await intakes.step(SYSTEM, draft.id, "submit", NOW)
    return found


def as_patient(found: Patient) -> Actor:
    """The actor of a signed-in patient."""
    return Actor(Role.PATIENT, None, found.id, request_id="test")
