"""All SQL over practitioners, opening hours and their exceptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.scheduling.rules.drafts import ExceptionDraft, HoursDraft


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who can be booked."""

    id: UUID
    name: str
    credential: str
    zone: str
    is_active: bool
    max_per_day: int | None
    max_per_week: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class Licence:
    """Where a practitioner may treat patients, first and last date inclusive."""

    id: UUID
    practitioner_id: UUID
    jurisdiction: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Open every `weekday` (0 = Monday) in wall time of the practitioner's zone."""

    id: UUID
    practitioner_id: UUID
    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None
    is_break: bool


@dataclass(frozen=True, slots=True)
class AvailabilityException:
    """Dates that differ from the week: `off` (without times: the whole day), `extra` hours, or `shortened` to some."""

    id: UUID
    practitioner_id: UUID
    kind: str
    first_on: date
    last_on: date
    opens: time | None
    closes: time | None


_PERSON = "id, name, credential, zone, is_active, max_per_day, max_per_week, weight"


async def practitioners(scope: Scope) -> list[Practitioner]:
    """Everybody who can be booked; staff see those who no longer can, too."""
    found = await db.rows(
        f"SELECT {_PERSON} FROM practitioner WHERE is_active OR {{}} ORDER BY name, id",
        scope.is_staff or scope.is_system,
    )
    return [Practitioner(**r) for r in found]


async def practitioner(scope: Scope, practitioner_id: UUID) -> Practitioner:
    """One practitioner. NotFound when absent."""
    found = await db.row(f"SELECT {_PERSON} FROM practitioner WHERE id = {{}}", practitioner_id)
    if found is None:
        raise NotFound
    return Practitioner(**found)


async def insert_practitioner(scope: Scope, name: str, credential: str, zone: str, now: datetime) -> UUID:
    """A new practitioner, active."""
    practitioner_id = new_id()
    await db.execute(
        "INSERT INTO practitioner (id, name, credential, zone, created_at) VALUES ({}, {}, {}, {}, {})",
        practitioner_id, name, credential, zone, now,
    )  # fmt: skip
    return practitioner_id


async def set_active(scope: Scope, practitioner_id: UUID, is_active: bool) -> None:
    """Open or close somebody for new visits."""
    await db.execute("UPDATE practitioner SET is_active = {} WHERE id = {}", is_active, practitioner_id)


async def set_limits(
    scope: Scope, practitioner_id: UUID, max_per_day: int | None, max_per_week: int | None, weight: int
) -> None:
    """How many visits somebody takes, and their share of those that anybody could have."""
    await db.execute(
        "UPDATE practitioner SET max_per_day = {}, max_per_week = {}, weight = {} WHERE id = {}",
        max_per_day, max_per_week, weight, practitioner_id,
    )  # fmt: skip


async def hours_of(scope: Scope, practitioner_id: UUID) -> list[OpenHours]:
    """The week as written, by weekday and time."""
    found = await db.rows(
        """SELECT id, practitioner_id, weekday, opens, closes, valid_from, valid_until, is_break FROM opening_hours
           WHERE practitioner_id = {} ORDER BY weekday, opens, valid_from""",
        practitioner_id,
    )
    return [OpenHours(**r) for r in found]


async def replace_hours(scope: Scope, practitioner_id: UUID, hours: Sequence[HoursDraft]) -> None:
    """The new week instead of the old one."""
    await db.execute("DELETE FROM opening_hours WHERE practitioner_id = {}", practitioner_id)
    for one in hours:
        await db.execute(
            """INSERT INTO opening_hours (id, practitioner_id, weekday, opens, closes, valid_from, valid_until, is_break)
               VALUES ({}, {}, {}, {}, {}, {}, {}, {})""",
            new_id(), practitioner_id, one.weekday, one.opens, one.closes, one.valid_from, one.valid_until,
            one.is_break,
        )  # fmt: skip


async def exceptions_of(scope: Scope, practitioner_id: UUID, from_on: date) -> list[AvailabilityException]:
    """What differs from the week on or after a date."""
    found = await db.rows(
        """SELECT id, practitioner_id, kind, first_on, last_on, opens, closes FROM availability_exception
           WHERE practitioner_id = {} AND last_on >= {} ORDER BY first_on, opens NULLS FIRST, id""",
        practitioner_id, from_on,
    )  # fmt: skip
    return [AvailabilityException(**r) for r in found]


async def insert_exception(scope: Scope, practitioner_id: UUID, draft: ExceptionDraft, now: datetime) -> None:
    """A new exception."""
    await db.execute(
        """INSERT INTO availability_exception (id, practitioner_id, kind, first_on, last_on, opens, closes, created_at)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {})""",
        new_id(), practitioner_id, draft.kind, draft.first_on, draft.last_on, draft.opens, draft.closes, now,
    )  # fmt: skip


async def owner_of_exception(scope: Scope, exception_id: UUID) -> UUID:
    """Whose exception it is. NotFound when absent."""
    found = await db.row("SELECT practitioner_id FROM availability_exception WHERE id = {}", exception_id)
    if found is None:
        raise NotFound
    return UUID(str(found["practitioner_id"]))


async def delete_exception(scope: Scope, exception_id: UUID) -> None:
    """The week holds again."""
    await db.execute("DELETE FROM availability_exception WHERE id = {}", exception_id)
