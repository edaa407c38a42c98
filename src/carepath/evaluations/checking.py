"""What a provider has seen to before approving."""

from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.evaluations import check_queries, queries, rules
from carepath.evaluations.page_catalogue import page
from carepath.evaluations.queries import Evaluation
from carepath.evaluations.rules import checklist
from carepath.evaluations.rules.checklist import Entry, Known, Line
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _

SUBJECT = "evaluation"


async def entries(scope: Scope, evaluation_id: UUID) -> dict[str, Entry]:
    """The newest entry of each item."""
    return await check_queries.entries(scope, evaluation_id)


def lines(known: Known) -> tuple[Line, ...]:
    """The checklist as it stands."""
    return checklist.lines(known, page().checklist)


async def enter(actor: Actor, evaluation_id: UUID, entry: Entry, known: Known, now: datetime) -> None:
    """Enter one item, or take it back. Invalid names the field that cannot be so."""
    if entry.is_done:
        checklist.check_entry(entry, known)
    async with db.transaction():
        found = await open_and_mine(actor, evaluation_id)
        assert actor.account_id is not None
        await check_queries.insert_entry(actor.scope, found.id, entry, actor.account_id, now)
        await note_step(actor, found, f"check-{entry.item}" if entry.is_done else f"uncheck-{entry.item}", now)


async def open_and_mine(actor: Actor, evaluation_id: UUID) -> Evaluation:
    """An undecided evaluation of this provider, locked. NotFound for anybody else, Conflict once it is decided."""
    found = await queries.get(actor.scope, evaluation_id, lock=True)
    if actor.practitioner_id is None or found.practitioner_id != actor.practitioner_id:
        raise NotFound
    if found.status not in rules.PENDING:
        raise Conflict(_("This evaluation is closed; nothing can be changed in it."), found.status)
    return found


async def note_step(actor: Actor, found: Evaluation, action: str, now: datetime, reason: str | None = None) -> None:
    """A line in the evaluation's history that leaves its state as it is."""
    await history.record(
        actor, SUBJECT, found.id, from_status=found.status, to_status=found.status, action=action, now=now,
        reason=reason,
    )  # fmt: skip
