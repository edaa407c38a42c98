"""Status history: immutable rows with an author."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.audit import queries
from carepath.audit.queries import Change
from carepath.kit.actor import Actor, Scope


async def record(
    actor: Actor,
    subject: str,
    subject_id: UUID,
    *,
    from_status: str | None,
    to_status: str,
    action: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Append a step, in the caller's transaction. `reason` is free text and is sealed."""
    change = Change(from_status, to_status, action, actor.role, actor.author_id, reason, now)
    await queries.insert_change(actor.scope, subject, subject_id, actor.request_id, change)


async def record_each(
    actor: Actor, subject: str, states: Mapping[UUID, tuple[str, str]], action: str, now: datetime
) -> None:
    """Append the same step to the history of several things at once: (state before, state after) by id."""
    changes = [
        (one, Change(before, after, action, actor.role, actor.author_id, None, now))
        for one, (before, after) in states.items()
    ]
    if changes:
        await queries.insert_changes(actor.scope, subject, actor.request_id, changes)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first step of a thing that is about to be written: who begins it, as what, by which action and why."""

    actor: Actor
    subject: str
    status: str
    action: str
    now: datetime
    reason: str | None = None


async def begin(step: Beginning, statement: str, *args: object) -> bool:
    """Run `statement` (an INSERT of one row that RETURNs its id) and append the step, in one round trip: neither is
    there without the other. False when nothing was inserted."""
    change = Change(None, step.status, step.action, step.actor.role, step.actor.author_id, step.reason, step.now)
    actor = step.actor
    return await queries.insert_with(actor.scope, statement, args, step.subject, actor.request_id, change)


async def of(scope: Scope, subject: str, subject_id: UUID) -> list[Change]:
    """The steps of a thing that `scope` has already reached, oldest first."""
    return await queries.changes_of(scope, subject, subject_id)
