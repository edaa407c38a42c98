"""All SQL over licences."""

from datetime import date
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.scheduling.availability_queries import Licence

_COLUMNS = "id, practitioner_id, jurisdiction, valid_from, valid_until"


async def of(scope: Scope, practitioner_id: UUID) -> list[Licence]:
    """Where somebody is or was licensed."""
    found = await db.rows(
        f"SELECT {_COLUMNS} FROM licence WHERE practitioner_id = {{}} ORDER BY jurisdiction, valid_from",
        practitioner_id,
    )
    return [Licence(**r) for r in found]


async def holders(scope: Scope, jurisdiction: str, on: date) -> list[UUID]:
    """Who may treat somebody in that place on that day."""
    found = await db.rows(
        """SELECT DISTINCT practitioner_id AS id FROM licence
           WHERE jurisdiction = {} AND valid_from <= {} AND (valid_until IS NULL OR valid_until >= {})""",
        jurisdiction, on, on,
    )  # fmt: skip
    return [r["id"] for r in found]


async def get(scope: Scope, licence_id: UUID) -> Licence:
    """One licence. NotFound when absent."""
    found = await db.row(f"SELECT {_COLUMNS} FROM licence WHERE id = {{}}", licence_id)
    if found is None:
        raise NotFound
    return Licence(**found)


async def upsert(scope: Scope, practitioner_id: UUID, jurisdiction: str, valid_from: date,
                 valid_until: date | None) -> None:  # fmt: skip
    """A licence; one that begins the same day in the same place is corrected instead."""
    await db.execute(
        """INSERT INTO licence (id, practitioner_id, jurisdiction, valid_from, valid_until)
           VALUES ({}, {}, {}, {}, {}) ON CONFLICT (practitioner_id, jurisdiction, valid_from)
           DO UPDATE SET valid_until = EXCLUDED.valid_until""",
        new_id(), practitioner_id, jurisdiction, valid_from, valid_until,
    )  # fmt: skip


async def set_end(scope: Scope, licence_id: UUID, valid_until: date) -> None:
    """The last day of a licence."""
    await db.execute("UPDATE licence SET valid_until = {} WHERE id = {}", valid_until, licence_id)
