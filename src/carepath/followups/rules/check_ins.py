"""Check-ins: states, and when the next one falls due."""

from datetime import date, datetime, timedelta

from carepath.kit.actor import Role
from carepath.kit.machine import Machine, Transition, roles

_SYSTEM = roles(Role.SYSTEM)

CHECK_IN = Machine(
    "check-in",
    ("due",),
    (
        Transition("mark-overdue", ("due",), "overdue", _SYSTEM),
        Transition("complete", ("due", "overdue"), "completed", roles(Role.PATIENT, Role.SYSTEM)),
        Transition("close", ("due", "overdue"), "cancelled", roles(Role.PROVIDER, Role.SYSTEM)),
    ),
)


def next_check_in(after: datetime, every_days: int) -> datetime:
    """When the following check-in falls due: elapsed days."""
    return after + timedelta(days=every_days)


def first_check_in(now: datetime, starts_on: date, every_days: int) -> datetime:
    """When the first check-in of a plan falls due: counted from its start when that is still to come."""
    return next_check_in(now + timedelta(days=max(0, (starts_on - now.date()).days)), every_days)
