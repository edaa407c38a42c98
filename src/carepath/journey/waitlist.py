"""Somebody waits for a time; a worker finds one, keeps it for them, and they say yes or no."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.journey import book
from carepath.journey.choose import may_book, own
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import (
    Appointment,
    ConsultOffer,
    ConsultRequest,
    Look,
    Place,
    Practitioner,
    RequestDraft,
)
from carepath.worklists import reviews
from carepath.worklists.reviews import DueReview

_SUBJECT = "consult-request"
_PLACES = 4  # so many places are tried for one who waits before the next is looked at


async def ask(actor: Actor, draft: RequestDraft, now: datetime) -> ConsultRequest:
    """A patient waits for a time that suits. What they must have reached is what booking itself asks."""
    patient = await accounts.patient(actor, own(actor))
    if draft.instead_of is None:
        await may_book(actor, patient.id, scheduling.kind(draft.visit_type))
    return await _ask(actor, patient, "patient", draft, now)


async def ask_for(actor: Actor, patient_id: UUID, draft: RequestDraft, now: datetime) -> ConsultRequest:
    """A coordinator puts a patient on the waiting list."""
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))
    patient = await accounts.patient(actor, patient_id)
    await book.answers_are_in(actor, patient_id, draft.visit_type)
    return await _ask(actor, patient, "coordinator", draft, now)


async def _ask(actor: Actor, patient: Patient, source: str, draft: RequestDraft, now: datetime) -> ConsultRequest:
    async with db.transaction():
        added = await scheduling.ask(actor, patient.id, source, draft, patient.jurisdiction, patient.zone, now)
        await audit.record(actor, "ask", _SUBJECT, added.id, now, patient_id=patient.id)
        return added


@dataclass(frozen=True, slots=True)
class Offered:
    """A time that the waiting list keeps or kept for a patient; `instead_of` is the visit it would replace."""

    held: Appointment
    offer: ConsultOffer
    instead_of: Appointment | None


async def check_may_ask(actor: Actor, visit_type: str, instead_of: UUID | None) -> None:
    """Conflict when there is nothing to wait for: what a patient lacks to book, or that they wait already."""
    if instead_of is None:
        await may_book(actor, own(actor), scheduling.kind(visit_type))
    if await waits_for(actor, visit_type) is not None:
        raise Conflict(_("You are on the waiting list for this kind of visit already."), "already-waiting")


async def waits_for(actor: Actor, visit_type: str) -> ConsultRequest | None:
    """What one waits for already, of that kind."""
    return next((one for one in await requests_of(actor) if one.is_open and one.visit_type == visit_type), None)


async def request(actor: Actor, request_id: UUID) -> ConsultRequest:
    """One of one's own requests. NotFound for anybody else's."""
    return await scheduling.request(actor.scope, request_id)


async def requests_of(actor: Actor) -> list[ConsultRequest]:
    """One's own, the newest first."""
    return await scheduling.requests_of(actor.scope, own(actor))


async def offer(actor: Actor, appointment_id: UUID) -> Offered:
    """What is kept for a patient, by a whole session or by the link of exactly this offer."""
    held = await book.visit_of(actor, appointment_id)
    found = await scheduling.offer_of(actor.scope, held.id)
    wanted = await scheduling.request(SYSTEM.scope, found.request_id)
    given_up = await scheduling.get(SYSTEM.scope, wanted.instead_of) if wanted.instead_of else None
    return Offered(held, found, given_up)


async def decline(actor: Actor, appointment_id: UUID, stops: bool, now: datetime) -> ConsultRequest:
    """Not that time; with `stops`, none at all any more."""

    async def work() -> ConsultRequest:
        left = await scheduling.decline(actor, appointment_id, now, stops)
        await notifications.supersede(book.OFFER, appointment_id, 2, now)
        await audit.record(actor, "decline", book.OFFER, appointment_id, now, patient_id=left.patient_id)
        return left

    return await book.settled(work)


async def withdraw(actor: Actor, request_id: UUID, reason: str, now: datetime) -> ConsultRequest:
    """Nobody looks any more. A coordinator says why."""

    async def work() -> ConsultRequest:
        left = await scheduling.withdraw(actor, request_id, reason, now)
        await audit.record(actor, "withdraw", _SUBJECT, left.id, now, patient_id=left.patient_id)
        return left

    return await book.settled(work)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everybody who waits, with names by patient and what is kept for them by hold."""

    requests: list[ConsultRequest]
    names: dict[UUID, str]
    offers: dict[UUID, ConsultOffer]
    practitioners: list[Practitioner]


async def waiting(actor: Actor, now: datetime) -> Waiting:
    """The list as a coordinator sees it."""
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))
    async with db.transaction():
        found = await scheduling.waiting(actor.scope)
        names = {one.patient_id: (await accounts.patient(actor, one.patient_id)).name for one in found}
        kept = await scheduling.offers_for(actor.scope, found)
        await audit.record(actor, "read", "waiting-list", None, now, rows=len(found))
        people = await scheduling.practitioners(actor.scope)
        return Waiting(found, names, kept, people)


async def tick(now: datetime) -> int:
    """The worker's round: offers that ended go on, and free time is offered; how much was."""
    for offer in await scheduling.ended_offers(now):
        await _settle(offer, now)
    await scheduling.lapse_requests(now)
    made = 0
    for look in await scheduling.looks(now):
        made += await _find(look, now)
    return made


async def _settle(offer: ConsultOffer, now: datetime) -> None:
    """An offer has ended. Who did not answer it is told so, and whether they still wait."""

    async def work() -> None:
        patient_id = await scheduling.settle_offer(offer, now)
        if patient_id is not None:
            await notifications.enqueue(
                "offer-ended", "patient", patient_id, book.OFFER, offer.appointment_id, 1, now, now
            )

    await book.settled(work)


async def ask_for_reviews(now: datetime) -> int:
    """Running plans whose next follow-up visit is near ask for it. Looks through all of them, so not in every round."""
    found = await reviews.due(SYSTEM.scope, followups.review_rule(), now)
    for due in found:
        await _propose(due, now)
    return len(found)


async def _find(look: Look, now: datetime) -> bool:
    for place in islice(look.places, _PLACES):
        if await _offer(look, place, now) is not None:
            return True
    await scheduling.not_matched(look, now)
    return False


async def _offer(look: Look, place: Place, now: datetime) -> Appointment | None:
    # Each provider who is asked is a part of its own: one who was taken meanwhile leaves no turn held behind.
    async with db.transaction(undoes_parts=True):
        held = await scheduling.offer_place(look, place, now)
        if held is not None:
            kind = "consult-proposed" if look.wanted.source == "plan" else "consult-offered"
            await notifications.enqueue(
                kind, "patient", held.patient_id, book.OFFER, held.id, 1, now, now, held.hold_expires_at
            )
            await audit.record(SYSTEM, "offer", book.OFFER, held.id, now, patient_id=held.patient_id)
        return held


async def _propose(due: DueReview, now: datetime) -> None:
    """A plan's follow-up, with the plan's own provider, within the plan's dates."""
    patient = await accounts.patient(SYSTEM, due.patient_id)
    visit_type, today = followups.review_rule().visit_type, now.date()
    last_on = max(due.latest_on, today + timedelta(days=14))
    first_on = min(max(due.not_before_on, today), last_on)
    draft = RequestDraft(visit_type, first_on, last_on, (), (due.practitioner_id,))
    try:
        await _ask(SYSTEM, patient, "plan", draft, now)
    except Conflict:  # they have asked for one themselves at this very moment
        return
