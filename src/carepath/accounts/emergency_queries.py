"""All SQL over records that were opened in an emergency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound

_PLACE = "emergency_access.reason_enc:{}"
# Whom a provider looks after, found by whom they ever had.
_OWN = """(patient_id IN (SELECT patient_id FROM evaluation WHERE practitioner_id = {}
           UNION SELECT patient_id FROM treatment_plan WHERE practitioner_id = {}) AND looks_after({}, patient_id))"""


@dataclass(frozen=True, slots=True)
class Opening:
    """A provider (`account_id`) opened a patient's record. `reason` is None for whoever may not read it."""

    id: UUID
    account_id: UUID
    patient_id: UUID
    reason: str | None
    opened_at: datetime
    ends_at: datetime


def _opening(scope: Scope, r: dict[str, Any]) -> Opening:
    """A reason may name what is clinical: for an admin it stays sealed."""
    reason = None if scope.role is Role.ADMIN else crypto.unseal(r["reason_enc"], _PLACE.format(r["id"]))
    return Opening(r["id"], r["account_id"], r["patient_id"], reason, r["opened_at"], r["ends_at"])


def _reach(scope: Scope) -> tuple[str, list[object]]:
    """Providers reach what they opened themselves, and what of their own patients was opened; admins everything."""
    if scope.is_system or scope.role is Role.ADMIN:
        return "true", []
    if scope.role is Role.PROVIDER:
        return f"(account_id = {{}} OR {_OWN})", [scope.account_id, *[scope.practitioner_id] * 3]
    return "false", []


async def insert(scope: Scope, opening: Opening, request_id: str) -> bool:
    """Open it; False while an earlier one of the same provider and patient runs. Providers open for themselves alone,
    and only while they may sign in: whoever is being switched off at this moment opens nothing."""
    if scope.role is not Role.PROVIDER or scope.account_id != opening.account_id or opening.reason is None:
        raise NotFound
    found = await db.row(
        """INSERT INTO emergency_access (id, account_id, patient_id, reason_enc, opened_at, ends_at, request_id)
           SELECT {}, id, {}, {}, {}, {}, {} FROM account WHERE id = {} AND is_active FOR SHARE
           ON CONFLICT DO NOTHING RETURNING id""",
        opening.id, opening.patient_id, crypto.seal(opening.reason, _PLACE.format(opening.id)), opening.opened_at,
        opening.ends_at, request_id, opening.account_id,
    )  # fmt: skip
    return found is not None


async def running(scope: Scope, patient_id: UUID, now: datetime) -> Opening | None:
    """The one by which this very account reads the patient at this moment."""
    if scope.role is not Role.PROVIDER:
        return None
    found = await db.row(
        """SELECT * FROM emergency_access WHERE account_id = {} AND patient_id = {} AND ends_at > {}
           ORDER BY ends_at DESC LIMIT 1""",
        scope.account_id, patient_id, now,
    )  # fmt: skip
    return _opening(scope, found) if found else None


async def of_patient(scope: Scope, patient_id: UUID, limit: int) -> list[Opening]:
    """A patient's, newest first."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT * FROM emergency_access WHERE patient_id = {{}} AND {condition}
            ORDER BY opened_at DESC, id DESC LIMIT {{}}""",
        patient_id, *args, limit,
    )  # fmt: skip
    return [_opening(scope, r) for r in found]


async def of_own_patients(scope: Scope, limit: int) -> list[Opening]:
    """Those of one's own patients that somebody else opened, newest first."""
    if scope.role is not Role.PROVIDER:
        return []
    found = await db.rows(
        f"SELECT * FROM emergency_access WHERE account_id <> {{}} AND {_OWN} ORDER BY opened_at DESC, id DESC LIMIT {{}}",
        scope.account_id, *[scope.practitioner_id] * 3, limit,
    )  # fmt: skip
    return [_opening(scope, r) for r in found]


async def newest(scope: Scope, limit: int) -> list[Opening]:
    """Everybody's, newest first, for admins."""
    if scope.role is not Role.ADMIN:
        return []
    found = await db.rows("SELECT * FROM emergency_access ORDER BY opened_at DESC, id DESC LIMIT {}", limit)
    return [_opening(scope, r) for r in found]


async def end_of_account(scope: Scope, account_id: UUID, now: datetime) -> None:
    """Whatever this account has open ends now. Admins only."""
    if scope.role is not Role.ADMIN:
        raise NotFound
    await db.execute(
        "UPDATE emergency_access SET ends_at = greatest(opened_at, {}) WHERE account_id = {} AND ends_at > {}",
        now, account_id, now,
    )  # fmt: skip


async def owners(scope: Scope, patient_id: UUID) -> Sequence[UUID]:
    """The practitioner ids of those who look after a patient, for the software itself: whom to tell."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT practitioner_id FROM (
               SELECT practitioner_id FROM evaluation WHERE patient_id = {} AND practitioner_id IS NOT NULL
               UNION SELECT practitioner_id FROM treatment_plan WHERE patient_id = {}) had
           WHERE looks_after(practitioner_id, {}) ORDER BY 1""",
        patient_id, patient_id, patient_id,
    )  # fmt: skip
    return [r["practitioner_id"] for r in found]
