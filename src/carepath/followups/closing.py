"""A late check-in that its provider closes: they have reached the patient, or need no answer any more."""

from datetime import datetime
from uuid import UUID

from carepath.audit import history
from carepath.audit.queries import Change
from carepath.followups import coming_due, standing_queries
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.checking_in import get_check_in, held_check_in, move
from carepath.followups.windowing import look_again
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.words import _

REASONS = {
    "reached": _("Reached by phone"), "declined": _("The patient declined"), "not-needed": _("Not needed"),
    "other": _("Another reason"),
}  # fmt: skip
LIMIT = 500
_TOO_LATE = {
    "completed": _("The patient has answered meanwhile: nothing is closed. Their answers are on their page."),
    "cancelled": _("This check-in is closed already."),
}


async def close_late(actor: Actor, patient_id: UUID, check_in_id: UUID, why: str, words: str, now: datetime) -> CheckIn:
    """Close it: nobody reminds, calls or waits any more, and the next one is counted from now, as after an answer.
    Invalid without a reason; Conflict when it was answered or closed meanwhile, or is not late."""
    reason = _reason(why, words.strip())
    async with db.transaction():
        if (await get_check_in(actor.scope, check_in_id)).patient_id != patient_id:
            raise NotFound
        found = await held_check_in(actor.scope, check_in_id)
        if found.status in _TOO_LATE:
            raise Conflict(_TOO_LATE[found.status], found.status)
        await move(actor, found, "close-late", now, reason)
        await coming_due.lapse(found.patient_id, now)
        if found.visit_id is None:
            # Counted from what was last answered, the same questions would be asked again at once.
            await look_again(found.plan_id, now, anew=True)
        await standing_queries.refresh(SYSTEM.scope, [found.patient_id])
        return found


def _reason(why: str, words: str) -> str:
    problems = {}
    if why not in REASONS:
        problems["close_reason"] = _("Choose why.")
    if why == "other" and not words:
        problems["close_words"] = _("Write why.")
    if len(words) > LIMIT:
        problems["close_words"] = _("This can have at most {limit} characters.").format(limit=LIMIT)
    if problems:
        raise Invalid(problems)
    return words if why == "other" else f"{REASONS[why]}: {words}" if words else REASONS[why]


async def closing_of(scope: Scope, check_in_id: UUID) -> Change | None:
    """Who closed a check-in in reach, when and why; None of one that is open or answered."""
    await get_check_in(scope, check_in_id)
    steps = await history.of(scope, "check-in", check_in_id)
    return next((one for one in reversed(steps) if one.to_status == "cancelled"), None)
