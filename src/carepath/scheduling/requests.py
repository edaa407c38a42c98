"""The waiting list's verbs for people: ask and withdraw. Answers to an offer are in `answering`, the worker's verbs in
`matching`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.kit import db, when
from carepath.kit.actor import SYSTEM, Actor, Role, Scope
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.words import _
from carepath.scheduling import availability_queries, booking, queries, request_queries, taking_queries
from carepath.scheduling.asking import check_reason, for_patient
from carepath.scheduling.booking import locked
from carepath.scheduling.catalogue import clinic, kind
from carepath.scheduling.request_queries import ConsultRequest, Offer
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import requests
from carepath.scheduling.rules.requests import REQUEST, RequestDraft

SUBJECT = "consult-request"
_ALL = 200


@retried
async def ask(
    actor: Actor, patient_id: UUID, source: str, draft: RequestDraft, jurisdiction: str, zone: str, now: datetime
) -> ConsultRequest:
    """Put a patient on the waiting list. Invalid names fields; Conflict `already-waiting`; NotFound for a visit of
    somebody else in `instead_of`."""
    if actor.role not in {Role.PATIENT, Role.COORDINATOR, Role.SYSTEM}:
        raise Refused(_("You may not change the waiting list."))
    for_patient(actor, patient_id)
    visit, today = kind(draft.visit_type), now.astimezone(when.zone(zone)).date()
    requests.check(draft, today, visit.horizon_days or clinic().rules.horizon_days)
    async with db.transaction():
        await _check_named(actor, patient_id, draft, now)
        added = await request_queries.insert(actor.scope, patient_id, source, draft, (jurisdiction, zone), now)
        if added is None:
            raise Conflict(_("You are on the waiting list for this kind of visit already."), "already-waiting")
        await _note(actor, added, None, "waiting", "ask", now)
        return await request_queries.get(actor.scope, added)


async def _check_named(actor: Actor, patient_id: UUID, draft: RequestDraft, now: datetime) -> None:
    known = {one.id for one in await availability_queries.practitioners(actor.scope) if one.is_active}
    if not set(draft.practitioner_ids) <= known:
        raise Invalid({"provider": _("Choose a provider from the list.")})
    if draft.instead_of is not None:
        given_up = await queries.get(actor.scope, draft.instead_of)
        if given_up.patient_id != patient_id or given_up.visit_type != draft.visit_type:
            raise NotFound
        if given_up.status != "booked" or given_up.start_at <= now:
            raise Conflict(_("This visit can no longer be moved."), given_up.status)


async def request(scope: Scope, request_id: UUID) -> ConsultRequest:
    """One request. NotFound when absent or out of reach."""
    return await request_queries.get(scope, request_id)


async def requests_of(scope: Scope, patient_id: UUID) -> list[ConsultRequest]:
    """A patient's requests, the newest first."""
    return await request_queries.of_patient(scope, patient_id)


async def waiting(scope: Scope) -> list[ConsultRequest]:
    """Everybody who waits or has an offer, longest first."""
    return await request_queries.open_ones(scope, _ALL)


async def offers_for(scope: Scope, wanted: Sequence[ConsultRequest]) -> dict[UUID, Offer]:
    """Everything that was offered for requests that the caller has reached, by hold."""
    found = await request_queries.offers_of(scope, [one.id for one in wanted])
    return {one.appointment_id: one for one in found}


async def offer_of(scope: Scope, appointment_id: UUID) -> Offer:
    """The offer behind a hold within reach. NotFound when the hold was none."""
    await queries.get(scope, appointment_id)
    found = await request_queries.offer(scope, appointment_id)
    if found is None:
        raise NotFound
    return found


@retried
async def withdraw(actor: Actor, request_id: UUID, reason: str, now: datetime) -> ConsultRequest:
    """Stop looking; an open offer goes to the next. Twice is harmless. Staff say why: Invalid `reason`."""
    kept = check_reason(reason)
    async with db.transaction():
        seen = await request_queries.get(actor.scope, request_id)
        if seen.offer_id is not None and seen.status == "offered":
            await locked(SYSTEM, seen.offer_id)
        wanted = await request_queries.get(actor.scope, request_id, lock_row=True)
        if wanted.offer_id != seen.offer_id:
            raise Conflict(_("This was changed at the same moment. Please look again."), "changed")
        if wanted.is_open:
            if kept is None and actor.role is Role.COORDINATOR:
                raise Invalid({"reason": _("Please give a reason.")})
            await stop(actor, wanted, kept or "", now)
        return await request_queries.get(actor.scope, request_id)


async def stop(actor: Actor, wanted: ConsultRequest, reason: str, now: datetime) -> None:
    """Nothing is looked for any more, and what is offered goes away. The caller has locked the request."""
    status = REQUEST.apply(wanted.status, "withdraw", actor.role)
    await _drop_offer(actor, wanted, now)
    await become(actor, wanted, status, "withdraw", now, reason=reason or None)


async def _drop_offer(actor: Actor, wanted: ConsultRequest, now: datetime) -> None:
    """An offer that is open goes away with its hold. The patient's turn is enough for that, as when their own holds
    are given back: the other provider's, taken here, would be out of order."""
    if wanted.status == "offered" and wanted.offer_id is not None:
        held = await queries.get(SYSTEM.scope, wanted.offer_id)
        if held.status == "proposed":
            await taking_queries.end_holds(actor.scope, (held.id,), now)
            await history.record(
                SYSTEM,
                booking.SUBJECT,
                held.id,
                from_status="proposed",
                to_status="cancelled",
                action="release",
                now=now,
            )
        await request_queries.end_offer(actor.scope, held.id, "withdrawn", now)


@retried
async def met_otherwise(patient_id: UUID, visit_type: str, now: datetime) -> None:
    """The patient has such a visit now, by another way: nothing is looked for any more. In the booking's transaction,
    whose turns include the patient's."""
    async with db.transaction():
        for seen in await request_queries.of_patient(SYSTEM.scope, patient_id):
            if seen.is_open and seen.visit_type == visit_type and seen.instead_of is None:
                wanted = await request_queries.get(SYSTEM.scope, seen.id, lock_row=True)
                status = REQUEST.apply(wanted.status, "fulfil", Role.SYSTEM)
                await _drop_offer(SYSTEM, wanted, now)
                await become(SYSTEM, wanted, status, "fulfil", now)


async def become(
    actor: Actor, wanted: ConsultRequest, status: str, action: str, now: datetime, *, reason: str | None = None,
    offer_id: UUID | None = None, look_at: datetime | None = None, missed: int | None = None,
) -> None:  # fmt: skip
    """Write a state that the machine allowed, with its history."""
    await request_queries.set_state(
        actor.scope, wanted.id, status, now, offer_id=offer_id, look_at=look_at,
        missed=wanted.missed if missed is None else missed,
    )  # fmt: skip
    await _note(actor, wanted.id, wanted.status, status, action, now, reason)


async def _note(
    actor: Actor,
    request_id: UUID,
    before: str | None,
    after: str,
    action: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    await history.record(
        actor, SUBJECT, request_id, from_status=before, to_status=after, action=action, now=now, reason=reason
    )
