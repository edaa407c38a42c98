"""The patient goes no further: their application ends, whoever looked at it is told, and times kept for it are free."""

from dataclasses import dataclass
from datetime import datetime

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Evaluation
from carepath.intake import service as intakes
from carepath.journey import book, waitlist
from carepath.journey.choose import FIRST_VISIT, own
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import Conflict
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

_PENDING = frozenset({"requested", "in-progress", "on-hold"})


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What there is to withdraw, and the first visit that is booked, if one is."""

    evaluation: Evaluation
    visit: Appointment | None


async def open_withdrawal(actor: Actor, now: datetime) -> Withdrawal:
    """What a withdrawal would end. Conflict when there is nothing."""
    patient_id = own(actor)
    async with db.transaction():
        found = await evaluations.newest_of_patient(actor.scope, patient_id)
        if found is None or found.status not in _PENDING:
            raise Conflict(_("There is nothing to withdraw. What was decided is on your page."), "nothing")
        await audit.record(actor, "read", "evaluation", found.id, now, patient_id=patient_id)
        return Withdrawal(found, _to_come(await scheduling.appointments_of(actor.scope, patient_id), now))


def _to_come(visits: list[Appointment], now: datetime) -> Appointment | None:
    return next((v for v in visits if v.visit_type == FIRST_VISIT and v.status == "booked" and v.start_at > now), None)


async def withdraw(actor: Actor, cancels_visit: bool, now: datetime) -> Evaluation:
    """End it. Times that are only held, and the waiting for one, end with it; a booked visit where the patient says so."""
    own(actor)

    async def work() -> Evaluation:
        # Calendars first, as in a booking, which comes to the evaluation last; a Conflict below undoes it all.
        await _free_times(actor, cancels_visit, now)
        ended = await evaluations.withdraw(actor, now)
        await intakes.step(actor, ended.intake_id, "withdraw", now)
        if ended.practitioner_id is not None:
            for account in await accounts.providers_to_alert(ended.practitioner_id):
                await notifications.enqueue(
                    "evaluation-withdrawn", "account", account.id, "evaluation", ended.id, ended.version, now, now
                )
        await audit.record(actor, "withdraw", "evaluation", ended.id, now, patient_id=ended.patient_id)
        return ended

    return await book.settled(work)


async def _free_times(actor: Actor, cancels_visit: bool, now: datetime) -> None:
    for one in await waitlist.requests_of(actor):
        if one.is_open and one.visit_type == FIRST_VISIT:
            await waitlist.withdraw(actor, one.id, "", now)
    visits = await scheduling.appointments_of(actor.scope, own(actor))
    for visit in visits:
        if visit.visit_type == FIRST_VISIT and visit.status == "proposed":
            await book.release(actor, visit.id, now)
    booked = _to_come(visits, now)
    if cancels_visit and booked is not None:
        await book.cancel(actor, booked.id, "", now)
