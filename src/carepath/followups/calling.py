"""Calls that coordinators are asked to make when a check-in stays unanswered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.followups import call_queries
from carepath.followups.call_queries import Call
from carepath.followups.catalogue import followups
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.rules.check_ins import CALL
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Invalid, Refused
from carepath.kit.words import _

_CALL = "patient-call"
_NOTE = 1000


async def ask(found: CheckIn, now: datetime) -> None:
    """The worker's, in the caller's transaction: somebody is to be called about this check-in, once."""
    call_id = await call_queries.insert(SYSTEM.scope, found, now)
    if call_id is not None:
        await history.record(SYSTEM, _CALL, call_id, from_status=None, to_status="requested", action="ask", now=now)


async def cancel(check_in_ids: Sequence[UUID], now: datetime) -> None:
    """In the caller's transaction: these check-ins were answered or closed, so nobody is called about them."""
    calls = await call_queries.of_check_ins(SYSTEM.scope, check_in_ids)
    steps = {one.id: (one.status, CALL.apply(one.status, "cancel", SYSTEM.role)) for one in calls}
    await call_queries.cancel(SYSTEM.scope, list(steps))
    await history.record_each(SYSTEM, _CALL, steps, "cancel", now)


async def call_of(scope: Scope, check_in_id: UUID) -> Call | None:
    """What came of calling about a check-in, for the patient's own provider."""
    return await call_queries.of_check_in(scope, check_in_id)


async def is_to_be_called(scope: Scope, patient_id: UUID) -> bool:
    """Whether a coordinator is about to call this patient."""
    return await call_queries.waits_for(scope, patient_id)


async def record_call(actor: Actor, call_id: UUID, was_reached: bool, note: str, now: datetime) -> Call:
    """Called, with a note; or nobody was reached, and it is tried again later. Conflict when it is done or off."""
    if actor.account_id is None:
        raise Refused(_("This is for coordinators."))
    _check(was_reached, note)
    action = "complete" if was_reached else "try-again"
    async with db.transaction():
        found = await call_queries.get(actor.scope, call_id)
        status = CALL.apply(found.status, action, actor.role)
        if was_reached:
            await call_queries.complete(actor.scope, call_id, note.strip(), actor.account_id, now)
        else:
            again = now + timedelta(hours=followups().cadence.call_again_hours)
            await call_queries.try_again(actor.scope, call_id, again, now)
        await history.record(
            actor, _CALL, call_id, from_status=found.status, to_status=status, action=action, now=now,
            reason=note.strip() or None,
        )  # fmt: skip
        return await call_queries.get(actor.scope, call_id)


def _check(was_reached: bool, note: str) -> None:
    if was_reached and not note.strip():
        raise Invalid({"note": _("Write what was said.")})
    if len(note) > _NOTE:
        raise Invalid({"note": _("This can have at most {limit} characters.").format(limit=_NOTE)})
