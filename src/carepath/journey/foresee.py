"""A license ends or a rule changes, and booked visits rest on it: the coordinators are told as soon as it is seen.

The patients are not told by the machine, however near their visit is: staff decide what becomes of it.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.kit import crypto, when
from carepath.kit.actor import SYSTEM, Role
from carepath.notifications import service as notifications
from carepath.notifications.service import Order
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Warned

KIND = "practice-change"
_LEAST = timedelta(days=1)
Key = tuple[UUID, int]


def key_of(warned: Warned) -> Key:
    """(id, version) of a warning, which has no row: what changes where and for whom, and from which day on. A license
    that is given another last day is a new version."""
    one = warned.change
    parts = (one.kind, one.jurisdiction or "", str(one.practitioner_id or ""))
    return UUID(bytes=crypto.digest(KIND, *parts)[:16]), one.since.toordinal()


async def affecting(now: datetime) -> dict[Key, Warned]:
    """Changes ahead on whose days visits are booked."""
    found = await scheduling.changes_ahead(SYSTEM.scope, now)
    return {key_of(one): one for one in found if one.visits}


async def tick(now: datetime) -> int:
    """The worker's round; how many such changes there are. Each coordinator is told of each once."""
    found = await affecting(now)
    desks = await accounts.colleagues(Role.COORDINATOR) if found else []
    orders = [Order(desk.id, *key, now, max(now + _LEAST, _begin(one))) for key, one in found.items() for desk in desks]
    await notifications.enqueue_all(KIND, orders, now)
    return len(found)


def _begin(warned: Warned) -> datetime:
    return datetime.combine(warned.change.since, time(), when.zone(scheduling.clinic_zone()))
