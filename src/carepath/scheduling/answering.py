"""Answers to what the waiting list keeps for somebody: yes, no, and what cannot be had any more."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _
from carepath.scheduling import queries, request_queries, visits
from carepath.scheduling.booking import locked, move
from carepath.scheduling.queries import Appointment
from carepath.scheduling.request_queries import ConsultRequest, Offer
from carepath.scheduling.requests import become, stop
from carepath.scheduling.retry import retried
from carepath.scheduling.rules.requests import REQUEST


@dataclass(frozen=True, slots=True)
class Taken:
    """What accepting led to: the visit, whether it was moved rather than booked, and whether that was done before."""

    visit: Appointment
    is_move: bool
    is_repeat: bool


@retried
async def accept(actor: Actor, appointment_id: UUID, now: datetime) -> Taken:
    """The offered time becomes the visit: booked, or the visit it was wanted instead of moves there. Twice is harmless.

    Conflict `hold-expired` when the offer has run out, `earlier-already` when the visit it was wanted instead of has
    an earlier time by now; Unbookable when the calendar has changed under it.
    """
    async with db.transaction():
        held = await locked(actor, appointment_id, *await _turns_of_the_other(actor, appointment_id))
        offer, wanted = await _offered(held)
        if offer.outcome == "accepted":
            is_move = wanted.instead_of is not None and held.status == "cancelled"
            visit = await queries.get(SYSTEM.scope, (wanted.instead_of if is_move else None) or held.id)
            return Taken(visit, is_move, True)
        if offer.outcome != "open" or held.status != "proposed" or offer.expires_at <= now:
            raise Conflict(
                _("This time was kept for you, but it has been given to somebody else since."), "hold-expired"
            )
        status = REQUEST.apply(wanted.status, "accept", actor.role)
        visit = await _take(actor, held, wanted.instead_of, now)
        is_move = visit.id != held.id
        await request_queries.end_offer(actor.scope, held.id, "accepted", now)
        await become(actor, wanted, status, "accept", now, offer_id=held.id)
        return Taken(visit, is_move, False)


async def _turns_of_the_other(actor: Actor, appointment_id: UUID) -> tuple[UUID, ...]:
    """Whose turns the visit that would move needs: taken together with the hold's, so that no circle closes."""
    held = await queries.get(actor.scope, appointment_id)
    if held.request_id is None:
        return ()
    wanted = await request_queries.get(SYSTEM.scope, held.request_id)
    return (await queries.get(SYSTEM.scope, wanted.instead_of)).turns if wanted.instead_of else ()


async def _take(actor: Actor, held: Appointment, instead_of: UUID | None, now: datetime) -> Appointment:
    given_up = await queries.get(SYSTEM.scope, instead_of) if instead_of else None
    if instead_of is None or given_up is None or given_up.status != "booked" or given_up.start_at <= now:
        return await visits.confirm(actor, held.id, now)  # nothing is left that could move: the hold is the visit
    if given_up.start_at <= held.start_at:
        raise Conflict(_("Your visit has an earlier time than this by now."), "earlier-already")
    # The hold goes and the visit comes in one transaction; the turns of both are this patient's and are held.
    await visits.release(SYSTEM, held.id, now)
    reason = "taken from the waiting list"
    return await move(SYSTEM, instead_of, held.practitioner_id, held.start_at, now, reason=reason)


@retried
async def decline(actor: Actor, appointment_id: UUID, now: datetime, stops: bool = False) -> ConsultRequest:
    """The time goes to the next; the request waits on, or is withdrawn if they stop looking. Twice is harmless."""
    async with db.transaction():
        held = await locked(actor, appointment_id)
        offer, wanted = await _offered(held)
        if offer.outcome == "open":
            if held.status == "proposed":
                await visits.release(actor, held.id, now)
            await request_queries.end_offer(actor.scope, held.id, "declined", now)
            status = REQUEST.apply(wanted.status, "decline", actor.role)
            await become(actor, wanted, status, "decline", now, look_at=now)
            wanted = await request_queries.get(SYSTEM.scope, wanted.id, lock_row=True)
        if stops and wanted.is_open:
            await stop(actor, wanted, "", now)
        return await request_queries.get(SYSTEM.scope, wanted.id)


@retried
async def void(actor: Actor, appointment_id: UUID, reason: str, now: datetime) -> bool:
    """A hold that the rules do not let become a visit any more goes back; whoever it was offered to waits on, and has
    missed nothing. True if it stood until now. `reason` stays in the request's history."""
    async with db.transaction():
        held = await locked(actor, appointment_id)
        if held.status != "proposed":
            return False
        await visits.release(SYSTEM, held.id, now)
        if held.request_id is not None:
            offer, wanted = await _offered(held)
            if offer.outcome == "open" and wanted.status == "offered":
                await request_queries.end_offer(actor.scope, held.id, "withdrawn", now)
                status = REQUEST.apply(wanted.status, "void", Role.SYSTEM)
                await become(SYSTEM, wanted, status, "void", now, look_at=now, reason=reason)
        return True


async def _offered(held: Appointment) -> tuple[Offer, ConsultRequest]:
    """The offer behind a hold and its request, locked after the turns. NotFound when the hold was no offer."""
    if held.request_id is None:
        raise NotFound
    wanted = await request_queries.get(SYSTEM.scope, held.request_id, lock_row=True)
    offer = await request_queries.offer(SYSTEM.scope, held.id)
    if offer is None:
        raise NotFound
    return offer, wanted
