"""A visit with whoever is free: chosen fairly, and the reasons kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit.actor import Actor, Scope
from carepath.scheduling import assignment_queries, queries, snapshot_queries
from carepath.scheduling.asking import Unbookable, ask_for, check_wish, for_patient, unbookable
from carepath.scheduling.assignment_queries import Assignment
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment, Wish
from carepath.scheduling.rules import slots
from carepath.scheduling.rules.assignment import Candidate, ranked
from carepath.scheduling.rules.ranges import minute_of
from carepath.scheduling.rules.refusals import refusal
from carepath.scheduling.snapshot_queries import Sight

_ANYBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who could take a visit, in the order to ask them, and who could not (name and code of the rule)."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[tuple[UUID, str, str], ...]


async def rank(
    actor: Actor, patient_id: UUID, visit_type: str, start_at: datetime, jurisdiction: str, patient_zone: str,
    now: datetime, among: Sequence[UUID] | None = None,
) -> Ranking:  # fmt: skip
    """Everybody (or those of `among`) who could take that visit. Unbookable with alternatives when nobody can.

    What is true here may not be a moment later: the caller takes the first, and on SlotTaken ranks again.
    """
    for_patient(actor, patient_id)
    wish = check_wish(patient_id, _ANYBODY, visit_type, start_at, jurisdiction, patient_zone)
    start = minute_of(start_at)
    sight = Sight(jurisdiction, (start, start + 1), now, patient_id)
    found = await snapshot_queries.snapshots(actor.scope, sight, among)
    ask = ask_for(wish.visit, jurisdiction, actor.role, now)
    refused = {one.practitioner_id: slots.bookable(one, ask, start_at) for one in found}
    free = [practitioner_id for practitioner_id, reason in refused.items() if reason is None]
    if not free:
        raise await _nobody(actor, wish, [r.code for r in refused.values() if r], now)
    since = now - timedelta(days=clinic().rules.assignment_days)
    excluded = ((one.practitioner_id, one.practitioner_name, refused[one.practitioner_id]) for one in found)
    return Ranking(
        tuple(ranked(await assignment_queries.candidates(actor.scope, free, since))),
        tuple((who, name, reason.code) for who, name, reason in excluded if reason is not None),
    )


async def _nobody(actor: Actor, wish: Wish, codes: list[str], now: datetime) -> Unbookable:
    """Taken, if that is all that stands against anybody; otherwise what stands against everybody."""
    code = "taken" if "taken" in codes else next(iter(codes), "outside-hours")
    return await unbookable(actor.scope, actor.role, wish, refusal(code), now)


async def has_already(
    scope: Scope, patient_id: UUID, visit_type: str, start_at: datetime, now: datetime, holds: bool = True
) -> Appointment | None:
    """The patient's own booked visit of that kind at that time, or (where `holds` count) live hold, with whomever:
    asking again answers it. A hold does not stand for a booking."""
    for one in await queries.of_patient(scope, patient_id):
        is_held = holds and one.hold_expires_at is not None and one.hold_expires_at > now
        is_live = one.status == "booked" or is_held
        if is_live and (one.visit_type, one.start_at, one.request_id) == (visit_type, start_at, None):
            return one
    return None


async def note_assignment(scope: Scope, appointment: Appointment, ranking: Ranking, now: datetime) -> None:
    """Keep why this provider was chosen, in the transaction of the hold or booking."""
    considered = [
        {"id": one.practitioner_id, "name": one.name, "minutes": one.minutes, "weight": one.weight,
         "load": round(one.load, 1), "given_at": one.given_at}
        for one in ranking.candidates
    ]  # fmt: skip
    excluded = [{"id": who, "name": name, "code": code} for who, name, code in ranking.excluded]
    days = clinic().rules.assignment_days
    kept = Assignment(appointment.id, appointment.practitioner_id, days, considered, excluded, now)
    await assignment_queries.insert(scope, kept)


async def assignment_of(scope: Scope, appointment_id: UUID) -> Assignment | None:
    """Why this provider, if one was chosen for the patient. For staff; None for anybody else."""
    return await assignment_queries.of(scope, appointment_id)
