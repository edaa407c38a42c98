"""All SQL over re-plans: the visits they are about, and what is proposed for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.scheduling.queries import OCCUPYING
from carepath.scheduling.rules.ranges import Range, instant_of, minute_after, minute_of
from carepath.scheduling.rules.replan import Place
from carepath.scheduling.rules.replan_places import Booked


@dataclass(frozen=True, slots=True)
class ReplanItem:
    """One visit: where it was, and where it is to go (or went). `outcome` is proposed, unplaced, moved or kept.

    `is_current`: the visit still stands as it was when the plan was made.
    """

    appointment_id: UUID
    appointment_version: int
    patient_id: UUID
    patient_zone: str
    visit_type: str
    from_start_at: datetime
    to_practitioner_id: UUID | None
    to_practitioner_name: str | None
    to_start_at: datetime | None
    outcome: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Replan:
    """What is proposed for the visits of a provider who is away. `status` is proposed, carried-out or dismissed.

    `cost` is the displacement in points, `greedy_cost` that of the plan made visit by visit, and no plan at all costs
    less than `bound`. `items` are in the order of their old times; a list of re-plans leaves them out.
    """

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    practitioner_zone: str
    first_on: date
    last_on: date
    status: str
    created_at: datetime
    decided_at: datetime | None
    cost: int
    greedy_cost: int
    bound: int
    items: tuple[ReplanItem, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """A visit that cannot stay, and its version."""

    booked: Booked
    version: int


def _desk(scope: Scope) -> None:
    """Re-plans name patients' visits with everybody: they are for the office."""
    if not (scope.is_system or scope.role is Role.COORDINATOR):
        raise NotFound


_VISITS = """SELECT a.id, a.patient_id, a.practitioner_id, a.visit_type, a.jurisdiction, a.patient_zone, a.start_at,
    lower(a.occupied) AS begins, upper(a.occupied) AS ends, a.version FROM appointment a"""


async def affected(
    scope: Scope, practitioner_id: UUID, now: datetime, between: tuple[datetime, datetime] | None
) -> list[Affected]:
    """A practitioner's booked visits to come: those that start within `between`, or (None) those that are flagged."""
    _desk(scope)
    begin, end = between or (None, None)
    found = await db.rows(
        f"""{_VISITS} WHERE a.practitioner_id = {{}} AND a.status = 'booked' AND a.start_at > {{}}
            AND CASE WHEN {{}}::timestamptz IS NULL THEN a.attention IS NOT NULL
                ELSE a.start_at >= {{}}::timestamptz AND a.start_at < {{}}::timestamptz END
            ORDER BY a.start_at, a.id""",
        practitioner_id, now, begin, begin, end,
    )  # fmt: skip
    return [Affected(_booked(r), r["version"]) for r in found]


async def left_over(scope: Scope, replan_id: UUID, now: datetime) -> list[Affected]:
    """The visits of a re-plan that still stand, booked and to come, where they stood when it was made."""
    _desk(scope)
    found = await db.rows(
        f"""{_VISITS} JOIN replan_item i ON i.appointment_id = a.id JOIN replan r ON r.id = i.replan_id
            WHERE r.id = {{}} AND a.practitioner_id = r.practitioner_id AND a.start_at = i.from_start_at
            AND a.status = 'booked' AND a.start_at > {{}} ORDER BY a.start_at, a.id""",
        replan_id, now,
    )  # fmt: skip
    return [Affected(_booked(r), r["version"]) for r in found]


def _booked(r: dict[str, Any]) -> Booked:
    return Booked(
        r["id"], r["patient_id"], r["practitioner_id"], r["visit_type"], r["jurisdiction"], r["patient_zone"],
        minute_of(r["start_at"]), (minute_of(r["begins"]), minute_after(r["ends"])),
    )  # fmt: skip


async def others_of(scope: Scope, patient_ids: Sequence[UUID], since: datetime) -> dict[UUID, dict[UUID, Range]]:
    """What occupies these patients from then on: patient, then appointment. Holds do not count: a move ends them."""
    _desk(scope)
    found = await db.rows(
        f"""SELECT a.patient_id, a.id, lower(a.occupied) AS begins, upper(a.occupied) AS ends FROM appointment a
            WHERE a.patient_id = ANY({{}}) AND a.start_at >= {{}} AND a.{OCCUPYING} AND a.status <> 'proposed'
            ORDER BY a.start_at""",
        list(patient_ids), since,
    )  # fmt: skip
    busy: dict[UUID, dict[UUID, Range]] = {}
    for r in found:
        busy.setdefault(r["patient_id"], {})[r["id"]] = (minute_of(r["begins"]), minute_after(r["ends"]))
    return busy


