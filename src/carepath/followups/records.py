"""What is seen to beside a plan: labs, the prescription register, the prescription itself. Each moves a due date."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from carepath.followups.catalogue import followups
from carepath.followups.plan_queries import Plan
from carepath.followups.planning import Rewrite, lock_at, rewrite
from carepath.followups.rules import records
from carepath.followups.rules.plans import PlanDraft, draft_of
from carepath.kit import db, when
from carepath.kit.actor import Actor
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class Step:
    """A record: what it changes in the plan, and the words of its step."""

    action: str
    moved: Callable[[PlanDraft], PlanDraft]
    reason: str


async def record_labs(
    actor: Actor,
    plan_id: UUID,
    seen_on: date,
    due_on: date | None,
    version: int,
    now: datetime,
    today: date | None = None,
) -> Plan:
    """The provider has seen the labs; without `due_on` the next ones are due when the clinic says. `today` is the
    provider's own date, here and below; that of UTC where they have none."""
    due = records.next_due("labs", seen_on, due_on, followups().plan.labs_due_after_days, today or now.date())
    reason = _("Labs seen on {on}; the next are due on {due}.").format(on=when.say_on(seen_on), due=when.say_on(due))

    def moved(draft: PlanDraft) -> PlanDraft:
        return replace(draft, labs_due_on=due, details=replace(draft.details, labs_seen_on=seen_on))

    return await _move(actor, plan_id, version, Step("record-labs", moved, reason), now)


async def record_pdmp(
    actor: Actor,
    plan_id: UUID,
    checked_on: date,
    due_on: date | None,
    version: int,
    now: datetime,
    today: date | None = None,
) -> Plan:
    """The provider has looked into the prescription drug monitoring program."""
    due = records.next_due("pdmp", checked_on, due_on, followups().plan.pdmp_due_after_days, today or now.date())
    reason = _("PDMP checked on {on}; due again on {due}.").format(on=when.say_on(checked_on), due=when.say_on(due))

    def moved(draft: PlanDraft) -> PlanDraft:
        return replace(draft, pdmp_due_on=due, details=replace(draft.details, pdmp_checked_on=checked_on))

    return await _move(actor, plan_id, version, Step("record-pdmp", moved, reason), now)


async def renew(
    actor: Actor, plan_id: UUID, until: date, version: int, now: datetime, today: date | None = None
) -> Plan:
    """The prescription was renewed and lasts until that day."""
    records.check_until(until, today or now.date())
    reason = _("Prescription renewed until {until}.").format(until=when.say_on(until))

    def moved(draft: PlanDraft) -> PlanDraft:
        records.check_after_start(until, draft.starts_on)
        return replace(draft, runway_until=until)

    return await _move(actor, plan_id, version, Step("renew", moved, reason), now)


async def _move(actor: Actor, plan_id: UUID, version: int, step: Step, now: datetime) -> Plan:
    """A version of its own: a form that was opened before must not bring the old date back."""
    async with db.transaction():
        plan, _status = await lock_at(actor, plan_id, step.action, version)
        new = Rewrite(step.moved(draft_of(plan)), step.action, step.reason)
        return await rewrite(actor, plan, new, now)
