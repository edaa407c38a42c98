"""Letters to the clinic's own people. They say that there is something, never about whom."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Account
from carepath.journey import foresee
from carepath.journey.letters.desk import Desk, Outcome, Outcomes, Writer
from carepath.kit import when
from carepath.kit.actor import SYSTEM
from carepath.kit.words import _
from carepath.notifications.service import Message, Skip, Superseded

_Write = Callable[[Desk, Mapping[UUID, Account], Sequence[Message], datetime], Awaitable[Outcomes]]


def _to_staff(write: _Write) -> Writer:
    """Who may not sign in any more gets no mail about work either."""

    async def letters(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
        people = {one.id: one for one in await accounts.accounts(SYSTEM) if one.is_active}
        gone: Outcomes = {m.id: Skip(_("this account is switched off")) for m in messages}
        return gone | await write(desk, people, [m for m in messages if m.recipient_id in people], now)

    return letters


async def _urgent(
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


WRITERS: dict[str, Writer] = {"urgent-task": _to_staff(_urgent), foresee.KIND: _to_staff(_changes)}
