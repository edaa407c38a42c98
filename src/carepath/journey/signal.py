"""Signals: worked out from readings, told at once when red, looked at, and what was done about them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.followups.rules import measured
from carepath.followups.rules.measured import Measured
from carepath.followups.service import Noticed, Plan, Reading, Signal
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict
from carepath.kit.ids import new_id
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.notifications.service import Order

_KIND = "red-signal"
Subject = tuple[str, UUID]


async def take(
    actor: Actor, plan: Plan, reading: Reading, source_id: UUID, replaces: UUID | None, now: datetime,
    also: Sequence[Noticed] = (),
) -> list[Signal]:  # fmt: skip
    """A check-in or a member of staff says how the patient is: what is new, red ones told to their owner."""
    return await _take(actor, plan, reading, source_id, replaces, now, also) or []


async def _take(
    actor: Actor, plan: Plan, reading: Reading, source_id: UUID, replaces: UUID | None, now: datetime,
    also: Sequence[Noticed] = (),
) -> list[Signal] | None:  # fmt: skip
    async with db.transaction():
        raised = await followups.take_reading(actor, plan, reading, source_id, replaces, now, also)
        if raised is not None:
            await tell_red(plan, raised, reading.id, (reading.source, source_id), now)
        return raised


async def tell_red(
    plan: Plan, raised: Sequence[Signal], reading_id: UUID | None, from_: Subject, now: datetime
) -> None:
    """Once for each reading, however many signals it raises, now or when late data comes; and once again for what turns
    red after its owner has acknowledged a red one of it. `reading_id` is the one that was just taken, `from_` what it
    was taken from."""
    red = [one for one in raised if one.severity == "red" and one.acknowledged_at is None]
    about = {one.reading_id for one in red if one.reading_id is not None}
    if reading_id in about and await evaluations.has_open_urgent(SYSTEM.scope, *from_):
        # The same provider got the mail about the urgent task of this very check-in, and has it on the desk.
        about.discard(reading_id)
    accounts_told = await accounts.providers_to_alert(plan.practitioner_id) if about else []
    seen = await followups.acknowledged_reds(about) if about else {}
    orders = [Order(one.id, about_id, 1 + seen.get(about_id, 0), now) for one in accounts_told for about_id in about]
    await notifications.enqueue_all(_KIND, orders, now)


async def raise_due(now: datetime) -> int:
    """The worker's round: how many signals came due by the calendar."""
    async with db.transaction():
        return len(await followups.raise_due(now))


async def acknowledge(actor: Actor, patient_id: UUID, ids: Sequence[UUID], note: str, now: datetime) -> None:
    """Signals of one patient were looked at; the note says what was done. All of them, or none."""
    must_be_provider(actor)
    async with db.transaction():
        await accounts.patient(actor, patient_id)
        found = await followups.acknowledge(actor, patient_id, ids, note, now)
        only = found[0].id if len(found) == 1 else None
        await audit.record(actor, "acknowledge", "signal", only, now, patient_id=patient_id, signals=len(found))


async def note_reading(actor: Actor, patient_id: UUID, found: Measured, entry_id: UUID, now: datetime) -> list[Signal]:
    """What one's own patient says or is measured at, now or earlier. `entry_id` names the entry: sent twice it is kept
    once. Conflict without a running plan, and for an entry that said something else before."""
    must_be_provider(actor)
    async with db.transaction():
        await accounts.patient(actor, patient_id)
        plan = await followups.plan_of(actor.scope, patient_id)
        if plan is None or plan.status == "completed":
            raise Conflict(_("This patient has no running plan to write readings for."), "no-plan")
        reading = measured.reading_of(found, new_id(), now)
        raised = await _take(actor, plan, reading, entry_id, None, now)
        if raised is None:
            return []
        await audit.record(actor, "write", "reading", reading.id, now, patient_id=patient_id, signals=len(raised))
        return raised
