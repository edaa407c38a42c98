"""Check-ins as the worker opens them and the provider reads them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.audit.queries import Change
from carepath.followups import service as followups
from carepath.followups.service import Call, CheckIn
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.notifications import service as notifications
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Response
from carepath.scheduling import service as scheduling
from carepath.worklists import sessions

_CHECK_IN = "check-in"


@dataclass(frozen=True, slots=True)
class CheckInFile:
    """One check-in as the provider reads it; without responses it is not answered yet. `closing`: how it was closed, and
    `closed_by` whom, if it was a member of staff."""

    check_in: CheckIn
    patient: Patient
    responses: tuple[Response, ...]
    call: Call | None
    closing: Change | None
    closed_by: str


async def read_check_in(actor: Actor, check_in_id: UUID, now: datetime) -> CheckInFile:
    """What one of one's own patients answered. A draft that was not sent is not shown."""
    must_be_provider(actor)
    async with db.transaction():
        found = await followups.get_check_in(actor.scope, check_in_id)
        await audit.record(actor, "read", _CHECK_IN, found.id, now, patient_id=found.patient_id)
        given = await questionnaires.responses_of(actor.scope, _CHECK_IN, found.id)
        patient = await accounts.patient(actor, found.patient_id)
        closing = await followups.closing_of(actor.scope, found.id)
        names = await accounts.names(actor, [closing.author_id]) if closing and closing.author_id else {}
        return CheckInFile(
            found, patient, tuple(one for one in given if one.status != "in-progress"),
            await followups.call_of(actor.scope, found.id), closing, next(iter(names.values()), ""),
        )  # fmt: skip


async def close_check_in(
    actor: Actor, patient_id: UUID, check_in_id: UUID, why: str, words: str, now: datetime
) -> None:
    """Close a late check-in of one's own patient, with a reason. Conflict when the patient was faster."""
    must_be_provider(actor)
    async with db.transaction():
        found = await followups.close_late(actor, patient_id, check_in_id, why, words, now)
        await audit.record(actor, "close-late", _CHECK_IN, found.id, now, patient_id=patient_id)


async def tick(now: datetime) -> tuple[int, int]:
    """The worker's round: (check-ins opened, check-ins marked overdue), each with its message; then the further steps of
    the ladder: a call is asked for, the refill is to wait. One check-in takes one step in a round."""
    async with db.transaction():
        opened = await followups.open_due(now)
        for found in opened:
            # Who looks earlier may answer earlier; the mail leaves when the answers are wanted.
            await _tell("check-in-due", found, max(found.due_at, now), now, found.overdue_at)
    async with db.transaction():
        late = await followups.mark_overdue(now)
        for found in late:
            await _tell("check-in-overdue", found, now, now)
    for step in (2, 3):
        async with db.transaction():
            await followups.climb(step, now)
    async with db.transaction():
        await followups.close_abandoned(now)
    return len(opened), len(late)


async def after_sessions(now: datetime) -> int:
    """The worker's round: how many patients are asked how they have been since a visit, each with a message."""
    async with db.transaction():
        ended_by = now - followups.after_session_wait()
        visits = await sessions.due(SYSTEM.scope, scheduling.kinds_asked_after(), ended_by)
        opened = await followups.open_after(visits, now) if visits else []
        for found in opened:
            await _tell("after-session", found, now, now)
    return len(opened)


async def _tell(
    kind: str, found: CheckIn, due_at: datetime, now: datetime, useful_until: datetime | None = None
) -> None:
    await notifications.enqueue(kind, "patient", found.patient_id, _CHECK_IN, found.id, 1, due_at, now, useful_until)
