"""All SQL over appointments. Every writer takes its turn (`turn_queries`) first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg.exceptions import ExclusionViolationError, ForeignKeyViolationError

from carepath.audit import history
from carepath.audit.history import Beginning
from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.scheduling.rules.model import VisitType

# The statuses that occupy time: exactly the predicate of the exclusion constraints, so that their index serves.
OCCUPYING = "status IN ('proposed', 'booked', 'checked-in', 'fulfilled', 'noshow')"

_MOST_PUBLISHED = 2_000


@dataclass(frozen=True, slots=True)
class Appointment:
    """A hold (`proposed`) or a visit. `room` is the whole address; `attention` says why staff should look.

    `overridden` are codes of rules that staff set aside for it, `moves` how often its patient moved it, `located_in`
    the state in which the patient said to be just before it, `request_id` the waiting-list entry it was offered to,
    `late_minutes` by how much its provider said to be late.
    """

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    patient_id: UUID
    visit_type: str
    status: str
    start_at: datetime
    end_at: datetime
    version: int
    jurisdiction: str
    patient_zone: str
    hold_expires_at: datetime | None
    room: str
    attention: str | None
    created_at: datetime
    updated_at: datetime
    overridden: tuple[str, ...] = ()
    moves: int = 0
    located_in: str | None = None
    located_at: datetime | None = None
    request_id: UUID | None = None
    late_minutes: int | None = None

    @property
    def expected_at(self) -> datetime:
        """When it is going to begin, as far as anybody has said."""
        return self.start_at + timedelta(minutes=self.late_minutes or 0)

    @property
    def turns(self) -> tuple[UUID, UUID]:
        """Whose turns a writer takes before it touches this."""
        return self.practitioner_id, self.patient_id

    @property
    def is_hold(self) -> bool:
        """Was it never more than kept for somebody? A hold that went away is cancelled in its first version."""
        return self.status == "proposed" or (self.status == "cancelled" and self.version == 1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants whom, when, for what."""

    patient_id: UUID
    practitioner_id: UUID
    visit: VisitType
    start_at: datetime
    jurisdiction: str
    patient_zone: str

    @property
    def end_at(self) -> datetime:
        """When the visit ends, without its buffer."""
        return self.start_at + timedelta(minutes=self.visit.minutes)

    @property
    def occupies(self) -> tuple[datetime, datetime]:
        """From when to when nothing else fits: the visit and its buffers."""
        before, after = timedelta(minutes=self.visit.buffer_before), timedelta(minutes=self.visit.buffer_after)
        return self.start_at - before, self.end_at + after


_COLUMNS = """a.id, a.practitioner_id, p.name AS practitioner_name, a.patient_id, a.visit_type, a.status, a.start_at,
    a.end_at, a.version, a.jurisdiction, a.patient_zone, a.hold_expires_at, a.room, a.attention, a.created_at,
    a.updated_at, a.overridden, a.moves, a.located_in, a.located_at, a.request_id,
    a.late_minutes"""
_FROM = "FROM appointment a JOIN practitioner p ON p.id = a.practitioner_id"


def _appointment(r: dict[str, Any]) -> Appointment:
    return Appointment(**{**r, "overridden": tuple(r["overridden"])})


def _reach(scope: Scope) -> tuple[str, list[object]]:
    """Which appointments a scope reaches, as a condition over `a`."""
    if scope.is_system or scope.role in {Role.COORDINATOR, Role.ADMIN}:
        return "true", []
    if scope.role is Role.PATIENT:
        return "a.patient_id = {}", [scope.patient_id]
    if scope.role is Role.PROVIDER:
        return "a.practitioner_id = {}", [scope.practitioner_id]
    return "false", []


async def get(scope: Scope, appointment_id: UUID, lock_row: bool = False) -> Appointment:
    """One appointment. NotFound when absent or out of reach."""
    condition, args = _reach(scope)
    suffix = " FOR UPDATE OF a" if lock_row else ""
    found = await db.row(f"SELECT {_COLUMNS} {_FROM} WHERE a.id = {{}} AND {condition}{suffix}", appointment_id, *args)
    if found is None:
        raise NotFound
    return _appointment(found)


async def visits(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, Appointment]:
    """Those of these that the scope reaches."""
    condition, args = _reach(scope)
    found = await db.rows(f"SELECT {_COLUMNS} {_FROM} WHERE a.id = ANY({{}}) AND {condition}", list(ids), *args)
    return {r["id"]: _appointment(r) for r in found}


async def of_patient(scope: Scope, patient_id: UUID) -> list[Appointment]:
    """The patient's visits and live holds, in order. A cancelled row of version 1 was a hold that went away."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} {_FROM} WHERE a.patient_id = {{}} AND {condition}
            AND NOT (a.status = 'cancelled' AND a.version = 1) ORDER BY a.start_at, a.id""",
        patient_id, *args,
    )  # fmt: skip
    return [_appointment(r) for r in found]


async def between(scope: Scope, begin: datetime, end: datetime) -> list[Appointment]:
    """Everything that occupies time and starts in [begin, end), in order."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} {_FROM} WHERE a.start_at >= {{}} AND a.start_at < {{}} AND a.{OCCUPYING}
            AND {condition} ORDER BY a.start_at, p.name, a.id""",
        begin, end, *args,
    )  # fmt: skip
    return [_appointment(r) for r in found]


