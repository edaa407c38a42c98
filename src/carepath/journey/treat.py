"""The provider's treatment plan: written, changed, tapered, paused, ended, and what is seen to beside it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.audit.queries import Change
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Plan, PlanDraft, PlanVersion
from carepath.journey import digest
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _
from carepath.scheduling import service as scheduling

_PLAN = "treatment-plan"


async def may_plan(actor: Actor, patient_id: UUID) -> bool:
    """A plan needs a decision that the treatment suits."""
    evaluation = await evaluations.newest_of_patient(actor.scope, patient_id)
    return evaluation is not None and evaluation.outcome == "suitable"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as its provider sees it: every version, newest first; every step, oldest first; who took them, by name; and
    the check-ins that are late."""

    patient: Patient
    plan: Plan | None
    versions: tuple[PlanVersion, ...]
    steps: tuple[Change, ...]
    names: dict[UUID, str]
    may_plan: bool
    late: tuple[CheckIn, ...] = ()


async def open_plan(actor: Actor, patient_id: UUID, now: datetime) -> PlanFile:
    """The running plan of one's own patient, or their last. NotFound for anybody else's; the look leaves an audit row."""
    must_be_provider(actor)
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient", patient.id, now, patient_id=patient.id)
        plan, may = await followups.plan_of(actor.scope, patient.id), await may_plan(actor, patient.id)
        if plan is None:
            return PlanFile(patient, None, (), (), {}, may)
        await audit.record(actor, "read", _PLAN, plan.id, now, patient_id=patient.id)
        steps = tuple(await followups.steps_of(actor.scope, plan.id))
        names = await accounts.names(actor, sorted({one.author_id for one in steps if one.author_id}))
        late = tuple(c for c in await followups.check_ins_of(actor.scope, patient.id) if c.status == "overdue")
        versions = tuple(await followups.versions_of(actor.scope, plan.id))
        return PlanFile(patient, plan, versions, steps, names, may, late)


async def _today(actor: Actor, now: datetime) -> date:
    """The date on the provider's calendar: a day that they enter is one of theirs."""
    person = await scheduling.practitioner(actor.scope, must_be_provider(actor))
    return digest.today(person.zone, now)


async def write_plan(
    actor: Actor, patient_id: UUID, draft: PlanDraft, now: datetime, seen: frozenset[str] = frozenset()
) -> Plan:
    """The provider's plan. Conflict before the decision that the treatment suits. `seen`: the warnings that they ticked."""
    must_be_provider(actor)
    async with db.transaction():
        await accounts.patient(actor, patient_id)
        if not await may_plan(actor, patient_id):
            raise Conflict(_("Decide first that the treatment suits this patient."), "not-suitable")
        plan = await followups.write_plan(actor, patient_id, draft, now, seen, await _today(actor, now))
        await audit.record(actor, "write", _PLAN, plan.id, now, patient_id=patient_id)
        return plan


async def change_plan(
    actor: Actor, plan_id: UUID, draft: PlanDraft, version: int, reason: str, now: datetime,
    seen: frozenset[str] = frozenset(),
) -> Plan:  # fmt: skip
    """The next version, and why."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await followups.change_plan(actor, plan_id, draft, version, reason, now, seen, await _today(actor, now))
        return await _audited(actor, "change", plan, now)


async def taper_plan(actor: Actor, plan_id: UUID, how: str, version: int, reason: str, now: datetime) -> Plan:
    """The treatment is taken back, in the provider's words; check-ins go on."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await followups.taper_plan(actor, plan_id, how, version, reason, now)
        return await _audited(actor, "taper", plan, now)


async def record_labs(
    actor: Actor, plan_id: UUID, seen_on: date, due_on: date | None, version: int, now: datetime
) -> Plan:
    """The labs were seen: they are due another day."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await followups.record_labs(actor, plan_id, seen_on, due_on, version, now, await _today(actor, now))
        return await _audited(actor, "record-labs", plan, now)


async def record_pdmp(
    actor: Actor, plan_id: UUID, checked_on: date, due_on: date | None, version: int, now: datetime
) -> Plan:
    """The prescription drug monitoring program was looked into: it is due another day."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await followups.record_pdmp(actor, plan_id, checked_on, due_on, version, now, await _today(actor, now))
        return await _audited(actor, "record-pdmp", plan, now)


async def renew(actor: Actor, plan_id: UUID, until: date, version: int, now: datetime) -> Plan:
    """The prescription was renewed."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await followups.renew(actor, plan_id, until, version, now, await _today(actor, now))
        return await _audited(actor, "renew", plan, now)


async def _audited(actor: Actor, action: str, plan: Plan, now: datetime) -> Plan:
    await audit.record(actor, action, _PLAN, plan.id, now, patient_id=plan.patient_id, version=plan.version)
    return plan


async def check_plan_of(actor: Actor, patient_id: UUID, plan_id: UUID) -> None:
    """NotFound unless this is the patient's plan: what a page says of two people belongs together."""
    must_be_provider(actor)
    plan = await followups.plan_of(actor.scope, patient_id)
    if plan is None or plan.id != plan_id:
        raise NotFound


async def _resume(actor: Actor, plan_id: UUID, reason: str, now: datetime, version: int | None) -> Plan:
    return await followups.resume_plan(actor, plan_id, reason, now, version, await _today(actor, now))


_TURNS = {"pause": followups.pause_plan, "resume": _resume, "end": followups.end_plan}


async def turn_plan(
    actor: Actor, plan_id: UUID, action: str, reason: str, now: datetime, version: int | None = None
) -> Plan:
    """Pause, resume or end a plan, with a reason. Conflict when it is in another `version` by now than was looked at."""
    must_be_provider(actor)
    async with db.transaction():
        plan = await _TURNS[action](actor, plan_id, reason, now, version)
        await audit.record(actor, action, _PLAN, plan.id, now, patient_id=plan.patient_id)
        return plan
