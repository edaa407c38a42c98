"""The worker's side of the waiting list: whom free time suits, and offers that ended.

What decides is the database: an offer is a hold like any other, so two matchers at once, or a patient who is faster,
cost a try and no more. A claimed request comes back by itself when its worker is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Role
from carepath.scheduling import (
    assigning,
    assignment_queries,
    queries,
    request_queries,
    snapshot_queries,
    turn_queries,
    visits,
)
from carepath.scheduling.asking import Unbookable, ask_for, check_wish, notice_minutes
from carepath.scheduling.assigning import Ranking
from carepath.scheduling.booking import locked, offer_hold
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment, Wish
from carepath.scheduling.request_queries import ConsultRequest, Offer
from carepath.scheduling.requests import become
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import requests, slots
from carepath.scheduling.rules.assignment import Candidate, ranked
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.rules.ranges import Range, instant_of, minute_of
from carepath.scheduling.rules.requests import REQUEST, Place, Suits
from carepath.scheduling.snapshot_queries import Sight

_BATCH = 50
_NOTES = 500
_LEASE = timedelta(minutes=2)
_AGAIN = timedelta(minutes=15)
_SCOPE = SYSTEM.scope
_DAY = 24 * 60
_NOTHING = VisitType("", "", 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """One who waits, and the places that suit, best first; `loads` say in which order providers are asked. Left out are
    what this round has given away already (`given`: practitioner, occupied minutes) and when the patient is `busy`."""

    wanted: ConsultRequest
    suiting: Iterator[Place]
    loads: tuple[Candidate, ...]
    visit: VisitType
    given: list[tuple[UUID, Range]]
    busy: tuple[Range, ...] = ()

    @property
    def places(self) -> Iterator[Place]:
        """Those that are left."""
        for place in self.suiting:
            occupied = _occupied(self.visit, place.start)
            if any(low < occupied[1] and occupied[0] < past for low, past in self.busy):
                continue
            busy = {who for who, (low, past) in self.given if low < occupied[1] and occupied[0] < past}
            if left := tuple(who for who in place.practitioner_ids if who not in busy):
                yield Place(place.start, left)


def _occupied(visit: VisitType, start: int) -> Range:
    return start - visit.buffer_before, start + visit.minutes + visit.buffer_after


async def looks(now: datetime) -> list[Look]:
    """Claim those who are due, freed time taken into account, and see what suits each: one search for all who want
    the same kind of visit in the same place."""
    await request_queries.pull(_SCOPE, now, _NOTES)
    claimed = await request_queries.claim(_SCOPE, now, now + _LEASE, _BATCH)
    groups: dict[tuple[str, str], list[ConsultRequest]] = defaultdict(list)
    for one in claimed:
        groups[one.jurisdiction, one.visit_type].append(one)
    found = {look.wanted.id: look for key in groups for look in await _group(*key, groups[key], now)}
    return [found[one.id] for one in claimed]


async def _group(jurisdiction: str, visit_type: str, group: list[ConsultRequest], now: datetime) -> list[Look]:
    here = clinic()
    visit = here.visit_types.get(visit_type)
    if visit is None or jurisdiction not in here.jurisdictions:  # the clinic has stopped offering it
        return [Look(one, iter(()), (), _NOTHING, []) for one in group]
    notice = notice_minutes(Role.PATIENT, visit) + requests.LEAST_TIME // timedelta(minutes=1)
    low, far = minute_of(now), (visit.horizon_days or here.rules.horizon_days) * _DAY
    window = (low - low % _DAY, low - low % _DAY + far + 2 * _DAY)
    seen = await snapshot_queries.snapshots(_SCOPE, Sight(jurisdiction, window, now))
    ask = ask_for(visit, jurisdiction, Role.SYSTEM, now, notice)
    since = now - timedelta(days=here.rules.assignment_days)
    loads = ranked(await assignment_queries.candidates(_SCOPE, [one.practitioner_id for one in seen], since))
    starts = {one.practitioner_id: found for one, found in slots.starts_of_each(seen, ask, window)}
    free = [(one.practitioner_id, starts[one.practitioner_id]) for one in loads]
    offered: dict[UUID, set[tuple[UUID, int]]] = defaultdict(set)
    for offer in await request_queries.offers_of(_SCOPE, [one.id for one in group]):
        offered[offer.request_id].add((offer.practitioner_id, minute_of(offer.start_at)))
    patients = [one.patient_id for one in group]
    busy = await request_queries.busy(_SCOPE, patients, now - timedelta(days=1), instant_of(window[1]))
    given: list[tuple[UUID, Range]] = []
    return [
        Look(
            one, requests.places(free, await _suits(one, visit, window, offered[one.id])), tuple(loads), visit, given,
            tuple(busy.get(one.patient_id, ())),
        )
        for one in group
    ]  # fmt: skip


async def _suits(
    one: ConsultRequest, visit: VisitType, window: tuple[int, int], offered: Iterable[tuple[UUID, int]]
) -> Suits:
    wanted = requests.suitable(one.windows, one.zone, one.first_on, one.last_on, window, visit.minutes)
    before = minute_of((await queries.get(_SCOPE, one.instead_of)).start_at) if one.instead_of else None
    # A plan's follow-up is wanted in the middle of its dates; everybody else wants the earliest.
    middle = (wanted[0][0] + wanted[-1][1]) // 2 if wanted and one.source == "plan" else None
    return Suits(tuple(wanted), frozenset(offered), before, middle, frozenset(one.practitioner_ids))


async def offer(look: Look, place: Place, now: datetime) -> Appointment | None:
    """Keep that place for whoever waits. None when they wait no more, or the place is gone."""
    one, start_at = look.wanted, instant_of(place.start)
    for practitioner_id in place.practitioner_ids:
        wish = check_wish(one.patient_id, practitioner_id, one.visit_type, start_at, one.jurisdiction, one.zone)
        try:
            held = await _offer(look, place, wish, now)
        except Unbookable:
            continue
        if held is not None:
            look.given.append((practitioner_id, _occupied(look.visit, place.start)))
        return held
    return None


@retried
async def _offer(look: Look, place: Place, wish: Wish, now: datetime) -> Appointment | None:
    async with db.transaction():
        # Turns before rows, as everywhere: whoever books holds the patient's turn and then looks for their request.
        await turn_queries.take(_SCOPE, wish.practitioner_id, wish.patient_id)
        one = await request_queries.get(_SCOPE, look.wanted.id, lock_row=True)
        if one.status != "waiting":
            return None
        status = REQUEST.apply(one.status, "offer", Role.SYSTEM)
        rules = clinic().rules
        kept = timedelta(hours=rules.proposal_hours if one.source == "plan" else rules.offer_hours)
        notice = timedelta(minutes=notice_minutes(Role.PATIENT, wish.visit))
        until = requests.expires_at(wish.start_at, notice, kept, now)
        held = await offer_hold(wish, one.id, until, now)
        row = Offer(held.id, one.id, held.practitioner_id, held.start_at, until, "open")
        await request_queries.insert_offer(_SCOPE, row, now)
        await become(SYSTEM, one, status, "offer", now, offer_id=held.id)
        if len(one.practitioner_ids) != 1:
            asked = tuple(one for one in look.loads if one.practitioner_id in place.practitioner_ids)
            await assigning.note_assignment(_SCOPE, held, Ranking(asked, ()), now)
        return held


async def not_matched(look: Look, now: datetime) -> None:
    """Nothing suits now: look again in a while, or at once when time becomes free. Where something still may, and
    others were faster at what was tried, look again in the next round."""
    is_left = next(look.places, None) is not None
    await request_queries.look_again(_SCOPE, look.wanted, now if is_left else now + _AGAIN)


async def ended(now: datetime) -> list[Offer]:
    """Offers whose time is over, or whose hold has become something else."""
    return await request_queries.ended_offers(_SCOPE, now, _BATCH)


@retried
async def settle(offer: Offer, now: datetime) -> UUID | None:
    """Record how an offer ended, and let the request wait on, rest, or be done. Answers the patient if they did not
    answer in time."""
    async with db.transaction():
        held = await locked(SYSTEM, offer.appointment_id)
        one = await request_queries.get(_SCOPE, offer.request_id, lock_row=True)
        current = await request_queries.offer(_SCOPE, held.id)
        if current is None or current.outcome != "open" or one.offer_id != held.id:
            return None
        is_over = offer.expires_at <= now
        if held.status == "proposed":
            if not is_over:
                return None
            await visits.expire(held, now)
        if held.status in {"proposed", "cancelled"}:
            await _passed_on(one, held, missed=is_over, now=now)
            return one.patient_id if is_over else None
        await request_queries.end_offer(_SCOPE, held.id, "accepted", now)
        await become(SYSTEM, one, REQUEST.apply(one.status, "fulfil", Role.SYSTEM), "fulfil", now, offer_id=held.id)
        return None


async def _passed_on(one: ConsultRequest, held: Appointment, *, missed: bool, now: datetime) -> None:
    """Nobody answered in time, or the patient chose another time over it."""
    await request_queries.end_offer(_SCOPE, held.id, "expired" if missed else "declined", now)
    count = one.missed + int(missed)
    rests = count >= clinic().rules.most_missed_offers
    action = "lapse" if rests else "expire"
    status = REQUEST.apply(one.status, action, Role.SYSTEM)
    await become(SYSTEM, one, status, action, now, look_at=None if rests else now, missed=count)


@retried
async def lapse(now: datetime) -> int:
    """End requests whose dates are over, or whose visit to be moved is none any more; how many."""
    done = 0
    for request_id in await request_queries.overdue(_SCOPE, now, _BATCH):
        async with db.transaction():
            one = await request_queries.get(_SCOPE, request_id, lock_row=True)
            if one.status == "waiting":
                await become(SYSTEM, one, REQUEST.apply(one.status, "lapse", Role.SYSTEM), "lapse", now)
                done += 1
    return done
