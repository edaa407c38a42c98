"""What may happen to an appointment, by whom, and when."""

from datetime import datetime, timedelta

from carepath.kit.actor import Role
from carepath.kit.errors import Conflict
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _
from carepath.scheduling.rules.model import BookingRules

_BOOKERS = roles(Role.PATIENT, Role.COORDINATOR, Role.ADMIN, Role.SYSTEM)
_ROOM = roles(Role.PATIENT, Role.PROVIDER, Role.COORDINATOR, Role.SYSTEM)
_ANYBODY = roles(Role.PATIENT, Role.PROVIDER, Role.COORDINATOR, Role.ADMIN, Role.SYSTEM)

# Who may make one: a hold begins as proposed, a booking by staff as booked.
MAKERS = {"hold": _BOOKERS, "book": roles(Role.PROVIDER, Role.COORDINATOR, Role.ADMIN, Role.SYSTEM)}

APPOINTMENT = Machine(
    "appointment",
    ("proposed", "booked"),
    (
        Transition("confirm", ("proposed",), "booked", _BOOKERS),
        Transition("release", ("proposed",), "cancelled", _BOOKERS),
        Transition("expire", ("proposed",), "cancelled", roles(Role.SYSTEM)),
        Transition("move", ("booked",), "booked", _BOOKERS),
        # Again while under way: a patient may correct where they are. Turned away, the visit waits for the clinic.
        Transition("check-in", ("booked", "checked-in"), "checked-in", _ROOM),
        Transition("turn-away", ("booked", "checked-in"), "booked", _ROOM),
        # It stays what it is: the patient is told when to expect whom they wait for.
        Transition("late", ("booked",), "booked", roles(Role.PROVIDER)),
        Transition("late", ("checked-in",), "checked-in", roles(Role.PROVIDER)),
        Transition("fulfil", ("booked", "checked-in"), "fulfilled", roles(Role.PROVIDER, Role.SYSTEM)),
        Transition("cancel", ("proposed", "booked", "checked-in"), "cancelled", _ANYBODY),
        Transition("no-show", ("booked",), "noshow", roles(Role.PROVIDER, Role.COORDINATOR, Role.SYSTEM)),
        # Back to checked-in, not to booked: the patient did come, and the clock would mark it again.
        Transition("reverse-no-show", ("noshow",), "checked-in", roles(Role.PROVIDER, Role.COORDINATOR, Role.SYSTEM)),
    ),
)

# Minutes by which a provider may say that they are late, and how long before a visit they can: earlier, it is moved.
LATE = (10, 20, 30)
LATE_FROM = timedelta(hours=2)

_DESK = roles(Role.COORDINATOR, Role.SYSTEM)
REPLAN = Machine(
    "replan",
    ("proposed",),
    (
        Transition("carry-out", ("proposed",), "carried-out", _DESK),
        Transition("dismiss", ("proposed",), "dismissed", _DESK),
    ),
)


class TooEarly(Conflict):
    """The clock does not allow it before `since`."""

    def __init__(self, since: datetime) -> None:
        super().__init__(_("It is too early for this."), "too-early")
        self.since = since


def check_time(action: str, role: Role, start_at: datetime, rules: BookingRules, now: datetime) -> None:
    """Conflict (`too-early`, `already-begun`) when the clock does not allow the action."""
    earliest = {
        "check-in": start_at - timedelta(minutes=rules.check_in_opens_minutes),
        "late": start_at - LATE_FROM,
        "fulfil": start_at,
        "no-show": start_at + timedelta(minutes=rules.no_show_grace_minutes),
    }
    if action in earliest and now < earliest[action]:
        raise TooEarly(earliest[action])
    if role is Role.PATIENT and action in {"move", "cancel"} and now >= start_at:
        raise Conflict(_("This visit has already begun. Please call the clinic."), "already-begun")


def check_policy(action: str, moves: int, start_at: datetime, rules: BookingRules, now: datetime) -> None:
    """Conflict (`too-late`, `moved-often`) when a patient may not move or cancel a booked visit themselves any more.

    Staff do it for them; for what this refuses they give a reason.
    """
    if now > start_at - timedelta(hours=rules.change_notice_hours):
        words = _("It is less than {hours} hours until this visit. Please call the clinic to change it.")
        raise Conflict(words.format(hours=rules.change_notice_hours), "too-late")
    if action == "move" and moves >= rules.most_moves:
        words = _("This visit has been moved {moves} times. Please call the clinic to move it again.")
        raise Conflict(words.format(moves=moves), "moved-often")