async def insert(
    scope: Scope, replan: tuple[UUID, UUID, date, date], costs: tuple[int, int, int],
    items: Sequence[tuple[Affected, Place | None]], author_id: UUID, now: datetime,
) -> None:  # fmt: skip
    """A proposal with its items. `replan` is (id, practitioner, first and last day), `costs` (ours, greedy, bound)."""
    _desk(scope)
    await db.execute(
        """INSERT INTO replan (id, practitioner_id, first_on, last_on, status, cost, greedy_cost, bound, created_by,
           created_at) VALUES ({}, {}, {}, {}, 'proposed', {}, {}, {}, {}, {})""",
        *replan, *costs, author_id, now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO replan_item (id, replan_id, appointment_id, appointment_version, patient_id, from_start_at,
           to_practitioner_id, to_start_at, outcome)
           SELECT id, {}, appointment_id, version, patient_id, from_at, to_whom, to_at,
               CASE WHEN to_at IS NULL THEN 'unplaced' ELSE 'proposed' END
           FROM unnest({}::uuid[], {}::uuid[], {}::int[], {}::uuid[], {}::timestamptz[], {}::uuid[], {}::timestamptz[])
               AS i (id, appointment_id, version, patient_id, from_at, to_whom, to_at)""",
        replan[0], [new_id() for _item in items], [one.booked.id for one, _place in items],
        [one.version for one, _place in items], [one.booked.patient_id for one, _place in items],
        [instant_of(one.booked.start) for one, _place in items],
        [place.practitioner_id if place else None for _one, place in items],
        [instant_of(place.start) if place else None for _one, place in items],
    )  # fmt: skip


_COLUMNS = """r.id, r.practitioner_id, p.name AS practitioner_name, p.zone AS practitioner_zone, r.first_on, r.last_on,
    r.status, r.created_at, r.decided_at, r.cost, r.greedy_cost, r.bound"""


async def get(scope: Scope, replan_id: UUID, lock_row: bool = False) -> Replan:
    """One, with its items. NotFound."""
    _desk(scope)
    suffix = " FOR UPDATE OF r" if lock_row else ""
    found = await db.row(
        f"SELECT {_COLUMNS} FROM replan r JOIN practitioner p ON p.id = r.practitioner_id WHERE r.id = {{}}{suffix}",
        replan_id,
    )
    if found is None:
        raise NotFound
    return Replan(**found, items=tuple(await _items(replan_id)))


async def _items(replan_id: UUID) -> list[ReplanItem]:
    found = await db.rows(
        """SELECT i.appointment_id, i.appointment_version, i.patient_id, a.patient_zone, a.visit_type, i.from_start_at,
               i.to_practitioner_id, p.name AS to_practitioner_name, i.to_start_at, i.outcome,
               a.version = i.appointment_version AND a.status = 'booked' AS is_current
           FROM replan_item i JOIN appointment a ON a.id = i.appointment_id
           LEFT JOIN practitioner p ON p.id = i.to_practitioner_id
           WHERE i.replan_id = {} ORDER BY i.from_start_at, i.id""",
        replan_id,
    )
    return [ReplanItem(**r) for r in found]


async def open_ones(scope: Scope, practitioner_id: UUID | None = None) -> list[Replan]:
    """Proposals that nobody has decided on, newest first, without their items."""
    _desk(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} FROM replan r JOIN practitioner p ON p.id = r.practitioner_id
            WHERE r.status = 'proposed' AND ({{}}::uuid IS NULL OR r.practitioner_id = {{}})
            ORDER BY r.created_at DESC, r.id DESC LIMIT 100""",
        practitioner_id, practitioner_id,
    )  # fmt: skip
    return [Replan(**r, items=()) for r in found]


async def lock_visits(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, tuple[int, str, datetime]]:
    """(version, status, start) of each, as nobody can change it until the transaction ends. Turns come first."""
    _desk(scope)
    found = await db.rows(
        "SELECT id, version, status, start_at FROM appointment WHERE id = ANY({}) ORDER BY id FOR UPDATE", list(ids)
    )
    return {r["id"]: (r["version"], r["status"], r["start_at"]) for r in found}


async def decide(scope: Scope, replan_id: UUID, status: str, moved: Sequence[UUID], now: datetime) -> None:
    """The end of a proposal: those visits moved, what else was proposed is kept where it is."""
    _desk(scope)
    await db.execute("UPDATE replan SET status = {}, decided_at = {} WHERE id = {}", status, now, replan_id)
    await db.execute(
        """UPDATE replan_item SET outcome = CASE WHEN appointment_id = ANY({}) THEN 'moved' ELSE 'kept' END
           WHERE replan_id = {} AND outcome = 'proposed'""",
        list(moved), replan_id,
    )  # fmt: skip
