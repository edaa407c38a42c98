"""The provider's treatment plan: written, changed, paused, ended."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from carepath.audit import history
from carepath.audit.queries import Change
from carepath.followups import check_in_queries, plan_queries, standing_queries
from carepath.followups.catalogue import followups
from carepath.followups.checking_in import move
from carepath.followups.plan_catalogue import PlanRule
from carepath.followups.plan_queries import Plan, PlanVersion
from carepath.followups.readings import keep_scores
from carepath.followups.rules import limits, plans
from carepath.followups.rules.history import PlanPoint
from carepath.followups.rules.home import HomeRule, home_problems
from carepath.followups.rules.limits import RangeWarning
from carepath.followups.rules.plan_checks import check_plan
from carepath.followups.rules.plans import PlanDraft
from carepath.followups.windowing import look_again
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.words import _

_PLAN = "treatment-plan"


def author(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise Refused(_("Only a provider writes a plan."))
    return actor.account_id


async def write_plan(
    actor: Actor, patient_id: UUID, draft: PlanDraft, now: datetime, seen: frozenset[str] = frozenset(),
    today: date | None = None,
) -> Plan:  # fmt: skip
    """A new plan. Invalid names the fields; Unseen what is beyond the clinic's limits and not in `seen`; Conflict when
    the patient has a running one. `today` is the author's own date, here and below; that of UTC where they have none."""
    warnings = _checked(draft, seen, today or now.date())
    if draft.phase not in plans.FIRST_PHASES:
        raise Invalid({"phase": _("A plan does not begin with its taper.")})
    async with db.transaction():
        plan_id = await plan_queries.insert(actor.scope, patient_id, draft, now, now)
        if plan_id is None:
            raise Conflict(_("This patient has a running plan. Change that one."), "plan-exists")
        await plan_queries.insert_version(actor.scope, plan_id, 1, draft, warnings, author(actor), now)
        await history.record(actor, _PLAN, plan_id, from_status=None, to_status="active", action="write", now=now)
        await look_again(plan_id, now)
        await keep_scores(patient_id)
        await standing_queries.refresh(actor.scope, [patient_id])
        return await plan_queries.get(actor.scope, plan_id)


def _checked(
    draft: PlanDraft, seen: frozenset[str], today: date, before: PlanDraft | None = None
) -> tuple[RangeWarning, ...]:  # fmt: skip
    """What the author is shown of the clinic's limits, once nothing is wrong."""
    rules = followups()
    check_plan(draft, rules.home, today, before)
    found = limits.warnings(draft, rules.limits)
    limits.check_seen(found, seen)
    return found


async def change_plan(
    actor: Actor, plan_id: UUID, draft: PlanDraft, version: int, reason: str, now: datetime,
    seen: frozenset[str] = frozenset(), today: date | None = None,
) -> Plan:  # fmt: skip
    """The next version of a running plan; a paused one stays paused. Conflict when somebody has changed it since
    `version`."""
    check_reason("reason", reason)
    before = plans.draft_of(await plan_queries.get(actor.scope, plan_id))
    warnings = _checked(draft, seen, today or now.date(), before)
    async with db.transaction():
        plan, _status = await lock_at(actor, plan_id, "change", version)
        phase = plans.turn_phase(plan.phase, draft.phase, actor.role, "change")
        kept = replace(
            draft.details, labs_seen_on=plan.details.labs_seen_on, pdmp_checked_on=plan.details.pdmp_checked_on
        )
        new = Rewrite(replace(draft, phase=phase, details=kept), "change", reason, warnings)
        return await rewrite(actor, plan, new, now)


