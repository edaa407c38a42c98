"""Check-ins: states, the window in which each is asked, the ladder of a late one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from carepath.kit.actor import Role
from carepath.kit.machine import Machine, Transition, roles

_SYSTEM = roles(Role.SYSTEM)

CHECK_IN = Machine(
    "check-in",
    ("due",),
    (
        Transition("mark-overdue", ("due",), "overdue", _SYSTEM),
        Transition("ask-for-call", ("overdue",), "overdue", _SYSTEM),
        Transition("hold-refill", ("overdue",), "overdue", _SYSTEM),
        Transition("complete", ("due", "overdue"), "completed", roles(Role.PATIENT, Role.SYSTEM)),
        Transition("close", ("due", "overdue"), "cancelled", roles(Role.PROVIDER, Role.SYSTEM)),
        Transition("close-late", ("overdue",), "cancelled", roles(Role.PROVIDER)),
    ),
)
CALL = Machine(
    "call",
    ("requested",),
    (
        Transition("complete", ("requested",), "completed", roles(Role.COORDINATOR)),
        Transition("try-again", ("requested",), "requested", roles(Role.COORDINATOR)),
        Transition("cancel", ("requested",), "cancelled", roles(Role.SYSTEM)),
    ),
)
# The ladder of a late check-in, in its order: what the system does, by how many were done before.
STEPS = ("mark-overdue", "ask-for-call", "hold-refill")


@dataclass(frozen=True, slots=True)
class Phase:
    """When a check-in is asked in one phase of a plan, in days.

    Counted from the last session; without one since the previous check-in, from that (or the plan's beginning) by
    `between_days`, around which the window then stands in proportion.
    """

    not_before_days: int
    target_days: int
    latest_days: int
    between_days: int
    source: str


@dataclass(frozen=True, slots=True)
class Window:
    """A check-in is open from `not_before_at`, best answered by `target_at`, and wanted by `latest_at`."""

    not_before_at: datetime
    target_at: datetime
    latest_at: datetime

    def until(self, limit: datetime) -> "Window":
        """The same, with nothing of it after `limit`."""
        return self.or_earlier(Window(limit, limit, limit))

    def or_earlier(self, other: "Window") -> "Window":
        """Whatever comes first of either."""
        return Window(
            min(self.not_before_at, other.not_before_at), min(self.target_at, other.target_at),
            min(self.latest_at, other.latest_at),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What the window of a plan's next check-in is worked out from."""

    phase: str
    begins_at: datetime
    every_days: int
    last_session_at: datetime | None
    last_check_in_at: datetime | None
    runway_until: date | None


def begins_at(written_at: datetime, starts_on: date) -> datetime:
    """From when on the first check-in of a plan is counted: from its start, when that was still to come."""
    return written_at.astimezone(UTC) + timedelta(days=max(0, (starts_on - written_at.date()).days))


def window(phase: Phase, facts: Facts, before_runway_days: int) -> Window:
    """The window of the next check-in, in elapsed days, so that a change of clocks moves nothing.

    Sessions move it, yet never past what the previous check-in and the plan's own cadence allow: somebody with many
    sessions is still asked. Before the prescription runs out there is one in any case, unless one was answered at
    most as long before that day.
    """
    base = max(facts.begins_at, facts.last_check_in_at or facts.begins_at)
    found = _stretch(phase, base, phase.between_days)
    # One on the plan's first day counts, whatever the hour at which the plan was written.
    if facts.last_session_at is not None and facts.last_session_at > base - timedelta(days=1):
        found = _stretch(phase, facts.last_session_at, phase.target_days).until(found.latest_at)
    found = found.or_earlier(_stretch(phase, base, facts.every_days))
    limit = _limit(facts.runway_until, before_runway_days)
    if limit is None or limit - base <= timedelta(days=before_runway_days):
        return found
    return found.until(limit)


def _stretch(phase: Phase, since: datetime, target: int) -> Window:
    """The phase's window with its target so many days after `since`, as wide in proportion."""
    since = since.astimezone(UTC)  # by a local clock a day may have 23 or 25 hours
    first = max(1, phase.not_before_days * target // phase.target_days)
    last = -(-phase.latest_days * target // phase.target_days)
    return Window(since + timedelta(days=first), since + timedelta(days=target), since + timedelta(days=last))


def _limit(runway_until: date | None, before_days: int) -> datetime | None:
    if runway_until is None:
        return None
    return datetime.combine(runway_until, time(), UTC) - timedelta(days=before_days)
