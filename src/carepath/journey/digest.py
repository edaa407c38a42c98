"""Once a working day staff are told how much waits for them, at a time of their own clock."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from carepath.accounts import service as accounts
from carepath.accounts.people import Colleague
from carepath.kit import when
from carepath.kit.actor import Role
from carepath.notifications import service as notifications
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.service import Order
from carepath.scheduling import service as scheduling

KIND = "staff-digest"
_SATURDAY = 5


def day_of(zone: str, on: date) -> tuple[datetime, datetime]:
    """The beginning and the end of a date in a zone: not always 24 hours apart."""
    return _instant(zone, on, time()), _instant(zone, on + timedelta(days=1), time())


def _instant(zone: str, on: date, at: time) -> datetime:
    """When the clock shows that for the first time; where it jumps over it, as long after the jump."""
    return datetime.combine(on, at, when.zone(zone)).astimezone(UTC)


def today(zone: str, now: datetime) -> date:
    """The date on somebody's calendar."""
    return now.astimezone(when.zone(zone)).date()


async def tick(now: datetime) -> int:
    """The worker's round; how many are due. One for each person and date of their own, whoever looks how often."""
    people = await accounts.colleagues(Role.PROVIDER, Role.COORDINATOR)
    orders = [*_orders(people, notifications.times().digest_at, now)]
    await notifications.enqueue_all(KIND, orders, now)
    return len(orders)


def _orders(people: Iterable[Colleague], at: time, now: datetime) -> Iterable[Order]:
    for one in people:
        on = today(one.zone, now)
        due = _instant(one.zone, on, at)
        is_time = due <= now < due + KINDS[KIND].useful
        if is_time and on.weekday() < _SATURDAY and not scheduling.closed_days(on, on):
            yield Order(one.id, one.id, on.toordinal(), due)