async def taper_plan(actor: Actor, plan_id: UUID, how: str, version: int, reason: str, now: datetime) -> Plan:
    """The phase in which the treatment is taken back, in the provider's words. Check-ins go on."""
    check_reason("reason", reason)
    if not how.strip() or len(how) > 1000:
        raise Invalid({"taper": _("Write how, in at most 1000 characters.")})
    async with db.transaction():
        plan, _status = await lock_at(actor, plan_id, "taper", version)
        phase = plans.turn_phase(plan.phase, "taper", actor.role, "taper")
        draft = plans.draft_of(plan)
        tapered = replace(draft, phase=phase, details=replace(draft.details, taper=how.strip()))
        return await rewrite(actor, plan, Rewrite(tapered, "taper", reason), now)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The next version of a plan, by which action it comes to be and why."""

    draft: PlanDraft
    action: str
    reason: str
    warnings: tuple[RangeWarning, ...] = ()


async def lock_at(actor: Actor, plan_id: UUID, action: str, version: int | None) -> tuple[Plan, str]:
    """The plan, held until the transaction ends, and the state that `action` leads to. Conflict where it leads nowhere,
    or when the plan is in another `version` by now than was looked at."""
    plan = await plan_queries.get(actor.scope, plan_id, lock=True)
    status = plans.PLAN.apply(plan.status, action, actor.role)
    if version not in (None, plan.version):
        raise Conflict(_("This plan has changed since you opened it. Look at it again."), "changed")
    return plan, status


async def rewrite(actor: Actor, plan: Plan, new: Rewrite, now: datetime) -> Plan:
    """Write the next version and its step. While a plan is paused nothing falls due."""
    status = plans.PLAN.apply(plan.status, new.action, actor.role)
    await plan_queries.rewrite(actor.scope, plan, new.draft, now if status == "active" else None, now)
    number, by = plan.version + 1, author(actor)
    await plan_queries.insert_version(actor.scope, plan.id, number, new.draft, new.warnings, by, now)
    await history.record(
        actor, _PLAN, plan.id, from_status=plan.status, to_status=status, action=new.action, now=now, reason=new.reason
    )
    if status == "active":
        await look_again(plan.id, now)
    await standing_queries.refresh(actor.scope, [plan.patient_id])
    return await plan_queries.get(actor.scope, plan.id)


def check_reason(field: str, reason: str) -> None:
    """Every step of a running plan says why. Invalid names the field."""
    if not reason.strip():
        raise Invalid({field: _("Write why.")})


async def pause_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime, version: int | None = None) -> Plan:
    """No further check-ins until it is resumed. A reason is needed."""
    return await _turn(actor, plan_id, "pause", reason, now, version)


async def resume_plan(
    actor: Actor, plan_id: UUID, reason: str, now: datetime, version: int | None = None, today: date | None = None
) -> Plan:
    """Check-ins fall due again, counted from now."""
    return await _turn(actor, plan_id, "resume", reason, now, version, today)


async def end_plan(actor: Actor, plan_id: UUID, reason: str, now: datetime, version: int | None = None) -> Plan:
    """The treatment is over; open check-ins are closed."""
    return await _turn(actor, plan_id, "end", reason, now, version)


async def _turn(
    actor: Actor, plan_id: UUID, action: str, reason: str, now: datetime, version: int | None,
    today: date | None = None,
) -> Plan:  # fmt: skip
    check_reason("reason", reason)
    async with db.transaction():
        plan, status = await lock_at(actor, plan_id, action, version)
        if action == "resume" and plan.setting == "home":
            _check_home(plan, today or now.date())
        phase = plans.PHASE.apply(plan.phase, "end", actor.role) if action == "end" else plan.phase
        await plan_queries.set_status(actor.scope, plan_id, status, phase, now if status == "active" else None, now)
        await history.record(
            actor, _PLAN, plan_id, from_status=plan.status, to_status=status, action=action, now=now, reason=reason
        )
        if status == "active":
            await look_again(plan_id, now, anew=True)
        else:
            await _close_open(actor, plan_id, status, now)
        await standing_queries.refresh(actor.scope, [plan.patient_id])
        return await plan_queries.get(actor.scope, plan_id)


def _check_home(plan: Plan, today: date) -> None:
    """Sessions at home begin again behind the same gate: not on a reading from before the pause."""
    gate, rule = plan.details.home, followups().home
    if home_problems(rule, gate, plan.sessions_planned, today):
        words = _("The next session would be at home. Write the next version with a fresh reading first, then resume.")
        raise Conflict(words, "home-gate")


async def _close_open(actor: Actor, plan_id: UUID, status: str, now: datetime) -> None:
    """A pause closes what the cadence asks. How somebody has been since a visit is asked until the treatment ends."""
    for open_one in await check_in_queries.open_of_plan(actor.scope, plan_id):
        if open_one.visit_id is None or status == "completed":
            await move(actor, open_one, "close", now)


async def plan_of(scope: Scope, patient_id: UUID) -> Plan | None:
    """The patient's running plan, or their last."""
    return await plan_queries.of_patient(scope, patient_id)


async def plan(scope: Scope, plan_id: UUID) -> Plan:
    """One plan within the scope."""
    return await plan_queries.get(scope, plan_id)


async def versions_of(scope: Scope, plan_id: UUID) -> list[PlanVersion]:
    """Every version of a plan."""
    return await plan_queries.versions(scope, plan_id)


async def plan_points(scope: Scope, plan_id: UUID) -> tuple[PlanPoint, ...]:
    """What each version said from its writing on, oldest first."""
    return tuple(plan_queries.point_of(one) for one in reversed(await plan_queries.versions(scope, plan_id)))


async def steps_of(scope: Scope, plan_id: UUID) -> list[Change]:
    """Every step of a plan in reach, oldest first, with its reason."""
    await plan_queries.get(scope, plan_id)
    return await history.of(scope, _PLAN, plan_id)


def plan_rule() -> PlanRule:
    """When labs and register are due again, as the clinic says."""
    return followups().plan


def home_rule() -> HomeRule:
    """Whether and how sessions take place at home, as the clinic says."""
    return followups().home
