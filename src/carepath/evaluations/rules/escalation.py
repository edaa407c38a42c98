"""Who is told that an evaluation or an urgent task is late, and when the next of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from carepath.kit.actor import Role

AUDIENCES = ("owner", "providers", "coordinators", "admins")


@dataclass(frozen=True, slots=True)
class Step:
    """So many hours after the missed due time these people are told."""

    after_hours: int
    to: list[str]


def next_at(steps: Sequence[Step], due_at: datetime, told: int) -> datetime | None:
    """When the next step is due after `told` of them; None when all were told."""
    return due_at + timedelta(hours=steps[told].after_hours) if told < len(steps) else None


def passed(steps: Sequence[Step], due_at: datetime, now: datetime) -> int:
    """How many steps have come by now. After an outage several have at once."""
    return sum(due_at + timedelta(hours=step.after_hours) <= now for step in steps)


def insist(
    steps: Sequence[Step], again_hours: int, due_at: datetime, told: int, now: datetime
) -> tuple[int, datetime]:  # fmt: skip
    """Of what is told until somebody has seen to it: how often it was told once it is told now, and when the next time
    is. Counted from now after the last step, so that an outage is made good by one message, not by one for each day."""
    told = max(told + 1, passed(steps, due_at, now))
    return told, next_at(steps, due_at, told) or now + timedelta(hours=again_hours)


def audience(steps: Sequence[Step], told: int) -> frozenset[str]:
    """Everybody who has been told by the first `told` steps."""
    return frozenset(name for step in steps[:told] for name in step.to)


def concerns(found: frozenset[str], role: Role, is_owner: bool, has_owner: bool) -> bool:
    """Is somebody of this role among those told? What nobody has is every provider's."""
    if role is Role.COORDINATOR:
        return "coordinators" in found
    if role is Role.ADMIN:
        return "admins" in found
    if role is not Role.PROVIDER:
        return False
    return "providers" in found or ("owner" in found and (is_owner or not has_owner))
