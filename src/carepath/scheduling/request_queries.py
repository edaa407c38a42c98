"""All SQL over consult requests, offers, and time that became free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.scheduling.queries import OCCUPYING
from carepath.scheduling.rules.ranges import Range
from carepath.scheduling.rules.requests import RequestDraft, Window


@dataclass(frozen=True, slots=True)
class ConsultRequest:
    """A patient who waits. `offer_id` is the hold that is offered now, or the visit that came of it; `missed` counts
    offers that ran out without an answer; `look_at` is when the worker looks next."""

    id: UUID
    patient_id: UUID
    visit_type: str
    source: str
    status: str
    practitioner_ids: tuple[UUID, ...]
    jurisdiction: str
    zone: str
    first_on: date
    last_on: date
    windows: tuple[Window, ...]
    instead_of: UUID | None
    offer_id: UUID | None
    missed: int
    look_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Does anybody still wait?"""
        return self.status in {"waiting", "offered"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A hold that was offered, and what became of it."""

    appointment_id: UUID
    request_id: UUID
    practitioner_id: UUID
    start_at: datetime
    expires_at: datetime
    outcome: str


_COLUMNS = """r.id, r.patient_id, r.visit_type, r.source, r.status, r.practitioner_ids, r.jurisdiction, r.zone, r.first_on,
    r.last_on, r.windows::text AS windows, r.instead_of, r.offer_id, r.missed, r.look_at, r.version, r.created_at,
    r.updated_at"""
_OFFER = "appointment_id, request_id, practitioner_id, start_at, expires_at, outcome"
_WINDOWS = msgspec.json.Decoder(tuple[Window, ...])


def _request(r: Any) -> ConsultRequest:
    found = dict(r)
    return ConsultRequest(
        **{**found, "windows": _WINDOWS.decode(found["windows"]), "practitioner_ids": tuple(found["practitioner_ids"])}
    )


def _reach(scope: Scope) -> tuple[str, list[object]]:
    if scope.is_system or scope.role is Role.COORDINATOR:
        return "true", []
    if scope.role is Role.PATIENT:
        return "r.patient_id = {}", [scope.patient_id]
    return "false", []


async def get(scope: Scope, request_id: UUID, lock_row: bool = False) -> ConsultRequest:
    """One request. NotFound when absent or out of reach."""
    condition, args = _reach(scope)
    suffix = " FOR UPDATE" if lock_row else ""
    found = await db.row(
        f"SELECT {_COLUMNS} FROM consult_request r WHERE r.id = {{}} AND {condition}{suffix}", request_id, *args
    )
    if found is None:
        raise NotFound
    return _request(found)


async def of_patient(scope: Scope, patient_id: UUID) -> list[ConsultRequest]:
    """A patient's requests, the newest first."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} FROM consult_request r WHERE r.patient_id = {{}} AND {condition}
            ORDER BY r.created_at DESC, r.id DESC LIMIT 20""",
        patient_id, *args,
    )  # fmt: skip
    return [_request(r) for r in found]


async def open_ones(scope: Scope, limit: int) -> list[ConsultRequest]:
    """Everybody who waits, longest first."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT {_COLUMNS} FROM consult_request r WHERE r.status IN ('waiting', 'offered') AND {condition}
            ORDER BY r.created_at, r.id LIMIT {{}}""",
        *args, limit,
    )  # fmt: skip
    return [_request(r) for r in found]


async def insert(
    scope: Scope, patient_id: UUID, source: str, draft: RequestDraft, where: tuple[str, str], now: datetime
) -> UUID | None:
    """A new request, waiting, to be looked at now; `where` is (jurisdiction, zone). None when the patient waits for
    that kind of visit already."""
    request_id = new_id()
    found = await db.row(
        """INSERT INTO consult_request (id, patient_id, visit_type, source, status, practitioner_ids, jurisdiction, zone,
               first_on, last_on, windows, instead_of, look_at, created_at, updated_at)
           VALUES ({}, {}, {}, {}, 'waiting', {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
           ON CONFLICT (patient_id, visit_type) WHERE status IN ('waiting', 'offered') DO NOTHING RETURNING id""",
        request_id, patient_id, draft.visit_type, source, list(draft.practitioner_ids), *where, draft.first_on,
        draft.last_on, msgspec.json.encode(draft.windows).decode(), draft.instead_of, now, now, now,
    )  # fmt: skip
    return request_id if found else None


async def set_state(
    scope: Scope, request_id: UUID, status: str, now: datetime, *, offer_id: UUID | None, look_at: datetime | None,
    missed: int,
) -> None:  # fmt: skip
    """Write a state that the machine allowed."""
    await db.execute(
        """UPDATE consult_request SET status = {}, offer_id = {}, look_at = {}, missed = {}, version = version + 1,
           updated_at = {} WHERE id = {}""",
        status, offer_id, look_at, missed, now, request_id,
    )  # fmt: skip


async def pull(scope: Scope, now: datetime, limit: int) -> int:
    """Whom freed time may suit is looked at now; the notes of it are used up in the same statement. Answers how many
    notes there were. A day on either side covers every zone."""
    found = await db.row(
        """WITH freed AS (DELETE FROM freed_time WHERE id IN (
               SELECT id FROM freed_time ORDER BY created_at LIMIT {} FOR UPDATE SKIP LOCKED)
               RETURNING practitioner_id, begins_at, ends_at),
           pulled AS (UPDATE consult_request r SET look_at = {} WHERE r.id IN (
               SELECT w.id FROM consult_request w JOIN freed f
                 ON w.first_on <= (f.ends_at + interval '1 day')::date AND w.last_on >= (f.begins_at - interval '1 day')::date
                 AND (cardinality(w.practitioner_ids) = 0 OR f.practitioner_id = ANY(w.practitioner_ids))
               WHERE w.status = 'waiting' AND w.look_at > {} ORDER BY w.id FOR UPDATE OF w))
           SELECT count(*) AS n FROM freed""",
        limit, now, now,
    )  # fmt: skip
    return int(found["n"]) if found else 0


async def claim(scope: Scope, now: datetime, until: datetime, limit: int) -> list[ConsultRequest]:
    """Those who are due to be looked at, for this worker alone until `until`: a killed one leaves them to be looked at
    then. Whoever had fewer offers comes first (each is two versions), then whoever waits longest: a time that was
    declined goes to the next, not back to the same."""
    found = await db.rows(
        f"""UPDATE consult_request r SET look_at = {{}} WHERE r.id IN (
                SELECT id FROM consult_request WHERE status = 'waiting' AND look_at <= {{}}
                ORDER BY version, created_at, id LIMIT {{}} FOR UPDATE SKIP LOCKED) RETURNING {_COLUMNS}""",
        until, now, limit,
    )  # fmt: skip
    return sorted((_request(r) for r in found), key=lambda one: (one.version, one.created_at, one.id))


async def look_again(scope: Scope, one: ConsultRequest, at: datetime) -> None:
    """When to look for somebody next, unless time that became free has pulled them since they were claimed."""
    await db.execute(
        "UPDATE consult_request SET look_at = {} WHERE id = {} AND status = 'waiting' AND look_at = {}",
        at, one.id, one.look_at,
    )  # fmt: skip


async def busy(scope: Scope, patient_ids: Sequence[UUID], begin: datetime, end: datetime) -> dict[UUID, list[Range]]:
    """When these patients have visits or holds of any kind, in minutes, buffers included."""
    found = await db.rows(
        f"""SELECT patient_id, floor(date_part('epoch', lower(occupied)) / 60)::bigint AS first,
               ceil(date_part('epoch', upper(occupied)) / 60)::bigint AS past
            FROM appointment a WHERE patient_id = ANY({{}}) AND start_at >= {{}} AND start_at < {{}} AND a.{OCCUPYING}""",
        list(patient_ids), begin, end,
    )  # fmt: skip
    seen: dict[UUID, list[Range]] = {}
    for r in found:
        seen.setdefault(r["patient_id"], []).append((r["first"], r["past"]))
    return seen


async def overdue(scope: Scope, now: datetime, limit: int) -> list[UUID]:
    """Requests whose last day is over everywhere, or whose booked visit (`instead_of`) is none any more."""
    found = await db.rows(
        """SELECT r.id FROM consult_request r LEFT JOIN appointment a ON a.id = r.instead_of
           WHERE r.status = 'waiting' AND (r.last_on < {} OR (r.instead_of IS NOT NULL
             AND (a.status <> 'booked' OR a.start_at <= {}))) ORDER BY r.id LIMIT {}""",
        (now - timedelta(days=1)).date(), now, limit,
    )  # fmt: skip
    return [r["id"] for r in found]


async def insert_offer(scope: Scope, offer: Offer, now: datetime) -> None:
    """An offer, open."""
    await db.execute(
        """INSERT INTO consult_offer (appointment_id, request_id, practitioner_id, start_at, expires_at, created_at)
           VALUES ({}, {}, {}, {}, {}, {})""",
        offer.appointment_id, offer.request_id, offer.practitioner_id, offer.start_at, offer.expires_at, now,
    )  # fmt: skip


async def end_offer(scope: Scope, appointment_id: UUID, outcome: str, now: datetime) -> None:
    """What became of an offer."""
    await db.execute(
        "UPDATE consult_offer SET outcome = {}, ended_at = {} WHERE appointment_id = {} AND outcome = 'open'",
        outcome, now, appointment_id,
    )  # fmt: skip


async def offer(scope: Scope, appointment_id: UUID) -> Offer | None:
    """The offer of a hold that the caller has reached already."""
    found = await db.row(f"SELECT {_OFFER} FROM consult_offer WHERE appointment_id = {{}}", appointment_id)
    return Offer(**found) if found else None


async def offers_of(scope: Scope, request_ids: Sequence[UUID]) -> list[Offer]:
    """Everything that was ever offered for these requests."""
    found = await db.rows(
        f"SELECT {_OFFER} FROM consult_offer WHERE request_id = ANY({{}}) ORDER BY created_at", list(request_ids)
    )
    return [Offer(**r) for r in found]


async def ended_offers(scope: Scope, now: datetime, limit: int) -> list[Offer]:
    """Open offers that have run out, or whose hold has become something else."""
    found = await db.rows(
        f"""SELECT {", ".join("o." + name.strip() for name in _OFFER.split(","))} FROM consult_offer o
            JOIN appointment a ON a.id = o.appointment_id
            WHERE o.outcome = 'open' AND (o.expires_at <= {{}} OR a.status <> 'proposed')
            ORDER BY o.expires_at LIMIT {{}}""",
        now, limit,
    )  # fmt: skip
    return [Offer(**r) for r in found]
