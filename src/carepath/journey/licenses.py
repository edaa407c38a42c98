"""Where a provider may treat patients, as the office keeps it. A licence is never deleted: it gets a last day."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import STAFF, Actor, Role
from carepath.kit.errors import Invalid, Refused
from carepath.kit.words import _
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, Licence, Practitioner, Warned

_OFFICE = frozenset({Role.COORDINATOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Held:
    """One licence, and how many visits to come are booked for its state on its days."""

    licence: Licence
    visits: int


@dataclass(frozen=True, slots=True)
class Licences:
    """A provider's licences; `uncovered` visits to come have none that is valid on their day."""

    practitioner: Practitioner
    held: list[Held]
    uncovered: int


def _office(actor: Actor) -> None:
    if actor.role not in _OFFICE:
        raise Refused(_("This is for coordinators and admins."))


async def licenses(actor: Actor, practitioner_id: UUID, now: datetime) -> Licences:
    """Where a provider is or was licensed. Visits are counted; whose they are is not said."""
    _office(actor)
    async with db.transaction():
        person = await scheduling.practitioner(actor.scope, practitioner_id)
        found = await scheduling.licences_of(actor.scope, person.id)
        visits = await scheduling.visits_to_come(actor.scope, person.id, now)
        await audit.record(actor, "read", "licenses", person.id, now, rows=len(found))
        held = [Held(one, sum(scheduling.covers(one, visit) for visit in visits)) for one in found]
        return Licences(person, held, _uncovered(visits))


async def grant(
    actor: Actor, practitioner_id: UUID, jurisdiction: str, valid_from: date, valid_until: date | None, now: datetime
) -> int:
    """Enter a licence, or correct the one that begins on that day. How many visits to come have no cover now."""

    async def work() -> list[Appointment]:
        return await scheduling.grant_licence(actor, practitioner_id, jurisdiction, valid_from, valid_until, now)

    return await _noted(actor, "grant-license", practitioner_id, work, now)


async def end(actor: Actor, practitioner_id: UUID, licence_id: UUID, valid_until: date, now: datetime) -> int:
    """Give a licence its last day. How many visits to come have no cover now: all stay booked, and are flagged."""

    async def work() -> list[Appointment]:
        known = await scheduling.licences_of(actor.scope, practitioner_id)
        if licence_id not in {one.id for one in known}:
            raise Invalid({"license_id": _("Choose one of these licenses.")})
        return await scheduling.end_licence(actor, licence_id, valid_until, now)

    return await _noted(actor, "end-license", practitioner_id, work, now)


async def _noted(
    actor: Actor, action: str, practitioner_id: UUID, work: Callable[[], Awaitable[list[Appointment]]], now: datetime
) -> int:
    _office(actor)
    async with db.transaction():
        uncovered = _uncovered(await work())
        await audit.record(actor, action, "practitioner", practitioner_id, now, uncovered=uncovered)
        return uncovered


def _uncovered(visits: list[Appointment]) -> int:
    return sum(visit.attention in {"not-licensed", "located-elsewhere"} for visit in visits)


async def changes_ahead(actor: Actor, now: datetime) -> list[Warned]:
    """Licences and rules that change soon; for a provider, their own."""
    if actor.role not in STAFF:
        raise Refused(_("This is for the clinic's staff."))
    return await scheduling.changes_ahead(actor.scope, now)
