"""A provider's day: consults in order, with what to know before each, and whether its room can be entered."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carepath.audit import service as audit
from carepath.journey import digest
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, Entrance
from carepath.worklists import day as worklist
from carepath.worklists.day import DayRow

REACH = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Consult:
    """One visit of the day: the visit itself, what to know, and its door."""

    visit: Appointment
    facts: DayRow
    entrance: Entrance


async def my_day(actor: Actor, on: date, zone: str, now: datetime) -> list[Consult]:
    """One's own consults that begin on that date of one's zone. Invalid `on` for a date far from now."""
    must_be_provider(actor)
    if abs(on - digest.today(zone, now)) > REACH:
        raise Invalid({"on": _("Choose a date within a year.")})
    async with db.transaction():
        rows = await worklist.day(actor.scope, *digest.day_of(zone, on))
        await audit.record(actor, "read", "day", None, now, rows=len(rows), on=on.isoformat())
        visits = await scheduling.visits(actor.scope, [row.appointment_id for row in rows])
        # A door asks the rules only of a visit at which its patient is: of one's own, one or two at a time.
        doors = {one: await scheduling.entrance(actor.scope, visits[one], now) for one in visits}
        return [Consult(visits[row.appointment_id], row, doors[row.appointment_id]) for row in rows]
