"""When providers are open, as coordinators keep it for all and a provider for themselves. Nothing here ever removes a
visit: it is flagged and listed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.kit import db, when
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.words import _
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules import drafts
from carepath.scheduling.service import (
    Appointment,
    AvailabilityException,
    ClockChange,
    DatedWeek,
    ExceptionDraft,
    HoursDraft,
    Practitioner,
)
from carepath.worklists import attention
from carepath.worklists.attention import FlaggedVisit

_SUBJECT = "practitioner"
_CLOSED_DAYS = 120


@dataclass(frozen=True, slots=True)
class Calendar:
    """One provider's weeks from today on (the first is the one that holds now), what differs on some days, the
    clinic's closed days and the clock changes ahead, and booked visits that no longer stand (`names` by patient)."""

    practitioner: Practitioner
    weeks: list[DatedWeek]
    exceptions: list[AvailabilityException]
    closed: list[tuple[date, str]]
    clock_changes: list[ClockChange]
    flagged: list[FlaggedVisit]
    names: dict[UUID, str]


def _may_keep(actor: Actor, practitioner_id: UUID) -> None:
    """Coordinators keep everybody's hours, a provider their own: another's are not there for them."""
    if actor.role is Role.PROVIDER and actor.practitioner_id != practitioner_id:
        raise NotFound
    if actor.role not in {Role.COORDINATOR, Role.PROVIDER}:
        raise Refused(_("This is for coordinators and providers."))


async def calendar(actor: Actor, practitioner_id: UUID, now: datetime) -> Calendar:
    """One provider's calendar from today, a date of their zone, on."""
    _may_keep(actor, practitioner_id)
    async with db.transaction():
        person = await scheduling.practitioner(actor.scope, practitioner_id)
        flagged = await attention.flagged(actor.scope, now, person.id)
        today = now.astimezone(when.zone(person.zone)).date()
        await audit.record(actor, "read", "practitioner-calendar", person.id, now, rows=len(flagged))
        weeks = await scheduling.weeks_of(actor.scope, person.id)
        return Calendar(
            person, [week for week in weeks if week.last_on is None or week.last_on >= today],
            await scheduling.exceptions_of(actor.scope, person.id, today),
            scheduling.closed_days(today, today + timedelta(days=_CLOSED_DAYS)),
            scheduling.clock_changes_of(person, now), flagged,
            {one.id: one.name for one in (await accounts.patients(SYSTEM, [f.patient_id for f in flagged])).values()},
        )  # fmt: skip


async def week_to_edit(
    actor: Actor, practitioner_id: UUID, first_on: date, last_on: date | None, now: datetime
) -> tuple[Calendar, DatedWeek]:
    """A provider's calendar, and the week to begin with for those dates: what holds there now, cut to them.

    Invalid `first_on` for a day that has passed, unless the week that holds now began on it; Invalid `last_on` for
    dates that run into another dated week.
    """
    found = await calendar(actor, practitioner_id, now)
    return found, _editable(found.practitioner, found.weeks, first_on, last_on, now)


def _editable(
    person: Practitioner, weeks: Sequence[DatedWeek], first_on: date, last_on: date | None, now: datetime
) -> DatedWeek:
    drafts.check_period(first_on, last_on)
    today = now.astimezone(when.zone(person.zone)).date()
    around = next(week for week in weeks if week.holds_on(max(first_on, today)))
    if first_on < today and first_on != around.first_on:
        raise Invalid({"first_on": _("Choose today or a later day.")})
    return DatedWeek(first_on, drafts.check_within(last_on, around.last_on), around.lines)


async def set_week(
    actor: Actor, practitioner_id: UUID, first_on: date, last_on: date | None, lines: Sequence[HoursDraft],
    now: datetime,
) -> list[Appointment]:  # fmt: skip
    """A provider's week on the dates from `first_on` to `last_on`; all others keep theirs. Answers what is flagged.

    Invalid as in `week_to_edit`, and for lines.
    """

    async def work() -> list[Appointment]:
        person = await scheduling.practitioner(actor.scope, practitioner_id)
        _editable(person, await scheduling.weeks_of(actor.scope, person.id), first_on, last_on, now)
        return await scheduling.save_week(actor, practitioner_id, first_on, last_on, lines, now)

    return await _noted(actor, "set-hours", practitioner_id, work, now)


async def remove_week(actor: Actor, practitioner_id: UUID, first_on: date, now: datetime) -> list[Appointment]:
    """The week before goes on through the dates of the one that begins on `first_on`. Answers what is flagged."""

    async def work() -> list[Appointment]:
        return await scheduling.remove_week(actor, practitioner_id, first_on, now)

    return await _noted(actor, "remove-hours", practitioner_id, work, now)


async def set_limits(
    actor: Actor, practitioner_id: UUID, max_per_day: int | None, max_per_week: int | None, weight: int, now: datetime
) -> None:
    """How many new visits a provider takes, and their share where any provider will do: the office's to say."""
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))

    async def work() -> list[Appointment]:
        await scheduling.set_limits(actor, practitioner_id, max_per_day, max_per_week, weight)
        return []

    await _noted(actor, "set-limits", practitioner_id, work, now)


async def add_exception(actor: Actor, practitioner_id: UUID, draft: ExceptionDraft, now: datetime) -> list[Appointment]:
    """Days off, extra hours or shortened days. Answers booked visits that are flagged now."""

    async def work() -> list[Appointment]:
        return await scheduling.add_exception(actor, practitioner_id, draft, now)

    return await _noted(actor, f"add-{draft.kind}", practitioner_id, work, now)


async def _noted(
    actor: Actor, action: str, practitioner_id: UUID, work: Callable[[], Awaitable[list[Appointment]]], now: datetime
) -> list[Appointment]:
    """`work` and its audit row, together or not at all."""
    _may_keep(actor, practitioner_id)
    async with db.transaction():
        flagged = await work()
        await audit.record(actor, action, _SUBJECT, practitioner_id, now, flagged=len(flagged))
        return flagged


async def remove_exception(actor: Actor, practitioner_id: UUID, exception_id: UUID, now: datetime) -> None:
    """The week holds again on those days. NotFound unless the exception is this provider's."""
    _may_keep(actor, practitioner_id)
    async with db.transaction():
        if exception_id not in {e.id for e in await scheduling.exceptions_of(actor.scope, practitioner_id, date.min)}:
            raise NotFound
        await scheduling.remove_exception(actor, exception_id, now)
        await audit.record(actor, "remove-exception", "availability-exception", exception_id, now)
