"""Free times, and why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.kit.actor import Actor
from carepath.kit.errors import Invalid, Refused
from carepath.kit.words import _
from carepath.scheduling import queries, snapshot_queries
from carepath.scheduling.asking import MOST_DAYS, check_search, own
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.rules import parts, slots
from carepath.scheduling.rules.model import Offer

_NOBODY = (None, None)


@dataclass(frozen=True, slots=True)
class Why:
    """Which rule leaves a practitioner without a single free time."""

    practitioner_id: UUID
    practitioner_name: str
    code: str
    words: str


async def search(
    actor: Actor, visit_type: str, jurisdiction: str, now: datetime, first_on: date, last_on: date, zone: str,
    practitioner_ids: Sequence[UUID] | None = None, limit: int | None = None, moving: UUID | None = None,
    patient_id: UUID | None = None, part: str | None = None,
) -> Sequence[Offer]:  # fmt: skip
    """Free times from `first_on` to `last_on` (dates of `zone`, at most 92), earliest first; only those in one
    `part` of the day there (morning, afternoon, evening), if one is named.

    A patient's own hold counts as free, since another choice replaces it, and their other visits as
    taken; staff name the patient by `patient_id`. The appointment `moving` counts as free too and must
    be within the actor's reach. Invalid names the fields; NotFound for `moving`.
    """
    if limit is not None and not 1 <= limit <= 10_000:
        raise Invalid({"limit": _("Ask for 1 to 10000 times.")})
    if part is not None and part not in parts.PARTS:
        raise Invalid({"part": _("Choose morning, afternoon or evening.")})
    patient_id = actor.patient_id or patient_id
    if moving is not None:
        own(actor, moving)
        patient_id = (await queries.get(actor.scope, moving)).patient_id
    whose = (patient_id, moving)
    asked = check_search(actor, visit_type, jurisdiction, now, (first_on, last_on, zone), practitioner_ids, whose)
    found = await snapshot_queries.snapshots(actor.scope, asked.sight, asked.practitioner_ids)
    wanted = parts.minutes_of(part, zone, asked.sight.window) if part is not None else None
    return slots.offers(found, asked.ask, asked.sight.window, limit, wanted)


async def next_available(
    actor: Actor, visit_type: str, jurisdiction: str, now: datetime, first_on: date, zone: str,
    practitioner_ids: Sequence[UUID] | None = None, moving: UUID | None = None, patient_id: UUID | None = None,
    part: str | None = None,
) -> Offer | None:  # fmt: skip
    """The first free time from `first_on` on, as far as anybody can book; None when there is none at all."""
    visit = clinic().visit_types.get(visit_type)
    horizon = (visit.horizon_days if visit else None) or clinic().rules.horizon_days
    past_on = now.date() + timedelta(days=horizon + 2)
    while first_on < past_on:
        last_on = min(past_on, first_on + timedelta(days=MOST_DAYS - 1))
        found = await search(
            actor, visit_type, jurisdiction, now, first_on, last_on, zone, practitioner_ids, 1, moving, patient_id, part
        )
        if found:
            return found[0]
        first_on = last_on + timedelta(days=1)
    return None


async def why_nothing(
    actor: Actor, visit_type: str, jurisdiction: str, now: datetime, first_on: date, last_on: date, zone: str,
    practitioner_ids: Sequence[UUID] | None = None,
) -> list[Why]:  # fmt: skip
    """For staff: each practitioner without a free time in the same search, with the rule that closed the last."""
    if not (actor.scope.is_staff or actor.scope.is_system):
        raise Refused(_("Only the clinic's staff can ask this."))
    asked = check_search(actor, visit_type, jurisdiction, now, (first_on, last_on, zone), practitioner_ids, _NOBODY)
    found = await snapshot_queries.snapshots(actor.scope, asked.sight, asked.practitioner_ids)
    reasons = ((one, slots.closed_by(one, asked.ask, asked.sight.window)) for one in found)
    return [
        Why(one.practitioner_id, one.practitioner_name, reason.code, reason.words) for one, reason in reasons if reason
    ]


@dataclass(frozen=True, slots=True)
class Free:
    """When one practitioner is free: starts in minutes since 1970 UTC, in order. Plain numbers, since a month of
    fifty practitioners has tens of thousands of them."""

    practitioner_id: UUID
    practitioner_name: str
    starts: list[int]


async def free_of_each(
    actor: Actor, visit_type: str, jurisdiction: str, now: datetime, first_on: date, last_on: date, zone: str,
    practitioner_ids: Sequence[UUID] | None = None, patient_id: UUID | None = None,
) -> list[Free]:  # fmt: skip
    """Every free start of each practitioner; otherwise as `search`."""
    whose = (actor.patient_id or patient_id, None)
    asked = check_search(actor, visit_type, jurisdiction, now, (first_on, last_on, zone), practitioner_ids, whose)
    found = await snapshot_queries.snapshots(actor.scope, asked.sight, asked.practitioner_ids)
    each = slots.starts_of_each(found, asked.ask, asked.sight.window)
    return [Free(one.practitioner_id, one.practitioner_name, starts) for one, starts in each]


async def free_of_any(
    actor: Actor, visit_type: str, jurisdiction: str, now: datetime, first_on: date, last_on: date, zone: str,
    practitioner_ids: Sequence[UUID] | None = None, patient_id: UUID | None = None,
) -> list[int]:  # fmt: skip
    """Every start (minutes since 1970 UTC) at which at least one practitioner is free; otherwise as `search`."""
    whose = (actor.patient_id or patient_id, None)
    asked = check_search(actor, visit_type, jurisdiction, now, (first_on, last_on, zone), practitioner_ids, whose)
    found = await snapshot_queries.snapshots(actor.scope, asked.sight, asked.practitioner_ids)
    return slots.any_starts(found, asked.ask, asked.sight.window)
