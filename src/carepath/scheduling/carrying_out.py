"""Carrying out a re-plan: the chosen visits move in one go, or nothing does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.scheduling import queries, replan_queries, turn_queries
from carepath.scheduling.booking import move
from carepath.scheduling.queries import Appointment
from carepath.scheduling.replan_queries import Replan, ReplanItem
from carepath.scheduling.replanning import SUBJECT
from carepath.scheduling.retry import BUSY, retried
from carepath.scheduling.rules.machine import REPLAN


class NotCarriedOut(Conflict):
    """Nothing was moved: `reasons` says of each chosen visit that cannot be had any more why."""

    def __init__(self, reasons: Mapping[UUID, str]) -> None:
        super().__init__(_("Some of these changes cannot be made any more. Nothing was moved."), "replan-stale")
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """The proposal as it was decided, and the visits that this very act has moved: none when it was done before."""

    replan: Replan
    moved: tuple[Appointment, ...]


@retried
async def carry_out(actor: Actor, replan_id: UUID, chosen: Sequence[UUID], now: datetime) -> CarriedOut:
    """Move the chosen visits, all of them or none; what else was proposed is kept where it is.

    Carrying out twice changes nothing. NotCarriedOut names those that cannot be had any more; Invalid `visits` for
    a choice that was not proposed, or none; Conflict `dismissed`, or `carried-out` when others were chosen then.
    """
    async with db.transaction():
        before = await replan_queries.get(actor.scope, replan_id, lock_row=True)
        items = _chosen(before, set(chosen))
        if before.status == "carried-out" and all(item.outcome == "moved" for item in items):
            return CarriedOut(before, ())
        status = REPLAN.apply(before.status, "carry-out", actor.role)
        moved = await _move_all(actor, before, items, now)
        await replan_queries.decide(actor.scope, replan_id, status, [one.id for one in moved], now)
        await history.record(
            actor, SUBJECT, replan_id, from_status=before.status, to_status=status, action="carry-out", now=now
        )
        return CarriedOut(await replan_queries.get(actor.scope, replan_id), tuple(moved))


def _chosen(found: Replan, chosen: set[UUID]) -> list[ReplanItem]:
    items = [item for item in found.items if item.appointment_id in chosen and item.to_start_at is not None]
    if not items or len(items) != len(chosen):
        raise Invalid({"visits": _("Tick at least one of the visits on this page.")})
    return items


async def _move_all(actor: Actor, found: Replan, items: Sequence[ReplanItem], now: datetime) -> list[Appointment]:
    # All turns first and in order: taken visit by visit, they could close a circle with a booking.
    to_whom = [item.to_practitioner_id for item in items if item.to_practitioner_id is not None]
    await turn_queries.take(actor.scope, found.practitioner_id, *to_whom, *(item.patient_id for item in items))
    standing = await replan_queries.lock_visits(actor.scope, [item.appointment_id for item in items])
    moved: list[Appointment] = []
    reasons: dict[UUID, str] = {}
    for item in items:
        reason = _stale(item, standing[item.appointment_id], now)
        done = reason or await _moved(actor, item, now)
        if isinstance(done, Appointment):
            moved.append(done)
        else:
            reasons[item.appointment_id] = done
    if reasons:
        raise NotCarriedOut(reasons)
    return moved


def _stale(item: ReplanItem, standing: tuple[int, str, datetime], now: datetime) -> str | None:
    """Why the visit is not the one that was planned for any more."""
    version, status, start_at = standing
    if status == "cancelled":
        return _("This visit was cancelled meanwhile.")
    if (version, status) != (item.appointment_version, "booked"):
        return _("This visit was changed meanwhile.")
    return _("This visit has begun.") if start_at <= now else None


async def _moved(actor: Actor, item: ReplanItem, now: datetime) -> Appointment | str:
    """The visit at its new time, or why that cannot be had."""
    assert item.to_practitioner_id is not None
    assert item.to_start_at is not None
    try:
        return await move(
            actor, item.appointment_id, item.to_practitioner_id, item.to_start_at, now,
            reason=_("The provider is away."),
        )  # fmt: skip
    except Conflict as lost:
        if lost.code == BUSY:
            raise
        return lost.reason


async def moved_for(scope: Scope, replan_id: UUID, patient_id: UUID, now: datetime) -> list[Appointment]:
    """A patient's visits that this moved and that still stand as it left them, in order."""
    found = await replan_queries.get(scope, replan_id)
    mine = {
        item.appointment_id: item.appointment_version + 1
        for item in found.items
        if item.patient_id == patient_id and item.outcome == "moved"
    }
    visits = await queries.of_patient(scope, patient_id)
    return [v for v in visits if v.version == mine.get(v.id) and v.status == "booked" and v.start_at > now]
