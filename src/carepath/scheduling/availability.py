"""When practitioners are open and where they are licensed. A change never touches a visit: it flags it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from carepath.kit import db, when
from carepath.kit.actor import Actor, Role, Scope
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.words import _
from carepath.scheduling import availability_queries, licence_queries, standing, turn_queries
from carepath.scheduling.availability_queries import AvailabilityException, Licence, OpenHours, Practitioner
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Appointment
from carepath.scheduling.retry import retried
from carepath.scheduling.rules import drafts, weeks
from carepath.scheduling.rules.drafts import ExceptionDraft, HoursDraft
from carepath.scheduling.rules.weeks import DatedWeek

_OFFICE = frozenset({Role.COORDINATOR, Role.ADMIN, Role.SYSTEM})


async def practitioners(scope: Scope) -> list[Practitioner]:
    """Those who can be booked, by name; staff see former ones too."""
    return await availability_queries.practitioners(scope)


async def practitioner(scope: Scope, practitioner_id: UUID) -> Practitioner:
    """One practitioner. NotFound when absent."""
    return await availability_queries.practitioner(scope, practitioner_id)


async def add_practitioner(actor: Actor, name: str, credential: str, zone: str, now: datetime) -> Practitioner:
    """Somebody new who can be booked once they have hours and a licence. Invalid names the fields."""
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Refused(_("Only an admin may add a provider."))
    problems = {}
    for field, text, most in (("name", name, 120), ("credential", credential, 40)):
        if not text.strip() or not text.isprintable() or len(text) > most:
            problems[field] = _("Enter one short line of text.")
    if not when.is_zone(zone):
        problems["zone"] = _("Choose a time zone from the list.")
    if problems:
        raise Invalid(problems)
    added = await availability_queries.insert_practitioner(actor.scope, name.strip(), credential.strip(), zone, now)
    return await availability_queries.practitioner(actor.scope, added)


@retried
async def set_practitioner_active(
    actor: Actor, practitioner_id: UUID, is_active: bool, now: datetime
) -> list[Appointment]:
    """Open or close somebody for new visits; the visits to come that staff must look at."""
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Refused(_("Only an admin may do this."))
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await availability_queries.set_active(actor.scope, practitioner_id, is_active)
        return await standing.revisit(actor, practitioner_id, now)


async def hours_of(scope: Scope, practitioner_id: UUID) -> list[OpenHours]:
    """The week as written."""
    return await availability_queries.hours_of(scope, practitioner_id)


@retried
async def replace_hours(
    actor: Actor, practitioner_id: UUID, hours: Sequence[HoursDraft], now: datetime
) -> list[Appointment]:
    """A new week instead of the old one; answers every visit to come that is flagged now. Invalid names lines."""
    may_plan(actor, practitioner_id)
    drafts.check_hours(hours)
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        return await _rewrite(actor, practitioner_id, hours, now)


async def weeks_of(scope: Scope, practitioner_id: UUID) -> tuple[DatedWeek, ...]:
    """The weeks that hold one after the other."""
    return weeks.timeline(_drafts(await availability_queries.hours_of(scope, practitioner_id)))


@retried
async def save_week(
    actor: Actor, practitioner_id: UUID, first_on: date, last_on: date | None, lines: Sequence[HoursDraft],
    now: datetime,
) -> list[Appointment]:  # fmt: skip
    """A week from `first_on` to `last_on`, or without one to where another dated week begins. All other dates keep
    theirs. Answers every visit to come that is flagged now; Invalid names lines, first_on or last_on."""
    may_plan(actor, practitioner_id)
    drafts.check_hours([replace(one, valid_from=first_on, valid_until=last_on) for one in lines])
    drafts.check_period(first_on, last_on)
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        hours = _drafts(await availability_queries.hours_of(actor.scope, practitioner_id))
        around = weeks.week_on(hours, first_on)
        last_on = drafts.check_within(last_on, around.last_on)
        return await _rewrite(actor, practitioner_id, weeks.overlay(hours, first_on, last_on, lines), now)


@retried
async def remove_week(actor: Actor, practitioner_id: UUID, first_on: date, now: datetime) -> list[Appointment]:
    """The week before the one that begins on `first_on` goes on through its dates. Answers what is flagged now.

    Invalid `first_on` when no week begins there (any more), or none comes before it.
    """
    may_plan(actor, practitioner_id)
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        hours = _drafts(await availability_queries.hours_of(actor.scope, practitioner_id))
        week = next((one for one in weeks.timeline(hours) if one.first_on == first_on), None)
        earlier = weeks.before(hours, week) if week else None
        if week is None or earlier is None:
            raise Invalid({"first_on": _("No dated week begins on that day any more. Please look again.")})
        merged = weeks.overlay(hours, week.first_on, week.last_on, earlier.lines)
        return await _rewrite(actor, practitioner_id, merged, now)


async def _rewrite(
    actor: Actor, practitioner_id: UUID, hours: Sequence[HoursDraft], now: datetime
) -> list[Appointment]:
    await availability_queries.replace_hours(actor.scope, practitioner_id, hours)
    return await standing.revisit(actor, practitioner_id, now)


def _drafts(hours: Sequence[OpenHours]) -> list[HoursDraft]:
    return [HoursDraft(h.weekday, h.opens, h.closes, h.valid_from, h.valid_until, h.is_break) for h in hours]


@retried
async def set_limits(
    actor: Actor, practitioner_id: UUID, max_per_day: int | None, max_per_week: int | None, weight: int
) -> None:
    """How many visits somebody takes (None: any number), and their share where any provider will do (100 is full).

    What is booked already stays, and is not flagged: limits bind new visits. Invalid names the fields.
    """
    may_plan(actor, practitioner_id)
    drafts.check_limits(max_per_day, max_per_week, weight)
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await availability_queries.set_limits(actor.scope, practitioner_id, max_per_day, max_per_week, weight)


async def exceptions_of(scope: Scope, practitioner_id: UUID, from_on: date) -> list[AvailabilityException]:
    """Days off, extra hours and shortened days that end on or after `from_on`."""
    return await availability_queries.exceptions_of(scope, practitioner_id, from_on)


@retried
async def add_exception(actor: Actor, practitioner_id: UUID, draft: ExceptionDraft, now: datetime) -> list[Appointment]:
    """Time off, extra hours or a shortened day; answers every visit to come that is flagged now. Invalid names the fields."""
    may_plan(actor, practitioner_id)
    drafts.check_exception(draft)
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await availability_queries.insert_exception(actor.scope, practitioner_id, draft, now)
        return await standing.revisit(actor, practitioner_id, now)


@retried
async def remove_exception(actor: Actor, exception_id: UUID, now: datetime) -> list[Appointment]:
    """The week holds again on those days; visits that lie in open time again lose their flag."""
    practitioner_id = await availability_queries.owner_of_exception(actor.scope, exception_id)
    may_plan(actor, practitioner_id)
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await availability_queries.delete_exception(actor.scope, exception_id)
        return await standing.revisit(actor, practitioner_id, now)


async def licences_of(scope: Scope, practitioner_id: UUID) -> list[Licence]:
    """Where somebody is or was licensed."""
    return await licence_queries.of(scope, practitioner_id)


async def who_may_treat(scope: Scope, jurisdiction: str, on: date) -> list[Practitioner]:
    """Practitioners with a licence for that place on that day who take visits, by name."""
    holders = await licence_queries.holders(scope, jurisdiction, on)
    everybody = await availability_queries.practitioners(scope)
    return [one for one in everybody if one.is_active and one.id in holders]


@retried
async def grant_licence(
    actor: Actor, practitioner_id: UUID, jurisdiction: str, valid_from: date, valid_until: date | None, now: datetime
) -> list[Appointment]:
    """Enter a licence, or correct the one that begins that day; answers the visits that stay flagged."""
    _may_license(actor)
    drafts.check_validity(valid_from, valid_until)
    if jurisdiction not in clinic().jurisdictions:
        raise Invalid({"jurisdiction": _("Choose a state.")})
    async with db.transaction():
        await take_turn(actor, practitioner_id)
        await licence_queries.upsert(actor.scope, practitioner_id, jurisdiction, valid_from, valid_until)
        return await standing.revisit(actor, practitioner_id, now)


@retried
async def end_licence(actor: Actor, licence_id: UUID, valid_until: date, now: datetime) -> list[Appointment]:
    """Give a licence its last day; answers the visits to come that are flagged now."""
    _may_license(actor)
    licence = await licence_queries.get(actor.scope, licence_id)
    drafts.check_validity(licence.valid_from, valid_until)
    async with db.transaction():
        await take_turn(actor, licence.practitioner_id)
        await licence_queries.set_end(actor.scope, licence_id, valid_until)
        return await standing.revisit(actor, licence.practitioner_id, now)


def may_plan(actor: Actor, practitioner_id: UUID) -> None:
    """The office plans everybody's time, a provider their own."""
    if actor.role is Role.PROVIDER and actor.practitioner_id != practitioner_id:
        raise NotFound
    if actor.role not in _OFFICE and actor.role is not Role.PROVIDER:
        raise Refused(_("You may not change opening hours."))


def _may_license(actor: Actor) -> None:
    if actor.role not in _OFFICE:
        raise Refused(_("You may not change licenses."))


async def take_turn(actor: Actor, practitioner_id: UUID) -> None:
    """Nobody books with them while their time changes, so that no booking slips through unflagged."""
    await turn_queries.take(actor.scope, practitioner_id)
    await availability_queries.practitioner(actor.scope, practitioner_id)
