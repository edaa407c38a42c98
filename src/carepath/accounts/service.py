"""The accounts island's verbs over people. Signing in is in `accounts.sessions`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.accounts import emergency_queries, queries, rules, secrets, session_queries
from carepath.accounts.people import Account, Colleague, NewPatient, Patient
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.ids import new_id
from carepath.kit.words import _


async def create_account(
    actor: Actor,
    role: Role,
    email: str,
    name: str,
    zone: str,
    password: str,
    totp_secret: str,
    now: datetime,
    practitioner_id: UUID | None = None,
) -> Account:
    """Add a member of staff. Refused unless an admin or set-up asks; Invalid for a weak password."""
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Refused(_("Only an admin adds accounts."))
    rules.check_password(password)
    account = Account(new_id(), role, practitioner_id, email.strip().lower(), name, zone, True)
    hashed = await secrets.hash_password(password)
    await queries.insert_account(actor.scope, account, hashed, totp_secret, now)
    return account


async def accounts(actor: Actor) -> list[Account]:
    """All staff, for an admin."""
    return await queries.accounts(actor.scope)


async def set_active(actor: Actor, account_id: UUID, is_active: bool, now: datetime) -> None:
    """Enable or disable an account; disabling ends its sessions, and what it has open in an emergency, at once.
    The last admin stays."""
    if actor.role is not Role.ADMIN:
        raise Refused(_("Only an admin changes accounts."))
    async with db.transaction():
        admins = await queries.lock_admins(actor.scope)
        await queries.account(actor.scope, account_id)
        if not is_active and admins == [account_id]:
            raise Conflict(_("This is the last active admin; somebody must be able to manage accounts."), "last-admin")
        await queries.set_active(actor.scope, account_id, is_active)
        if not is_active:
            await session_queries.revoke_of_account(actor.scope, account_id, now)
            await emergency_queries.end_of_account(actor.scope, account_id, now)


async def ensure_patient(new: NewPatient, now: datetime) -> UUID:
    """The patient with this proved address; a new one if nobody has it yet."""
    return await queries.insert_patient(SYSTEM.scope, new_id(), new, now)


async def index_people(most: int) -> int:
    """The worker's: some of those who were here before there was an index of persons get theirs. How many it were."""
    async with db.transaction():
        return await queries.index_people(SYSTEM.scope, most)


async def patient(actor: Actor, patient_id: UUID) -> Patient:
    """A patient's identity, within the actor's scope. NotFound outside it."""
    return await queries.patient(actor.scope, patient_id)


async def patients(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Patient]:
    """Several identities at once, for the system: a worker that writes letters."""
    return await queries.patients(actor.scope, ids)


async def patient_id_by_email(email: str) -> UUID | None:
    """Who has this address. For sign-in only: the answer must not reach a page."""
    return await queries.patient_id_by_email(SYSTEM.scope, email)


async def relocate(actor: Actor, patient_id: UUID, jurisdiction: str, zone: str) -> None:
    """The patient now is in `jurisdiction` and reads times in `zone`."""
    await queries.move_patient(actor.scope, patient_id, jurisdiction, zone)


async def say_phone(actor: Actor, patient_id: UUID, phone: str) -> None:
    """Where the patient can be called; empty removes it. Invalid for what is no number."""
    wrong = rules.phone_problem(phone)
    if wrong:
        raise Invalid({"phone": wrong})
    await queries.set_phone(actor.scope, patient_id, phone or None)


async def account(account_id: UUID) -> Account:
    """A member of staff, for a worker that writes to them."""
    return await queries.account(SYSTEM.scope, account_id)


async def names(actor: Actor, account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What members of staff are called, as far as the actor may read it."""
    return await queries.names(actor.scope, account_ids)


async def colleagues(*roles: Role) -> list[Colleague]:
    """Members of staff who may sign in, for a worker that writes to all of a role."""
    return await queries.colleagues(SYSTEM.scope, roles)


async def is_active_provider(practitioner_id: UUID) -> bool:
    """Whether somebody who sees patients may still sign in."""
    return await queries.account_of_practitioner(SYSTEM.scope, practitioner_id) is not None


async def providers_to_alert(practitioner_id: UUID | None) -> list[Account]:
    """Whom an urgent message goes to: the patient's provider, or every provider when nobody has claimed them."""
    if practitioner_id is None:
        return await queries.provider_accounts(SYSTEM.scope)
    found = await queries.account_of_practitioner(SYSTEM.scope, practitioner_id)
    return [found] if found else await queries.provider_accounts(SYSTEM.scope)
