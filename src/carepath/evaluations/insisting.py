"""Urgent tasks that nobody has seen to in time: told again and again until somebody says what they did."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.evaluations import insisting_queries, rules
from carepath.evaluations.catalogue import evaluations as catalogue
from carepath.evaluations.queries import Late
from carepath.evaluations.rules import escalation
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Role

_SUBJECT = "urgent-task"


async def escalate_tasks(now: datetime, limit: int) -> list[Late]:
    """Open tasks that are late and of which somebody is to be told now: each with how often that is by now."""
    found_rule = catalogue().task_escalation
    async with db.transaction():
        found = await insisting_queries.lock_late(SYSTEM.scope, now, limit)
        for one in found:  # the machine has a say, though the state stays
            rules.URGENT_TASK.apply(one.status, "escalate", Role.SYSTEM)
        told = {
            one.id: escalation.insist(found_rule.steps, found_rule.again_hours, one.due_at, one.told, now)
            for one in found
        }
        await insisting_queries.set_told(SYSTEM.scope, [(one, *step) for one, step in told.items()])
        steps = {one.id: (one.status, one.status) for one in found}
        await history.record_each(SYSTEM, _SUBJECT, steps, "escalate", now)
        return [Late(one.id, one.practitioner_id, one.status, one.due_at, told[one.id][0]) for one in found]


async def give_to_all(ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Tasks of somebody who cannot see to them any more are everybody's; whom each is about."""
    return await insisting_queries.give_to_all(SYSTEM.scope, ids)


async def late_tasks_by_owner(now: datetime) -> list[tuple[UUID | None, int, int]]:
    """(whose, how often told, how many) of what is open, late and was told."""
    return await insisting_queries.late_by_owner(SYSTEM.scope, now)


def is_told_of_task(told: int, role: Role, is_owner: bool, has_owner: bool) -> bool:
    """Is somebody among those who hear of a task that was told so often? While nobody has it, coordinators do as well:
    they can ask a provider to."""
    found = escalation.audience(catalogue().task_escalation.steps, told)
    if not has_owner:
        found |= {"coordinators"}
    return escalation.concerns(found, role, is_owner, has_owner)
