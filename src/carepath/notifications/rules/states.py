"""What may become of a message."""

from carepath.kit.actor import Role
from carepath.kit.machine import Machine, Transition, roles

_WORKER = roles(Role.SYSTEM)
_DESK = roles(Role.COORDINATOR)

MESSAGE = Machine(
    "message",
    ("queued",),
    (
        Transition("claim", ("queued", "sending"), "sending", _WORKER),
        Transition("deliver", ("sending",), "sent", _WORKER),
        Transition("try-later", ("sending",), "queued", _WORKER),
        Transition("give-up", ("sending",), "failed", _WORKER),
        Transition("skip", ("queued", "sending"), "skipped", _WORKER),
        Transition("supersede", ("queued", "sending"), "superseded", _WORKER),
        Transition("retry", ("failed",), "queued", _DESK),
        Transition("stop", ("queued",), "skipped", _DESK),
        Transition("bounce", ("sent",), "failed", roles(Role.SYSTEM, Role.COORDINATOR)),
        Transition("send-again", ("sent",), "sent", _DESK),  # a copy of it is queued; this one stays as it was
    ),
)
