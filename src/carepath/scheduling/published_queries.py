"""All SQL over the secret addresses at which calendar programs read visits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class CalendarAddress:
    """A live address of a practitioner or a patient. What it is nobody knows but its owner."""

    id: UUID
    practitioner_id: UUID | None
    patient_id: UUID | None
    created_at: datetime
    read_at: datetime | None

    @property
    def scope(self) -> Scope:
        """What its reader reaches: the owner's visits."""
        if self.practitioner_id is not None:
            return Scope(Role.PROVIDER, practitioner_id=self.practitioner_id)
        return Scope(Role.PATIENT, patient_id=self.patient_id)


_COLUMNS = "id, practitioner_id, patient_id, created_at, read_at"


def _mine(scope: Scope) -> tuple[str, UUID]:
    """The owner's column and id. NotFound for whoever has no visits of their own."""
    if scope.role is Role.PROVIDER and scope.practitioner_id is not None:
        return "practitioner_id", scope.practitioner_id
    if scope.role is Role.PATIENT and scope.patient_id is not None:
        return "patient_id", scope.patient_id
    raise NotFound


async def mine(scope: Scope) -> CalendarAddress | None:
    """One's own live address."""
    column, owner = _mine(scope)
    found = await db.row(f"SELECT {_COLUMNS} FROM calendar_feed WHERE {column} = {{}} AND revoked_at IS NULL", owner)
    return CalendarAddress(**found) if found else None


async def insert(scope: Scope, address_id: UUID, token_hash: bytes, now: datetime) -> None:
    """A new address of one's own."""
    column, owner = _mine(scope)
    await db.execute(
        f"INSERT INTO calendar_feed (id, {column}, token_hash, created_at) VALUES ({{}}, {{}}, {{}}, {{}})",
        address_id, owner, token_hash, now,
    )  # fmt: skip


async def revoke(scope: Scope, now: datetime) -> UUID | None:
    """End one's own address; its id if there was one."""
    column, owner = _mine(scope)
    found = await db.row(
        f"UPDATE calendar_feed SET revoked_at = {{}} WHERE {column} = {{}} AND revoked_at IS NULL RETURNING id",
        now, owner,
    )  # fmt: skip
    return found["id"] if found else None


async def by_hash(scope: Scope, token_hash: bytes) -> CalendarAddress | None:
    """Whose address it is, unless revoked. Open to whoever knows the token."""
    found = await db.row(
        f"SELECT {_COLUMNS} FROM calendar_feed WHERE token_hash = {{}} AND revoked_at IS NULL", token_hash
    )
    return CalendarAddress(**found) if found else None


async def note_read(scope: Scope, address_id: UUID, now: datetime, at_most_every: timedelta) -> None:
    """Remember that it is read, without a write a reading."""
    await db.execute(
        "UPDATE calendar_feed SET read_at = {} WHERE id = {} AND (read_at IS NULL OR read_at <= {})",
        now, address_id, now - at_most_every,
    )  # fmt: skip
