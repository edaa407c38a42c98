"""An evaluation's due time has passed: its owner is told, then everybody who can see to it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Colleague
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Late
from carepath.kit import db
from carepath.kit.actor import Role
from carepath.notifications import service as notifications
from carepath.notifications.service import Order

KIND = "evaluation-late"
_BATCH = 100


async def tick(now: datetime) -> int:
    """The worker's round: of how many evaluations somebody was told that they are late."""
    told = 0
    while found := await _some(now):
        told += found
    return told


async def _some(now: datetime) -> int:
    """A batch in a transaction of its own. Whoever is concerned by several of a round is told once: how many there are
    is counted when the message leaves."""
    async with db.transaction():
        late = await evaluations.escalate(now, _BATCH)
        staff = await accounts.colleagues(Role.PROVIDER, Role.COORDINATOR) if late else []
        moment = int(now.timestamp())
        orders = [Order(one.id, one.id, moment, now) for one in staff if _concerns(one, staff, late)]
        await notifications.enqueue_all(KIND, orders, now)
        return len(late)


def _concerns(one: Colleague, staff: Sequence[Colleague], late: Sequence[Late]) -> bool:
    """Is anything of this told to them? What belongs to somebody who cannot sign in any more is nobody's."""
    here = {other.practitioner_id for other in staff if other.practitioner_id is not None}

    def told(found: Late) -> bool:
        owner: UUID | None = found.practitioner_id if found.practitioner_id in here else None
        is_owner = owner is not None and owner == one.practitioner_id
        return evaluations.is_told(found.told, one.role, is_owner, owner is not None)

    return any(told(found) for found in late)
