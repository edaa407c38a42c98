"""What may become of a message."""

from carepath.kit.actor import Role
from carepath.kit.errors import Conflict
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _

_WORKER = roles(Role.SYSTEM)
_DESK = roles(Role.COORDINATOR, Role.ADMIN)  # those to patients, and those to staff

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

MOST_COPIES = 5  # so often may staff send one again; whoever has not answered six mails should be called
STOPPED = "stopped by staff"
WORDS = {
    "queued": _("waiting"), "retrying": _("waiting for another try"), "sending": _("being sent"), "sent": _("sent"),
    "failed": _("failed"), "skipped": _("not sent"), "superseded": _("replaced"),
}  # fmt: skip


def shown_state(status: str, attempts: int) -> str:
    """A message's state as lists tell them apart: one that was tried in vain waits otherwise than a fresh one."""
    return "retrying" if status == "queued" and attempts else status


def check(status: str, action: str, role: Role) -> None:
    """Refused for the wrong role, Conflict in a state that does not allow it: mostly somebody else was faster."""
    try:
        MESSAGE.apply(status, action, role)
    except Conflict:
        why = _("This message is {state} by now, so this cannot be done any more. Perhaps somebody else was faster.")
        raise Conflict(why.format(state=WORDS[status]), status) from None


def bounced(cause: str) -> str:
    """Why a message that was sent counts as failed."""
    return _("it came back: {cause}").format(cause=cause)
