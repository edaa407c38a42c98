"""Whether booked visits still stand. What no longer does is flagged for staff, never touched."""

from datetime import date, datetime
from uuid import UUID

from carepath.kit import when
from carepath.kit.actor import Actor, Scope
from carepath.scheduling import queries, snapshot_queries
from carepath.scheduling.availability_queries import Licence
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment
from carepath.scheduling.rules import slots
from carepath.scheduling.rules.gates import LOCAL
from carepath.scheduling.rules.model import Ask, Refusal, Snapshot, VisitType
from carepath.scheduling.rules.ranges import minute_of
from carepath.scheduling.snapshot_queries import Sight

_ATTENTION = {
    "outside-hours": "outside-hours",
    "day-off": "outside-hours",
    "holiday": "outside-hours",
    "busy-elsewhere": "busy-elsewhere",
    "no-telehealth": "no-telehealth",
    "not-licensed": "not-licensed",
    "licence-expired": "not-licensed",
    "inactive": "inactive",
}
_LOCAL = frozenset(rule.code for rule in LOCAL)


def covers(licence: Licence, visit: Appointment) -> bool:
    """Whether a visit rests on this licence: it is for the visit's state, and valid on its day there."""
    place = clinic().jurisdictions.get(licence.jurisdiction)
    if place is None or visit.jurisdiction != licence.jurisdiction:
        return False
    on = visit.start_at.astimezone(when.zone(place.zone)).date()
    return licence.valid_from <= on <= (licence.valid_until or date.max)


def is_video(visit: Appointment) -> bool:
    """Whether the visit is in a video room. A kind that the catalogue does not know any more counts as one."""
    known = clinic().visit_types.get(visit.visit_type)
    return known is None or known.modality == "video"


async def revisit(actor: Actor, practitioner_id: UUID, now: datetime) -> list[Appointment]:
    """Flag the visits to come that no longer stand, unflag those that do again; answers the flagged ones.

    In the practitioner's turn.
    """
    visits = await queries.standing(actor.scope, practitioner_id, now)
    if not visits:
        return []
    window = (minute_of(visits[0].start_at), minute_of(visits[-1].end_at) + 1)
    seen: dict[str, Snapshot] = {}
    for place in {_place(visit) for visit in visits}:
        seen[place] = (await snapshot_queries.snapshots(actor.scope, Sight(place, window, now), [practitioner_id]))[0]
    for visit in visits:
        attention = _attention(visit, seen[_place(visit)], now)
        if attention != visit.attention:
            await queries.set_attention(actor.scope, visit.id, attention)
    return [visit for visit in await queries.standing(actor.scope, practitioner_id, now) if visit.attention]


async def review(scope: Scope, visit: Appointment, now: datetime) -> str | None:
    """Flag or unflag one visit as it is now; answers why staff should look at it, if they should."""
    attention = _attention(visit, await _seen(scope, visit, _place(visit), now), now)
    if attention != visit.attention:
        await queries.set_attention(scope, visit.id, attention)
    return attention


async def refused_in(scope: Scope, visit: Appointment, place: str, now: datetime) -> Refusal | None:
    """Why the law of `place` does not let the visit be held with a patient who is there; None when it does."""
    return slots.not_here(await _seen(scope, visit, place, now), _ask(visit, place, now), visit.start_at)


async def _seen(scope: Scope, visit: Appointment, place: str, now: datetime) -> Snapshot:
    window = (minute_of(visit.start_at), minute_of(visit.end_at) + 1)
    return (await snapshot_queries.snapshots(scope, Sight(place, window, now), [visit.practitioner_id]))[0]


def _place(visit: Appointment) -> str:
    """Where the patient is: what they said last, or else what the visit was booked for."""
    return visit.located_in or visit.jurisdiction


def _ask(visit: Appointment, code: str, now: datetime) -> Ask:
    """The visit as a question about a place. Its own length counts, whatever the catalogue says today."""
    here, minutes = clinic(), minute_of(visit.end_at) - minute_of(visit.start_at)
    place, modality = here.jurisdictions.get(code), "video" if is_video(visit) else "in-person"
    kind = VisitType(visit.visit_type, visit.visit_type, minutes, 0, 0, modality)
    closed = here.no_telehealth(code, modality) if place else ()
    return Ask(kind, place.zone if place else here.zone, here.rules, 0, now, here.closed_on, closed)


def _attention(visit: Appointment, snapshot: Snapshot, now: datetime) -> str | None:
    """Why staff should look at a visit; what they have set aside for it is no reason."""
    refused = slots.against(snapshot, _ask(visit, _place(visit), now), visit.start_at, standing_only=True)
    left = [code for code in refused if code not in visit.overridden]
    if not left:
        return None
    is_away = visit.located_in not in {None, visit.jurisdiction}
    return "located-elsewhere" if is_away and left[0] in _LOCAL else _ATTENTION[left[0]]
