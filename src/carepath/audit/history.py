"""Status history: immutable rows with an author."""

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


async def of(scope: Scope, subject: str, subject_id: UUID) -> list[Change]:
    """The steps of a thing that `scope` has already reached, oldest first."""
    return await queries.changes_of(scope, subject, subject_id)
