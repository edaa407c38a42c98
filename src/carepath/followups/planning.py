"""The provider's treatment plan: written, changed, paused, ended."""

from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.followups import check_in_queries, plan_queries, standing_queries
from carepath.followups.checking_in import move
from carepath.followups.plan_queries import Plan, PlanVersion
from carepath.followups.rules import check_ins, plans
from carepath.followups.rules.plans import PlanDraft
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.words import _

_PLAN = "treatment-plan"


def author(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise Refused(_("Only a provider writes a plan."))
    return actor.account_id


async def write_plan(actor: Actor, patient_id: UUID, draft: PlanDraft, now: datetime) -> Plan:
    """A new plan. Invalid names the fields; Conflict when the patient has a running one."""
    plans.check_plan(draft, now.date())
    async with db.transaction():
        first_at = check_ins.first_check_in(now, draft.starts_on, draft.check_in_every_days)
        plan_id = await plan_queries.insert(actor.scope, patient_id, draft, first_at, now)
        if plan_id is None:
            raise Conflict(_("This patient has a running plan. Change that one."), "plan-exists")
        await plan_queries.insert_version(actor.scope, plan_id, 1, draft, author(actor), now)
        await history.record(actor, _PLAN, plan_id, from_status=None, to_status="active", action="write", now=now)
        await standing_queries.refresh(actor.scope, [patient_id])
        return await plan_queries.get(actor.scope, plan_id)


async def change_plan(actor: Actor, plan_id: UUID, draft: PlanDraft, version: int, now: datetime) -> Plan:
    """The next version of a running plan. Conflict when somebody has changed it since `version`."""
    plans.check_plan(draft, now.date())
    async with db.transaction():
        plan = await plan_queries.get(actor.scope, plan_id, lock=True)
        status = plans.PLAN.apply(plan.status, "change", actor.role)
        if plan.version != version:
            raise Conflict(_("This plan has changed since you opened it. Look at it again."), "changed")
        next_at = check_ins.first_check_in(now, draft.starts_on, draft.check_in_every_days)
        await plan_queries.rewrite(actor.scope, plan, draft, next_at, now)
        await plan_queries.insert_version(actor.scope, plan_id, plan.version + 1, draft, author(actor), now)
        await history.record(actor, _PLAN, plan_id, from_status=plan.status, to_status=status, action="change", now=now)
        await standing_queries.refresh(actor.scope, [plan.patient_id])
        return await plan_queries.get(actor.scope, plan_id)


async def pause_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime) -> Plan:
    """No further check-ins until it is resumed. A reason is needed."""
    return await _turn(actor, plan_id, "pause", reason, now)


async def resume_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime) -> Plan:
    """Check-ins fall due again, counted from now."""
    return await _turn(actor, plan_id, "resume", reason, now)


async def end_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime) -> Plan:
    """The treatment is over; open check-ins are closed."""
    return await _turn(actor, plan_id, "end", reason, now)


async def _turn(actor: Actor, plan_id: UUID, action: str, reason: str, now: datetime) -> Plan:
    if not reason.strip():
        raise Invalid({"reason": _("Write why.")})
    async with db.transaction():
        plan = await plan_queries.get(actor.scope, plan_id, lock=True)
        status = plans.PLAN.apply(plan.status, action, actor.role)
        next_at = check_ins.next_check_in(now, plan.check_in_every_days) if status == "active" else None
        await plan_queries.set_status(actor.scope, plan_id, status, next_at, now)
        await history.record(
            actor, _PLAN, plan_id, from_status=plan.status, to_status=status, action=action, now=now, reason=reason
        )
        if status != "active":
            await _close_open(actor, plan_id, status, now)
        await standing_queries.refresh(actor.scope, [plan.patient_id])
        return await plan_queries.get(actor.scope, plan_id)


async def _close_open(actor: Actor, plan_id: UUID, status: str, now: datetime) -> None:
    """A pause closes what the cadence asks. How somebody has been since a visit is asked until the treatment ends."""
    for open_one in await check_in_queries.open_of_plan(actor.scope, plan_id):
        if open_one.visit_id is None or status == "completed":
            await move(actor, open_one, "close", now)


async def plan_of(scope: Scope, patient_id: UUID) -> Plan | None:
    """The patient's running plan, or their last."""
    return await plan_queries.of_patient(scope, patient_id)


async def versions_of(scope: Scope, plan_id: UUID) -> list[PlanVersion]:
    """Every version of a plan."""
    return await plan_queries.versions(scope, plan_id)
