"""The catalogue of messages, when reminders are due, and what happens after a failed try."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from carepath.kit.actor import Role
from carepath.kit.machine import Machine, Transition, roles


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message. `folder` holds its templates; `before` is how long ahead of a visit it is due."""

    name: str
    recipient: str
    subject: str
    before: timedelta | None = None

    @property
    def folder(self) -> str:
        """Templates of this kind: emails/<folder>/subject.txt, body.txt, body.html. Reminders share one."""
        return "consult-reminder" if self.before is not None else self.name


KINDS = {
    kind.name: kind
    for kind in (
        Kind("prove-email", "intake", "intake"),
        Kind("sign-in", "patient", "sign-in"),
        Kind("consult-booked", "patient", "appointment"),
        Kind("consult-reminder-72h", "patient", "appointment", timedelta(hours=72)),
        Kind("consult-reminder-24h", "patient", "appointment", timedelta(hours=24)),
        Kind("consult-reminder-1h", "patient", "appointment", timedelta(hours=1)),
        Kind("consult-moved", "patient", "appointment"),
        Kind("consult-cancelled", "patient", "appointment"),
        Kind("consults-moved", "patient", "replan"),
        Kind("consult-offered", "patient", "consult-offer"),
        Kind("consult-proposed", "patient", "consult-offer"),
        Kind("more-information", "patient", "information-request"),
        Kind("decision-ready", "patient", "evaluation"),
        Kind("check-in-due", "patient", "check-in"),
        Kind("check-in-overdue", "patient", "check-in"),
        Kind("urgent-task", "account", "urgent-task"),
    )
}

_WORKER = roles(Role.SYSTEM)
_DESK = roles(Role.COORDINATOR)

MACHINE = Machine(
    "message",
    ("queued",),
    (
        Transition("claim", ("queued", "sending"), "sending", _WORKER),
        Transition("deliver", ("sending",), "sent", _WORKER),
        Transition("try-later", ("sending",), "queued", _WORKER),
        Transition("give-up", ("sending",), "failed", _WORKER),
        Transition("skip", ("sending",), "skipped", _WORKER),
        Transition("supersede", ("queued", "sending"), "superseded", _WORKER),
        Transition("retry", ("failed",), "queued", _DESK),
    ),
)

BATCH = 50
LEASE = timedelta(seconds=60)  # longer than any single sending may take, so that a slow one is not repeated by another
ROUND = timedelta(seconds=15)  # no message is begun later in a round; the rest goes back to the queue
UNREACHABLE = timedelta(seconds=10)  # while there is no mail server, which is no message's fault
MOST_ATTEMPTS = 8
_BACK_OFF = (5, 30, 120, 600, 1800)


def reminders_for(start_at: datetime, now: datetime) -> list[tuple[str, datetime]]:
    """(kind, due) of each reminder still ahead. Elapsed hours, so a clock change at night does not shift them.

    One whose moment has passed when the visit is booked is left out: the confirmation has just said it all.
    """
    due = ((kind.name, start_at - kind.before) for kind in KINDS.values() if kind.before is not None)
    return [(name, at) for name, at in due if at > now]


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed ones, or None when that was the last."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + timedelta(seconds=_BACK_OFF[min(attempts, len(_BACK_OFF)) - 1])
