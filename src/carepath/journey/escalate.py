"""What nobody has seen to in time: its owner is told, then everybody who can see to it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Colleague
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Late
from carepath.followups import service as followups
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Role
from carepath.notifications import service as notifications
from carepath.notifications.service import Order

KIND, URGENT, RED = "evaluation-late", "urgent-late", "red-late"
Waits = tuple[UUID | None, int]  # whose it is, and how often it was told by now
IsTold = Callable[[int, Role, bool, bool], bool]
_BATCH = 100


async def tick(now: datetime) -> int:
    """The worker's round: of how many evaluations somebody was told that they are late."""
    return await _all(_evaluations, now)


async def tick_urgent(now: datetime) -> int:
    """Likewise of urgent tasks, for as long as nobody has finished them."""
    return await _all(_urgent_tasks, now)


async def tick_red(now: datetime) -> int:
    """Likewise of red signals, for as long as nobody has acknowledged them."""
    return await _all(_red_signals, now)


async def _all(some: Callable[[datetime], Awaitable[int]], now: datetime) -> int:
    """Batch after batch, each in a transaction of its own."""
    told = 0
    while found := await some(now):
        told += found
    return told


async def _evaluations(now: datetime) -> int:
    async with db.transaction():
        late = await evaluations.escalate(now, _BATCH)
        waits = [(one.practitioner_id, one.told) for one in late]
        await _tell(KIND, waits, await _staff(late), evaluations.is_told, now)
        return len(late)


async def _urgent_tasks(now: datetime) -> int:
    async with db.transaction():
        late = await evaluations.escalate_tasks(now, _BATCH)
        staff = await _staff(late)
        await _give_to_all(late, staff, now)
        waits = [(one.practitioner_id, one.told) for one in late]
        await _tell(URGENT, waits, staff, evaluations.is_told_of_task, now)
        return len(late)


async def _red_signals(now: datetime) -> int:
    async with db.transaction():
        owners = await followups.tell_red_again(now, _BATCH)
        await _tell(RED, [(owner, 1) for owner in owners], await _staff(owners), is_told_of_red, now)
        return len(owners)


def is_told_of_red(told: int, role: Role, is_owner: bool, has_owner: bool) -> bool:
    """Its provider, or every one where it has none, and whoever can ask what has become of it; each time the same."""
    return role in {Role.COORDINATOR, Role.ADMIN} or (role is Role.PROVIDER and (is_owner or not has_owner))


async def _give_to_all(late: Sequence[Late], staff: Sequence[Colleague], now: datetime) -> None:
    """A task of somebody who cannot sign in any more would stand on nobody's desk: from now on it is on every provider's."""
    left = [one.id for one in late if one.practitioner_id is not None and one.practitioner_id not in _here(staff)]
    about = await evaluations.give_to_all(left) if left else {}
    for task_id, patient_id in about.items():
        await audit.record(SYSTEM, "give-to-all", "urgent-task", task_id, now, patient_id=patient_id)


async def _staff(late: Sequence[object]) -> list[Colleague]:
    return await accounts.colleagues(Role.PROVIDER, Role.COORDINATOR, Role.ADMIN) if late else []


def _here(staff: Sequence[Colleague]) -> set[UUID]:
    return {one.practitioner_id for one in staff if one.practitioner_id is not None}


async def _tell(kind: str, waits: Sequence[Waits], staff: Sequence[Colleague], is_told: IsTold, now: datetime) -> None:
    """Whoever is concerned by several of a round is told once: how many there are is counted when the message leaves."""
    here, moment = _here(staff), int(now.timestamp())
    orders = [
        Order(one.id, one.id, moment, now)
        for one in staff
        if any(concerns(told, owner, one.role, one.practitioner_id, here, is_told) for owner, told in set(waits))
    ]
    await notifications.enqueue_all(kind, orders, now)


def concerns(
    told: int, owner: UUID | None, role: Role, own_id: UUID | None, here: set[UUID], is_told: IsTold
) -> bool:  # fmt: skip
    """Is this told to somebody of that role? What belongs to somebody who is not `here`, who cannot sign in any more, is
    nobody's."""
    has_owner = owner in here
    return is_told(told, role, has_owner and owner == own_id, has_owner)
