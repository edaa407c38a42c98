"""Words that every list of the provider's has: states, urgency, how long."""

from datetime import datetime, timedelta

from carepath.kit.words import _

PRIORITY = {"stat": (_("today"), "red"), "urgent": (_("urgent"), "amber"), "routine": ("", "")}
STATES = {"requested": _("nobody has it yet"), "in-progress": _("to decide"), "on-hold": _("waiting for the patient")}

VISITS = {
    "proposed": _("held"), "booked": _("booked"), "checked-in": _("arrived"),
    "fulfilled": _("took place"), "noshow": _("did not come"), "cancelled": _("cancelled"),
}  # fmt: skip


def due_words(due: datetime, now: datetime) -> str:
    """ "due in 3 h", "2 days late"."""
    return (_("due in {amount}") if due > now else _("{amount} late")).format(amount=amount(abs(due - now)))


def amount(size: timedelta) -> str:
    """ "20 min", "3 h", "2 days"."""
    if size < timedelta(hours=1):
        return _("{n} min").format(n=max(1, int(size.total_seconds() // 60)))
    if size < timedelta(days=2):
        return _("{n} h").format(n=int(size.total_seconds() // 3600))
    return _("{n} days").format(n=size.days)
