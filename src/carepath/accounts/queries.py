"""All SQL over staff accounts and patients."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from carepath.accounts.people import Account, Colleague, NewPatient, Patient
from carepath.accounts.rules import person_key, phone_key
from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound


def _account(r: dict[str, Any]) -> Account:
    return Account(
        r["id"], Role(r["role"]), r["practitioner_id"], crypto.unseal(r["email_enc"], f"account.email_enc:{r['id']}"),
        crypto.unseal(r["name_enc"], f"account.name_enc:{r['id']}"), r["zone"], r["is_active"],
    )  # fmt: skip


def _patient(r: dict[str, Any]) -> Patient:
    def opened(column: str) -> str:
        return crypto.unseal(r[column], f"patient.{column}:{r['id']}")

    return Patient(
        r["id"], opened("email_enc"), opened("first_name_enc"), opened("last_name_enc"),
        crypto.unseal_optional(r["phone_enc"], f"patient.phone_enc:{r['id']}"),
        date.fromisoformat(opened("birth_date_enc")), r["jurisdiction"], r["zone"], r["created_at"],
    )  # fmt: skip


async def insert_account(scope: Scope, account: Account, password_hash: str, totp: str, now: datetime) -> None:
    """Add a member of staff. Only set-up and admins reach this."""
    if not (scope.is_system or scope.role is Role.ADMIN):
        raise NotFound
    await db.execute(
        """INSERT INTO account (id, role, practitioner_id, email_index, email_enc, name_enc, zone, password_hash,
           totp_enc, is_active, created_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})""",
        account.id, account.role, account.practitioner_id, crypto.blind_index(account.email),
        crypto.seal(account.email, f"account.email_enc:{account.id}"),
        crypto.seal(account.name, f"account.name_enc:{account.id}"), account.zone, password_hash,
        crypto.seal(totp, f"account.totp_enc:{account.id}"), account.is_active, now,
    )  # fmt: skip


async def accounts(scope: Scope) -> list[Account]:
    """All staff, for an admin; of colleagues nobody else needs more than the practitioner list."""
    if not (scope.is_system or scope.role is Role.ADMIN):
        return []
    return [_account(r) for r in await db.rows("SELECT * FROM account ORDER BY role, created_at, id")]


async def account(scope: Scope, account_id: UUID) -> Account:
    """One member of staff: oneself, or anybody for an admin."""
    if not (scope.is_system or scope.role is Role.ADMIN or scope.account_id == account_id):
        raise NotFound
    found = await db.row("SELECT * FROM account WHERE id = {}", account_id)
    if found is None:
        raise NotFound
    return _account(found)


async def names(scope: Scope, account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What members of staff are called, for staff alone: who wrote what they read."""
    if not scope.is_system and scope.role not in {Role.PROVIDER, Role.COORDINATOR, Role.ADMIN}:
        return {}
    found = await db.rows("SELECT id, name_enc FROM account WHERE id = ANY({})", list(account_ids))
    return {r["id"]: crypto.unseal(r["name_enc"], f"account.name_enc:{r['id']}") for r in found}


async def account_of_practitioner(scope: Scope, practitioner_id: UUID) -> Account | None:
    """The account of a provider, so that a worker can write to them."""
    if not scope.is_system:
        return None
    found = await db.row("SELECT * FROM account WHERE practitioner_id = {} AND is_active", practitioner_id)
    return _account(found) if found else None


async def provider_accounts(scope: Scope) -> list[Account]:
    """Every active provider, for messages about work that nobody has claimed."""
    if not scope.is_system:
        return []
    found = await db.rows("SELECT * FROM account WHERE role = 'provider' AND is_active ORDER BY id")
    return [_account(r) for r in found]


async def colleagues(scope: Scope, roles: Sequence[Role]) -> list[Colleague]:
    """Everybody of these roles who may sign in, so that a worker can write to them."""
    if not scope.is_system:
        return []
    found = await db.records(
        "SELECT id, role, practitioner_id, zone FROM account WHERE is_active AND role = ANY({}) ORDER BY id",
        [role.value for role in roles],
    )
    return [Colleague(r["id"], Role(r["role"]), r["practitioner_id"], r["zone"]) for r in found]


async def set_active(scope: Scope, account_id: UUID, is_active: bool) -> None:
    """Enable or disable an account. Admins only; the last active admin stays."""
    if scope.role is not Role.ADMIN:
        raise NotFound
    await db.execute("UPDATE account SET is_active = {} WHERE id = {}", is_active, account_id)


async def lock_admins(scope: Scope) -> list[UUID]:
    """Ids of active admins, locked until the transaction ends, so that two cannot disable each other."""
    found = await db.rows("SELECT id FROM account WHERE role = 'admin' AND is_active ORDER BY id FOR UPDATE")
    return [r["id"] for r in found]


