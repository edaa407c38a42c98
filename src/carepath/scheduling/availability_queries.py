"""All SQL over practitioners, licences, opening hours and their exceptions, and the one query of the slot search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import msgspec

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.scheduling.queries import OCCUPYING
from carepath.scheduling.rules.drafts import ExceptionDraft, HoursDraft
from carepath.scheduling.rules.model import DayChange, Snapshot, Validity, Weekly
from carepath.scheduling.rules.ranges import Range, instant_of


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who can be booked."""

    id: UUID
    name: str
    credential: str
    zone: str
    is_active: bool


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


@dataclass(frozen=True, slots=True)
class AvailabilityException:
    """Dates that differ from the week: `off` (without times: the whole day) or `extra` hours."""

    id: UUID
    practitioner_id: UUID
    kind: str
    first_on: date
    last_on: date
    opens: time | None
    closes: time | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a search looks at: the window in minutes, and whose own rows do not count as busy."""

    jurisdiction: str
    window: Range
    now: datetime
    patient_id: UUID | None = None
    moving_id: UUID | None = None


_HOURS = msgspec.json.Decoder(list[tuple[int, int, int, date, date | None]])
_CHANGES = msgspec.json.Decoder(list[tuple[str, date, date, int | None, int | None]])
_LICENCES = msgspec.json.Decoder(list[tuple[date, date | None]])
_MARGIN = 24 * 60  # buffers and visits reach at most this far outside the window

# Minutes since 1970, rounded outward, so that busy time is never read as shorter than it is.
_BUSY = """array_agg(floor(extract(epoch FROM lower(a.occupied)) / 60)::bigint ORDER BY a.start_at, a.id) AS busy_from,
    array_agg(ceil(extract(epoch FROM upper(a.occupied)) / 60)::bigint ORDER BY a.start_at, a.id) AS busy_to"""
_LIVE = f"""a.{OCCUPYING} AND a.occupied && tstzrange({{}}, {{}}) AND a.id IS DISTINCT FROM {{}}
    AND NOT (a.status = 'proposed' AND (a.hold_expires_at <= {{}} OR a.patient_id IS NOT DISTINCT FROM {{}}))"""
_SNAPSHOTS = f"""
    WITH mine AS (SELECT {_BUSY} FROM appointment a WHERE a.patient_id = {{}} AND {_LIVE})
    SELECT p.id, p.name, p.credential, p.zone, p.is_active, hours.found AS hours, changes.found AS changes,
        licences.found AS licences, theirs.busy_from, theirs.busy_to, mine.busy_from AS my_from, mine.busy_to AS my_to
    FROM practitioner p CROSS JOIN mine
    LEFT JOIN LATERAL (SELECT json_agg(json_build_array(h.weekday, extract(epoch FROM h.opens)::int / 60,
            extract(epoch FROM h.closes)::int / 60, h.valid_from, h.valid_until)) AS found
        FROM opening_hours h WHERE h.practitioner_id = p.id AND h.valid_from <= {{}}
        AND (h.valid_until IS NULL OR h.valid_until >= {{}})) hours ON true
    LEFT JOIN LATERAL (SELECT json_agg(json_build_array(e.kind, e.first_on, e.last_on,
            extract(epoch FROM e.opens)::int / 60, extract(epoch FROM e.closes)::int / 60)) AS found
        FROM availability_exception e WHERE e.practitioner_id = p.id AND e.first_on <= {{}} AND e.last_on >= {{}}
        ) changes ON true
    LEFT JOIN LATERAL (SELECT json_agg(json_build_array(l.valid_from, l.valid_until)) AS found
        FROM licence l WHERE l.practitioner_id = p.id AND l.jurisdiction = {{}}) licences ON true
    LEFT JOIN LATERAL (SELECT {_BUSY} FROM appointment a
        WHERE a.practitioner_id = p.id AND {_LIVE}) theirs ON true
    WHERE {{}}::uuid[] IS NULL OR p.id = ANY({{}}::uuid[]) ORDER BY p.name, p.id"""


def _pairs(begins: list[int] | None, ends: list[int] | None) -> tuple[Range, ...]:
    return tuple(zip(begins or (), ends or (), strict=True))


def _snapshot(r: dict[str, Any]) -> Snapshot:
    return Snapshot(
        r["id"], r["name"], r["credential"], r["zone"], r["is_active"],
        tuple(Weekly(*entry) for entry in _HOURS.decode(r["hours"] or "[]")),
        tuple(DayChange(*entry) for entry in _CHANGES.decode(r["changes"] or "[]")),
        tuple(Validity(*entry) for entry in _LICENCES.decode(r["licences"] or "[]")),
        _pairs(r["busy_from"], r["busy_to"]), _pairs(r["my_from"], r["my_to"]),
    )  # fmt: skip


async def snapshots(scope: Scope, sight: Sight, practitioner_ids: Sequence[UUID] | None = None) -> list[Snapshot]:
    """The inputs of the slot search for all practitioners (or those named), in one query. Open to everybody:
    it tells when somebody is busy, never with whom."""
    begin, end = instant_of(sight.window[0] - _MARGIN), instant_of(sight.window[1] + _MARGIN)
    live = (begin, end, sight.moving_id, sight.now, sight.patient_id)
    wanted = list(practitioner_ids) if practitioner_ids is not None else None
    found = await db.rows(
        _SNAPSHOTS, sight.patient_id, *live, end.date(), begin.date(), end.date(), begin.date(), sight.jurisdiction,
        *live, wanted, wanted,
    )  # fmt: skip
    return [_snapshot(r) for r in found]


async def practitioners(scope: Scope) -> list[Practitioner]:
    """Everybody who can be booked; staff see those who no longer can, too."""
    found = await db.rows(
        "SELECT id, name, credential, zone, is_active FROM practitioner WHERE is_active OR {} ORDER BY name, id",
        scope.is_staff or scope.is_system,
    )
    return [Practitioner(**r) for r in found]


async def practitioner(scope: Scope, practitioner_id: UUID) -> Practitioner:
    """One practitioner. NotFound when absent."""
    found = await db.row(
        "SELECT id, name, credential, zone, is_active FROM practitioner WHERE id = {}", practitioner_id
    )
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


async def hours_of(scope: Scope, practitioner_id: UUID) -> list[OpenHours]:
    """The week as written, by weekday and time."""
    found = await db.rows(
        """SELECT id, practitioner_id, weekday, opens, closes, valid_from, valid_until FROM opening_hours
           WHERE practitioner_id = {} ORDER BY weekday, opens, valid_from""",
        practitioner_id,
    )
    return [OpenHours(**r) for r in found]


async def replace_hours(scope: Scope, practitioner_id: UUID, hours: Sequence[HoursDraft]) -> None:
    """The new week instead of the old one."""
    await db.execute("DELETE FROM opening_hours WHERE practitioner_id = {}", practitioner_id)
    for one in hours:
        await db.execute(
            """INSERT INTO opening_hours (id, practitioner_id, weekday, opens, closes, valid_from, valid_until)
               VALUES ({}, {}, {}, {}, {}, {}, {})""",
            new_id(), practitioner_id, one.weekday, one.opens, one.closes, one.valid_from, one.valid_until,
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