async def to_publish(scope: Scope, since: datetime) -> list[Appointment]:
    """The scope's own visits that begin after `since`, in order; what never was more than a hold is left out."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} {_FROM} WHERE a.start_at >= {{}} AND {condition} AND a.status <> 'proposed'
            AND NOT (a.status = 'cancelled' AND a.version = 1) ORDER BY a.start_at, a.id LIMIT {{}}""",
        since, *args, _MOST_PUBLISHED,
    )  # fmt: skip
    return [_appointment(r) for r in found]


async def insert(
    scope: Scope, step: Beginning, wish: Wish, row_id: UUID, expires: datetime | None, room: str,
    overridden: Sequence[str] = (), request_id: UUID | None = None,
) -> bool:  # fmt: skip
    """True if the row went in, with its first step; False when somebody has the time. NotFound for an unknown
    patient or practitioner.

    DO NOTHING rather than catching the violation: racing plain inserts of overlapping times deadlock.
    """
    try:
        return await history.begin(
            step,
            """INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied,
               jurisdiction, patient_zone, hold_expires_at, room, created_at, updated_at, overridden, request_id)
               VALUES ({}, {}, {}, {}, {}, {}, {}, tstzrange({}, {}), {}, {}, {}, {}, {}, {}, {}, {})
               ON CONFLICT DO NOTHING RETURNING id""",
            row_id, wish.practitioner_id, wish.patient_id, wish.visit.code, step.status, wish.start_at, wish.end_at,
            *wish.occupies, wish.jurisdiction, wish.patient_zone, expires, room, step.now, step.now, list(overridden),
            request_id,
        )  # fmt: skip
    except ForeignKeyViolationError:
        raise NotFound from None


async def shift(
    scope: Scope, appointment_id: UUID, wish: Wish, now: datetime, overridden: Sequence[str] = (), by_patient: bool = False
) -> bool:  # fmt: skip
    """Put a visit elsewhere in one statement, with a new version; False when somebody has the time."""
    async with db.transaction():
        await db.execute("SAVEPOINT shift")
        try:
            await db.execute(
                """UPDATE appointment SET practitioner_id = {}, start_at = {}, end_at = {},
                   occupied = tstzrange({}, {}), version = version + 1, attention = NULL, overridden = {},
                   moves = moves + {}, located_in = NULL, located_at = NULL, late_minutes = NULL,
                   updated_at = {}
                   WHERE id = {}""",
                wish.practitioner_id, wish.start_at, wish.end_at, *wish.occupies, list(overridden), int(by_patient), now,
                appointment_id,
            )  # fmt: skip
        except ExclusionViolationError:
            await db.execute("ROLLBACK TO SAVEPOINT shift")
            return False
        await db.execute("RELEASE SAVEPOINT shift")
    return True


async def set_status(scope: Scope, appointment_id: UUID, status: str, now: datetime, newer: bool = False) -> None:
    """Write a status that the machine allowed; `newer` makes every message of the old version dead."""
    await db.execute(
        """UPDATE appointment SET status = {}, hold_expires_at = NULL, version = version + {}, updated_at = {}
           WHERE id = {}""",
        status, int(newer), now, appointment_id,
    )  # fmt: skip


async def set_location(scope: Scope, appointment_id: UUID, located_in: str, now: datetime) -> None:
    """Where the patient said to be, and when."""
    await db.execute(
        "UPDATE appointment SET located_in = {}, located_at = {} WHERE id = {}", located_in, now, appointment_id
    )


async def set_late(scope: Scope, appointment_id: UUID, minutes: int, now: datetime) -> None:
    """By how much its provider is late. The visit stays where it is."""
    await db.execute(
        "UPDATE appointment SET late_minutes = {}, updated_at = {} WHERE id = {}", minutes, now, appointment_id
    )


async def expire_due(scope: Scope, now: datetime, limit: int) -> list[UUID]:
    """Cancel run-out holds that nobody is working on; answers their ids."""
    found = await db.rows(
        """UPDATE appointment SET status = 'cancelled', hold_expires_at = NULL, updated_at = {} WHERE id IN
           (SELECT id FROM appointment WHERE status = 'proposed' AND hold_expires_at <= {}
            ORDER BY hold_expires_at LIMIT {} FOR UPDATE SKIP LOCKED) RETURNING id""",
        now, now, limit,
    )  # fmt: skip
    return [r["id"] for r in found]


async def missed(scope: Scope, ended_before: datetime, limit: int) -> list[Appointment]:
    """Booked visits that ended before then and to which nobody came. Whoever said where they are, came."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} {_FROM} WHERE a.status = 'booked' AND a.end_at <= {{}} AND a.located_in IS NULL
            AND {condition} ORDER BY a.end_at LIMIT {{}}""",
        ended_before, *args, limit,
    )  # fmt: skip
    return [_appointment(r) for r in found]


async def set_attention(scope: Scope, appointment_id: UUID, attention: str | None) -> None:
    """Ask staff to look at a visit, or stop asking. The visit itself is not touched."""
    await db.execute("UPDATE appointment SET attention = {} WHERE id = {}", attention, appointment_id)


async def standing(scope: Scope, practitioner_id: UUID, now: datetime) -> list[Appointment]:
    """The practitioner's visits to come."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} {_FROM} WHERE a.practitioner_id = {{}} AND a.start_at >= {{}}
            AND a.status IN ('booked', 'checked-in') AND {condition} ORDER BY a.start_at""",
        practitioner_id, now, *args,
    )  # fmt: skip
    return [_appointment(r) for r in found]
