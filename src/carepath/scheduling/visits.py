"""What happens to an appointment after it was made."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.kit import db, when
from carepath.kit.actor import STAFF, SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.scheduling import queries, taking_queries, turn_queries
from carepath.scheduling.asking import check_bookable, check_reason, check_wish
from carepath.scheduling.booking import SUBJECT, check_change, locked
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment
from carepath.scheduling.retry import BUSY, retried
from carepath.scheduling.rules import days, machine
from carepath.scheduling.rules.drafts import date_problem
from carepath.scheduling.rules.machine import APPOINTMENT
from carepath.scheduling.rules.ranges import instant_of

_BATCH = 50


async def visits(scope: Scope, ids: Sequence[UUID]) -> dict[UUID, Appointment]:
    """Several consults within the scope, by their ids."""
    return await queries.visits(scope, ids)


async def get(scope: Scope, appointment_id: UUID) -> Appointment:
    """One appointment. NotFound when absent or out of reach."""
    return await queries.get(scope, appointment_id)


async def appointments_of(scope: Scope, patient_id: UUID) -> list[Appointment]:
    """A patient's visits and live holds, in order; holds that went away are left out."""
    return await queries.of_patient(scope, patient_id)


async def visits_to_come(scope: Scope, practitioner_id: UUID, now: datetime) -> list[Appointment]:
    """The booked visits of a practitioner that have not begun, in order."""
    return await queries.standing(scope, practitioner_id, now)


async def week(scope: Scope, first_on: date, zone: str) -> list[Appointment]:
    """What occupies the seven days of `zone` from `first_on`, by start. Invalid for a bad date or zone."""
    problem = date_problem(first_on) or (None if when.is_zone(zone) else _("Choose a time zone from the list."))
    if problem:
        raise Invalid({"first_on" if date_problem(first_on) else "zone": problem})
    first, past = days.day_range(zone, first_on, first_on + timedelta(days=6))
    return await queries.between(scope, instant_of(first), instant_of(past))


@retried
async def confirm(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """A hold becomes a booking. Confirming twice answers the booking.

    Conflict `hold-expired` when the hold ran out; Unbookable when the provider's hours or licence
    changed meanwhile (the notice is not asked for again).
    """
    async with db.transaction():
        before = await locked(actor, appointment_id)
        if before.status == "booked":
            return before
        if _has_run_out(before, now):
            raise Conflict(_("The time was kept for you, but not confirmed soon enough."), "hold-expired")
        status = APPOINTMENT.apply(before.status, "confirm", actor.role)
        wish = check_wish(
            before.patient_id, before.practitioner_id, before.visit_type, before.start_at, before.jurisdiction,
            before.patient_zone,
        )  # fmt: skip
        await check_bookable(actor, wish, now, appointment_id, notice=0)
        return await _become(actor, before, status, "confirm", now)


def _has_run_out(before: Appointment, now: datetime) -> bool:
    """A hold past its time, or one that was ended already: cancelled without ever having been booked."""
    if before.status == "proposed":
        return before.hold_expires_at is not None and before.hold_expires_at <= now
    return before.is_hold


@retried
async def release(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """Give a hold back. Giving it back twice changes nothing."""
    async with db.transaction():
        before = await locked(actor, appointment_id)
        if before.status == "cancelled" and before.is_hold:
            return before
        return await _become(actor, before, _next(actor, before, "release", now), "release", now)


@retried
async def cancel(actor: Actor, appointment_id: UUID, reason: str, now: datetime) -> Appointment:
    """End an appointment before its time, with a new version; a hold is only given back. Twice changes nothing.

    Staff give a reason (Invalid `reason`); a patient may. Conflict `too-late` within the clinic's notice, for patients.
    """
    kept = check_reason(reason)
    async with db.transaction():
        before = await locked(actor, appointment_id)
        if before.status == "cancelled":
            return before
        status = APPOINTMENT.apply(before.status, "cancel", actor.role)
        if kept is None and actor.role in STAFF:
            raise Invalid({"reason": _("Please give a reason.")})
        check_change(actor, "cancel", before, kept, now)
        return await _become(actor, before, status, "cancel", now, kept)


async def fulfil(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The visit took place. Conflict `too-early` before it begins."""
    return await _step(actor, appointment_id, "fulfil", now)


async def no_show(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient did not come. Conflict `too-early` before the start and its grace."""
    return await _step(actor, appointment_id, "no-show", now)


async def reverse_no_show(actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient did come after all."""
    return await _step(actor, appointment_id, "reverse-no-show", now)


@retried
async def _step(actor: Actor, appointment_id: UUID, action: str, now: datetime) -> Appointment:
    async with db.transaction():
        before = await locked(actor, appointment_id)
        return await _become(actor, before, _next(actor, before, action, now), action, now)


def _next(actor: Actor, before: Appointment, action: str, now: datetime) -> str:
    status = APPOINTMENT.apply(before.status, action, actor.role)
    begins = before.expected_at if action == "no-show" else before.start_at  # who is late themselves waits longer
    machine.check_time(action, actor.role, begins, clinic().rules, now)
    return status


async def _become(
    actor: Actor, before: Appointment, status: str, action: str, now: datetime, reason: str | None = None
) -> Appointment:
    if status == "cancelled":
        await taking_queries.note_free(actor.scope, [before.id], now)
    await queries.set_status(actor.scope, before.id, status, now, newer=action == "cancel" and not before.is_hold)
    await history.record(
        actor, SUBJECT, before.id, from_status=before.status, to_status=status, action=action, reason=reason, now=now
    )
    return await queries.get(actor.scope, before.id)


async def expire(held: Appointment, now: datetime) -> None:
    """End one run-out hold that the caller has locked."""
    await _become(SYSTEM, held, APPOINTMENT.apply(held.status, "expire", SYSTEM.role), "expire", now)


@retried
async def expire_holds(now: datetime) -> int:
    """End holds that ran out; how many. Booking does not depend on it: it is for lists and counts."""
    async with db.transaction():
        ended = await queries.expire_due(SYSTEM.scope, now, _BATCH)
        await taking_queries.note_free(SYSTEM.scope, ended, now)
        for row_id in ended:
            await history.record(
                SYSTEM, SUBJECT, row_id, from_status="proposed", to_status="cancelled", action="expire", now=now
            )
    return len(ended)


@retried
async def mark_no_shows(now: datetime) -> list[Appointment]:
    """Visits to which nobody came, once they and the grace are over; at most fifty in a transaction."""
    ended_before = now - timedelta(minutes=clinic().rules.no_show_grace_minutes)
    marked: list[Appointment] = []
    async with db.transaction():
        missed = await queries.missed(SYSTEM.scope, ended_before, _BATCH)
        # All turns first and in order: one after the other, they could close a circle with a booking.
        await turn_queries.take(SYSTEM.scope, *(whose for one in missed for whose in one.turns))
        for one in missed:
            try:
                marked.append(await no_show(SYSTEM, one.id, now))
            except Conflict as changed:
                if changed.code == BUSY:
                    raise
                continue  # moved, cancelled or begun at this very moment: not a no-show any more
    return marked
