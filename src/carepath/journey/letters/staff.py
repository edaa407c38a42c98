"""Letters to the clinic's own people. They say that there is something, never about whom."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Account
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.journey import digest, escalate, foresee
from carepath.journey.letters.desk import Desk, Outcome, Outcomes, Writer
from carepath.kit import when
from carepath.kit.actor import SYSTEM, Role
from carepath.kit.words import _
from carepath.notifications.service import Message, Skip, Superseded
from carepath.worklists import digest as counts
from carepath.worklists.digest import CoordinatorCounts, ProviderCounts

_PAGES = {Role.PROVIDER: "/provider", Role.COORDINATOR: "/coordinator", Role.ADMIN: "/admin"}
_Write = Callable[[Desk, Mapping[UUID, Account], Sequence[Message], datetime], Awaitable[Outcomes]]


def _to_staff(write: _Write) -> Writer:
    """Who may not sign in any more gets no mail about work either."""

    async def letters(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
        people = {one.id: one for one in await accounts.accounts(SYSTEM) if one.is_active}
        gone: Outcomes = {m.id: Skip(_("this account is switched off")) for m in messages}
        return gone | await write(desk, people, [m for m in messages if m.recipient_id in people], now)

    return letters


async def _to_the_desk(
    desk: Desk, people: Mapping[UUID, Account], messages: Sequence[Message], now: datetime
) -> Outcomes:  # fmt: skip
    return {m.id: desk.to_account(people[m.recipient_id], m, "/provider") for m in messages}


async def _changes(
    desk: Desk, people: Mapping[UUID, Account], messages: Sequence[Message], now: datetime
) -> Outcomes:  # fmt: skip
    """Of a change that no booked visit rests on any more, nothing is said."""
    found = await foresee.affecting(now) if messages else {}

    def letter(message: Message) -> Outcome:
        warned = found.get((message.subject_id, message.subject_version))
        if warned is None:
            return Superseded(_("no booked visit rests on it any more"))
        day, visits = when.say_date(warned.change.since), str(warned.visits)
        return desk.to_account(people[message.recipient_id], message, "/coordinator", day=day, visits=visits)

    return {m.id: letter(m) for m in messages}


async def _digests(
    desk: Desk, people: Mapping[UUID, Account], messages: Sequence[Message], now: datetime
) -> Outcomes:  # fmt: skip
    """How much there is at this moment, not when the day was noted."""
    days = [
        (one.practitioner_id, *digest.day_of(one.zone, digest.today(one.zone, now)))
        for m in messages
        if (one := people[m.recipient_id]).practitioner_id is not None
    ]
    providers = await counts.of_providers(SYSTEM.scope, days) if days else {}
    office = await counts.of_coordinators(SYSTEM.scope, now) if len(days) < len(messages) else None

    def letter(message: Message) -> Outcome:
        one = people[message.recipient_id]
        found = providers.get(one.practitioner_id) if one.practitioner_id else office
        lines = [words.format(n=n) for words, n in _numbers(found) if n]
        page = "/provider" if one.practitioner_id else "/coordinator"
        return desk.to_account(one, message, page, lines=lines) if lines else Skip(_("there is nothing to tell"))

    return {m.id: letter(m) for m in messages}


def _numbers(found: ProviderCounts | CoordinatorCounts | None) -> tuple[tuple[str, int], ...]:
    match found:
        case ProviderCounts():
            return (
                (_("Urgent: {n}"), found.urgent), (_("Waiting for your decision: {n}"), found.pending),
                (_("Check-ins to read: {n}"), found.check_ins), (_("Visits today: {n}"), found.consults),
            )  # fmt: skip
        case CoordinatorCounts():
            return (
                (_("Visits that need attention: {n}"), found.flagged), (_("People who wait for a time: {n}"), found.waiting),
                (_("Messages that failed: {n}"), found.failed), (_("Calendars that cannot be read: {n}"), found.calendars),
                (_("Calls to make: {n}"), found.calls),
            )  # fmt: skip
    return ()


async def _handed_over(
    desk: Desk, people: Mapping[UUID, Account], messages: Sequence[Message], now: datetime
) -> Outcomes:  # fmt: skip
    """Of what has gone on to somebody else, or is decided by now, nothing is said."""
    found = await evaluations.owners([m.subject_id for m in messages])

    def letter(message: Message) -> Outcome:
        one = people[message.recipient_id]
        if found.get(message.subject_id) != one.practitioner_id:
            return Superseded(_("it is theirs no more, or done"))
        return desk.to_account(one, message, "/provider")

    return {m.id: letter(m) for m in messages}


def _late(
    by_owner: Callable[[datetime], Awaitable[list[tuple[UUID | None, int, int]]]], is_told: escalate.IsTold
) -> _Write:
    """How much of what concerns them waits at this moment. `by_owner` answers (whose, how often told, how many)."""

    async def letters(
        desk: Desk, people: Mapping[UUID, Account], messages: Sequence[Message], now: datetime
    ) -> Outcomes:
        late = await by_owner(now) if messages else []
        here = {one.practitioner_id for one in people.values() if one.practitioner_id is not None}

        def letter(message: Message) -> Outcome:
            one = people[message.recipient_id]
            n = sum(
                count
                for owner, told, count in late
                if escalate.concerns(told, owner, one.role, one.practitioner_id, here, is_told)
            )
            found = desk.to_account(one, message, _PAGES[one.role], n=str(n))
            return found if n else Superseded(_("nothing is late any more"))

        return {m.id: letter(m) for m in messages}

    return letters


async def _unseen(now: datetime) -> list[tuple[UUID | None, int, int]]:
    return await followups.told_again_by_owner()


async def _break_glass(
    desk: Desk, people: Mapping[UUID, Account], messages: Sequence[Message], now: datetime
) -> Outcomes:  # fmt: skip
    """To the patient's own provider and to admins. Who opened whose record is said on pages only."""

    def letter(message: Message) -> Outcome:
        one = people[message.recipient_id]
        page = "/admin/audit" if one.role is Role.ADMIN else "/provider/opened"
        return desk.to_account(one, message, page, when=when.say(message.due_at, one.zone))

    return {m.id: letter(m) for m in messages}


WRITERS: dict[str, Writer] = {
    "urgent-task": _to_staff(_to_the_desk),
    "reading": _to_staff(_to_the_desk),
    foresee.KIND: _to_staff(_changes),
    digest.KIND: _to_staff(_digests),
    "break-glass": _to_staff(_break_glass),
    "evaluation-handed-over": _to_staff(_handed_over),
    "evaluation-withdrawn": _to_staff(_to_the_desk),
    escalate.KIND: _to_staff(_late(evaluations.late_by_owner, evaluations.is_told)),
    escalate.URGENT: _to_staff(_late(evaluations.late_tasks_by_owner, evaluations.is_told_of_task)),
    escalate.RED: _to_staff(_late(_unseen, escalate.is_told_of_red)),
}
