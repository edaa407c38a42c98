"""The provider's treatment plan: written, changed, paused, ended."""

from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.followups.service import Plan, PlanDraft
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _

_PLAN = "treatment-plan"


async def may_plan(actor: Actor, patient_id: UUID) -> bool:
    """A plan needs a decision that the treatment suits."""
    evaluation = await evaluations.newest_of_patient(actor.scope, patient_id)
    return evaluation is not None and evaluation.outcome == "suitable"


async def write_plan(actor: Actor, patient_id: UUID, draft: PlanDraft, now: datetime) -> Plan:
    """The provider's plan. Conflict before the decision that the treatment suits."""
    must_be_provider(actor)
    async with db.transaction():
        await accounts.patient(actor, patient_id)
        if not await may_plan(actor, patient_id):
            raise Conflict(_("Decide first that the treatment suits this patient."), "not-suitable")
        plan = await followups.write_plan(actor, patient_id, draft, now)
        await audit.record(actor, "write", _PLAN, plan.id, now, patient_id=patient_id)
        return plan


async def change_plan(actor: Actor, plan_id: UUID, draft: PlanDraft, version: int, now: datetime) -> Plan:
    """The next version."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await followups.change_plan(actor, plan_id, draft, version, now)
        await audit.record(actor, "change", _PLAN, plan.id, now, patient_id=plan.patient_id, version=plan.version)
        return plan


async def check_plan_of(actor: Actor, patient_id: UUID, plan_id: UUID) -> None:
    """NotFound unless this is the patient's plan: what a page says of two people belongs together."""
    must_be_provider(actor)
    plan = await followups.plan_of(actor.scope, patient_id)
    if plan is None or plan.id != plan_id:
        raise NotFound


_TURNS = {"pause": followups.pause_plan, "resume": followups.resume_plan, "end": followups.end_plan}


async def turn_plan(actor: Actor, plan_id: UUID, action: str, reason: str, now: datetime) -> Plan:
    """Pause, resume or end a plan, with a reason."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await _TURNS[action](actor, plan_id, reason, now)
        await audit.record(actor, action, _PLAN, plan.id, now, patient_id=plan.patient_id)
        return plan
