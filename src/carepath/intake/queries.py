"""All SQL over intakes and consents given."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from carepath.intake.consents import Consent
from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Intake:
    """One application. Names and address are there once the applicant gave them."""

    id: UUID
    patient_id: UUID | None
    status: str
    email: str | None
    first_name: str | None
    last_name: str | None
    birth_date: date
    jurisdiction: str
    zone: str
    created_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """Which text was signed, when and by whom."""

    consent_id: str
    version: str
    text_sha256: bytes
    statements: tuple[str, ...]
    signed_name: str
    signed_at: datetime


def _intake(r: dict[str, Any]) -> Intake:
    def opened(column: str) -> str | None:
        return crypto.unseal_optional(r[column], f"intake.{column}:{r['id']}")

    return Intake(
        r["id"], r["patient_id"], r["status"], opened("email_enc"), opened("first_name_enc"),
        opened("last_name_enc"), date.fromisoformat(opened("birth_date_enc") or ""), r["jurisdiction"], r["zone"],
        r["created_at"], r["submitted_at"],
    )  # fmt: skip


def _reach(scope: Scope) -> tuple[str, list[object]]:
    """Which intakes a scope reaches, as a condition over `intake`."""
    if scope.is_system:
        return "true", []
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    if scope.role is Role.PROVIDER:
        return (
            "id IN (SELECT intake_id FROM evaluation WHERE practitioner_id = {} AND patient_id = intake.patient_id)",
            [scope.practitioner_id],
        )
    if scope.role is Role.ANONYMOUS and scope.intake_id is not None:
        return "id = {} AND patient_id IS NULL", [scope.intake_id]
    return "false", []


async def insert(scope: Scope, intake_id: UUID, born: date, jurisdiction: str, zone: str, now: datetime) -> None:
    """A new draft. Anybody may begin one."""
    await db.execute(
        """INSERT INTO intake (id, patient_id, status, birth_date_enc, jurisdiction, zone, created_at, updated_at)
           VALUES ({}, NULL, 'draft', {}, {}, {}, {}, {})""",
        intake_id, crypto.seal(born.isoformat(), f"intake.birth_date_enc:{intake_id}"), jurisdiction, zone, now, now,
    )  # fmt: skip


async def get(scope: Scope, intake_id: UUID, lock: bool = False) -> Intake:
    """One intake. NotFound when absent or out of reach."""
    condition, args = _reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(f"SELECT * FROM intake WHERE id = {{}} AND {condition}{suffix}", intake_id, *args)
    if found is None:
        raise NotFound
    return _intake(found)


async def newest(scope: Scope, patient_id: UUID) -> Intake | None:
    """The patient's newest intake that was not withdrawn."""
    condition, args = _reach(scope)
    found = await db.row(
        f"""SELECT * FROM intake WHERE patient_id = {{}} AND status <> 'withdrawn' AND {condition}
            ORDER BY created_at DESC LIMIT 1""",
        patient_id, *args,
    )  # fmt: skip
    return _intake(found) if found else None


async def submitted_before(scope: Scope, patient_id: UUID, at: datetime) -> tuple[UUID, datetime] | None:
    """The id and the time of the last intake that this patient sent before `at`. System only: to whoever judges the
    newer one it says no more than that, and the answers are reached as any others."""
    if not scope.is_system:
        raise NotFound
    found = await db.row(
        """SELECT id, submitted_at FROM intake WHERE patient_id = {} AND submitted_at < {}
           ORDER BY submitted_at DESC LIMIT 1""",
        patient_id, at,
    )  # fmt: skip
    return (UUID(str(found["id"])), found["submitted_at"]) if found else None


async def set_status(scope: Scope, intake_id: UUID, status: str, now: datetime) -> None:
    """Write a state that the machine allowed; the row is locked by the caller."""
    await db.execute(
        """UPDATE intake SET status = {}, updated_at = {},
           submitted_at = CASE WHEN {} = 'completed' THEN {}::timestamptz ELSE submitted_at END WHERE id = {}""",
        status, now, status, now, intake_id,
    )  # fmt: skip


async def set_address(scope: Scope, intake: Intake, email: str, first: str, last: str, now: datetime) -> None:
    """What the applicant says they are called and can be reached at; not yet proved."""

    def sealed(column: str, text: str) -> bytes:
        return crypto.seal(text, f"intake.{column}:{intake.id}")

    await db.execute(
        """UPDATE intake SET email_index = {}, email_enc = {}, first_name_enc = {}, last_name_enc = {},
           updated_at = {} WHERE id = {}""",
        crypto.blind_index(email), sealed("email_enc", email), sealed("first_name_enc", first),
        sealed("last_name_enc", last), now, intake.id,
    )  # fmt: skip


async def attach(scope: Scope, intake_id: UUID, patient_id: UUID, now: datetime) -> None:
    """The intake now belongs to a patient and is being filled in."""
    await db.execute(
        "UPDATE intake SET patient_id = {}, status = 'in-progress', updated_at = {} WHERE id = {}",
        patient_id, now, intake_id,
    )  # fmt: skip


async def open_of(scope: Scope, patient_id: UUID) -> UUID | None:
    """The id of the patient's intake that is being filled in."""
    found = await db.row("SELECT id FROM intake WHERE patient_id = {} AND status = 'in-progress'", patient_id)
    return UUID(str(found["id"])) if found else None


async def insert_consent(
    scope: Scope, intake: Intake, consent: Consent, initials: str, name: str, address: str, now: datetime
) -> None:
    """A signature. Signing the same version again changes nothing."""
    row_id = new_id()
    await db.execute(
        """INSERT INTO consent_given (id, intake_id, patient_id, consent_id, version, text_sha256, statements,
           initials_enc, signed_name_enc, address_enc, signed_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
           ON CONFLICT (intake_id, consent_id, version) DO NOTHING""",
        row_id, intake.id, intake.patient_id, consent.id, consent.version, consent.sha256,
        json.dumps([s.id for s in consent.statements]),
        crypto.seal(initials, f"consent_given.initials_enc:{row_id}"),
        crypto.seal(name, f"consent_given.signed_name_enc:{row_id}"),
        crypto.seal(address, f"consent_given.address_enc:{row_id}"), now,
    )  # fmt: skip


async def consents_of(scope: Scope, intake_id: UUID) -> list[ConsentGiven]:
    """What was signed in an intake that the scope reaches."""
    await get(scope, intake_id)
    found = await db.rows("SELECT * FROM consent_given WHERE intake_id = {} ORDER BY signed_at, id", intake_id)
    return [
        ConsentGiven(r["consent_id"], r["version"], r["text_sha256"], tuple(json.loads(r["statements"])),
                     crypto.unseal(r["signed_name_enc"], f"consent_given.signed_name_enc:{r['id']}"), r["signed_at"])
        for r in found
    ]  # fmt: skip
