"""A provider opens the record of somebody whom they do not look after, with a reason and for a time (docs/adr/0019)."""

from datetime import datetime, timedelta
from uuid import UUID

from carepath.accounts import emergency_queries, queries
from carepath.accounts.emergency_queries import Opening
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.kit.limits import Limit
from carepath.kit.words import _

LASTS = timedelta(hours=4)
LEAST, MOST = 10, 500  # characters of a reason
TRIES = Limit("break-glass", 10, 60 * 60)
_SHOWN = 50


def check_reason(reason: str) -> None:
    """Invalid `reason` when it is too short to tell anybody why, or too long."""
    if len(reason.strip()) < LEAST:
        raise Invalid({"reason": _("Write why, in at least {n} characters.").format(n=LEAST)})
    if len(reason.strip()) > MOST:
        raise Invalid({"reason": _("This can have at most {limit} characters.").format(limit=MOST)})


async def open_for(actor: Actor, patient_id: UUID, reason: str, now: datetime) -> tuple[Opening, bool]:
    """In the caller's transaction: (the opening, is it new). While one runs it is that one, with its own reason and end.
    Invalid for a bad reason."""
    if actor.role is not Role.PROVIDER or actor.account_id is None:
        raise Refused(_("This is for providers."))
    check_reason(reason)
    opening = Opening(new_id(), actor.account_id, patient_id, reason.strip(), now, now + LASTS)
    if await emergency_queries.insert(actor.scope, opening, actor.request_id):
        return opening, True
    found = await running(actor, patient_id, now)
    if found is None:
        raise NotFound  # switched off at this very moment
    return found, False


async def running(actor: Actor, patient_id: UUID, now: datetime) -> Opening | None:
    """By which this provider reads the patient's record at this moment; None without one."""
    return await emergency_queries.running(actor.scope, patient_id, now)


async def of_patient(actor: Actor, patient_id: UUID) -> list[Opening]:
    """When and why a patient's record was opened, newest first, as far as the actor may know."""
    return await emergency_queries.of_patient(actor.scope, patient_id, _SHOWN)


async def of_own_patients(actor: Actor) -> list[Opening]:
    """What colleagues opened of a provider's own patients, newest first."""
    return await emergency_queries.of_own_patients(actor.scope, _SHOWN)


async def newest(actor: Actor) -> list[Opening]:
    """What was opened of anybody, without the reasons, for an admin."""
    return await emergency_queries.newest(actor.scope, _SHOWN)


async def owners(patient_id: UUID) -> frozenset[UUID]:
    """The practitioners who look after a patient."""
    return frozenset(await emergency_queries.owners(SYSTEM.scope, patient_id))


async def whom_to_tell(patient_id: UUID) -> list[UUID]:
    """The accounts that are told of an opening: the patient's own providers and every admin, each once."""
    own = await owners(patient_id)
    found = await queries.colleagues(SYSTEM.scope, [Role.PROVIDER, Role.ADMIN])
    return [one.id for one in found if one.role is Role.ADMIN or one.practitioner_id in own]
