"""One's visits in one's own calendar program, at a secret address. No name, not even the clinic's, nothing clinical, no
video room."""

from datetime import datetime

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.journey.letters.desk import Desk
from carepath.kit import db, limits
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import NotFound
from carepath.kit.limits import Limit
from carepath.kit.words import _
from carepath.notifications import calendar
from carepath.notifications.calendar import Organizer
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import CalendarAddress

_SUBJECT = "calendar-feed"
_READINGS = Limit("calendar-feed", 120, 3600)


async def address(actor: Actor) -> CalendarAddress | None:
    """Whether one has an address, and when it was last read."""
    return await scheduling.calendar_address(actor)


async def make(actor: Actor, base_url: str, now: datetime) -> str:
    """A new address, shown this once; an older one reads nothing from now on."""
    async with db.transaction():
        address_id, token = await scheduling.make_calendar_address(actor, now)
        await audit.record(actor, "make", _SUBJECT, address_id, now, patient_id=actor.patient_id)
    return f"{base_url}/calendar/{token}.ics"


async def revoke(actor: Actor, now: datetime) -> None:
    """End one's address; again is harmless."""
    async with db.transaction():
        address_id = await scheduling.revoke_calendar_address(actor, now)
        if address_id is not None:
            await audit.record(actor, "revoke", _SUBJECT, address_id, now, patient_id=actor.patient_id)


async def read(reader: Actor, token: str, desk: Desk, now: datetime) -> bytes:
    """The file at an address, for whoever knows it: a calendar program has no session.

    NotFound for every token that opens nothing, whatever the reason. Each reading leaves its audit row.
    """
    found = await scheduling.address_of_token(token)
    if found.practitioner_id is not None and not await accounts.is_active_provider(found.practitioner_id):
        raise NotFound
    await limits.count(_READINGS, str(found.id))
    async with db.transaction():
        visits = await scheduling.published(found, now)
        await audit.record(reader, "read", _SUBJECT, found.id, now, patient_id=found.patient_id, rows=len(visits))
    page = "/home" if found.scope.role is Role.PATIENT else "/provider"
    entries = [desk.entry(one, _("Video visit") if one.room else _("Visit"), page) for one in visits]
    # Calendars are shared with families and employers, and a clinic's name may tell what it treats: it is left out.
    return calendar.feed(entries, _("Visits"), Organizer("", desk.clinic.email), now)