def person_index(first: str, last: str, born: date) -> bytes:
    """Equal for the same name and birth date; nothing can be read from it."""
    return crypto.digest("person-index", person_key(first, last), born.isoformat())


def phone_index(phone: str | None) -> bytes | None:
    """Equal for the same number, however it is written."""
    key = phone_key(phone or "")
    return crypto.digest("phone-index", key) if key else None


async def index_people(scope: Scope, most: int) -> int:
    """Fill the indexes of some of those who were here before there were any; how many it were."""
    if not scope.is_system:
        raise NotFound
    found = await db.records(
        "SELECT * FROM patient WHERE person_index IS NULL ORDER BY id LIMIT {} FOR UPDATE SKIP LOCKED", most
    )
    people = [_patient(r) for r in found]
    await db.execute(
        """UPDATE patient SET person_index = made.person, phone_index = made.phone
           FROM unnest({}::uuid[], {}::bytea[], {}::bytea[]) made (id, person, phone) WHERE patient.id = made.id""",
        [one.id for one in people],
        [person_index(one.first_name, one.last_name, one.birth_date) for one in people],
        [phone_index(one.phone) for one in people],
    )
    return len(people)


async def insert_patient(scope: Scope, patient_id: UUID, new: NewPatient, now: datetime) -> UUID:
    """Add a patient, or answer the id of the one who has this address already."""

    def sealed(column: str, text: str) -> bytes:
        return crypto.seal(text, f"patient.{column}:{patient_id}")

    found = await db.row(
        """INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc,
           jurisdiction, zone, email_proved_at, created_at, person_index)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}) ON CONFLICT (email_index) DO NOTHING RETURNING id""",
        patient_id, crypto.blind_index(new.email), sealed("email_enc", new.email),
        sealed("first_name_enc", new.first_name), sealed("last_name_enc", new.last_name),
        sealed("birth_date_enc", new.birth_date.isoformat()), new.jurisdiction, new.zone, now, now,
        person_index(new.first_name, new.last_name, new.birth_date),
    )  # fmt: skip
    if found is None:
        found = await db.row("SELECT id FROM patient WHERE email_index = {}", crypto.blind_index(new.email))
    assert found is not None
    return UUID(str(found["id"]))


async def patient(scope: Scope, patient_id: UUID) -> Patient:
    """A patient's identity: themselves, coordinators, the system, and providers who treat or may claim them."""
    if scope.role is Role.PATIENT and scope.patient_id != patient_id:
        raise NotFound
    if scope.role in {Role.ANONYMOUS, Role.ADMIN}:
        raise NotFound
    found = await db.row("SELECT * FROM patient WHERE id = {}", patient_id)
    if found is None or (scope.role is Role.PROVIDER and not await _treats(scope, patient_id)):
        raise NotFound
    return _patient(found)


async def patients(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, Patient]:
    """Several, for a worker that writes to them."""
    if not scope.is_system:
        raise NotFound
    found = await db.records("SELECT * FROM patient WHERE id = ANY({})", list(ids))
    return {r["id"]: _patient(r) for r in found}


async def _treats(scope: Scope, patient_id: UUID) -> bool:
    """Does this provider have the patient: the newest evaluation, or plan? Who only saw them once, stands in for a visit,
    or had them before somebody else did, has them not."""
    found = await db.row("SELECT looks_after({}, {}) AS is_so", scope.practitioner_id, patient_id)
    return bool(found and found["is_so"])


async def patient_id_by_email(scope: Scope, email: str) -> UUID | None:
    """The patient with this address, for a sign-in link. System scope only: others must not probe addresses."""
    if not scope.is_system:
        return None
    found = await db.row("SELECT id FROM patient WHERE email_index = {}", crypto.blind_index(email))
    return UUID(str(found["id"])) if found else None


async def set_phone(scope: Scope, patient_id: UUID, phone: str | None) -> None:
    """Where the patient says they can be called; None: nowhere."""
    if scope.patient_id != patient_id and not scope.is_system:
        raise NotFound
    sealed = crypto.seal(phone, f"patient.phone_enc:{patient_id}") if phone else None
    await db.execute(
        "UPDATE patient SET phone_enc = {}, phone_index = {} WHERE id = {}", sealed, phone_index(phone), patient_id
    )


async def move_patient(scope: Scope, patient_id: UUID, jurisdiction: str, zone: str) -> None:
    """Where the patient says they are now."""
    if scope.patient_id != patient_id and not scope.is_system and scope.role is not Role.COORDINATOR:
        raise NotFound
    await db.execute("UPDATE patient SET jurisdiction = {}, zone = {} WHERE id = {}", jurisdiction, zone, patient_id)
