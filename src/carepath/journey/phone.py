"""Where a patient can be called: their own word, and theirs to take back."""

from dataclasses import dataclass
from datetime import datetime

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.journey.choose import own
from carepath.kit import db
from carepath.kit.actor import Actor


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """The number that is known, if one is, and whether somebody is about to use it."""

    number: str | None
    is_to_be_called: bool


async def open_phone(actor: Actor, now: datetime) -> OwnPhone:
    """What the clinic knows. Looking at one's own number is recorded like any other look."""
    patient_id = own(actor)
    async with db.transaction():
        found = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "patient", patient_id, now, patient_id=patient_id)
        return OwnPhone(found.phone, await followups.is_to_be_called(actor.scope, patient_id))


async def say(actor: Actor, number: str, now: datetime) -> None:
    """Keep this number; an empty one removes it. Invalid for what is none.

    Removed even while a call is to be made: the phone may be in wrong hands by now. Who was to call then reads that no
    number is known, and writes.
    """
    patient_id = own(actor)
    async with db.transaction():
        await accounts.say_phone(actor, patient_id, number)
        action = "say-phone" if number else "remove-phone"
        await audit.record(actor, action, "patient", patient_id, now, patient_id=patient_id)
