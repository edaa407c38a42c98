"""Words that every list of the provider's has: states, urgency, how long."""

from datetime import datetime, timedelta
from functools import lru_cache

from carepath.kit.words import _

PRIORITY = {"stat": (_("today"), "red"), "urgent": (_("urgent"), "amber"), "routine": ("", "")}
STATES = {"requested": _("nobody has it yet"), "in-progress": _("to decide"), "on-hold": _("waiting for the patient")}

VISITS = {
    "proposed": _("held"), "booked": _("booked"), "checked-in": _("arrived"),
    "fulfilled": _("took place"), "noshow": _("did not come"), "cancelled": _("cancelled"),
}  # fmt: skip
_TOO_EARLY = {
    "no-show": _("From {time} on it can be said that the patient did not come."),
    "fulfil": _("From {time} on it can be said that the visit took place."),
}


def due_words(due: datetime, now: datetime) -> str:
    """ "due in 3 h", "2 days late"."""
    return with_amount(_("due in {amount}") if due > now else _("{amount} late"), abs(due - now))


def too_early(what: str, since: str) -> str:
    """From which time on something can be said of a visit; `since` is that time in words."""
    return _TOO_EARLY[what].format(time=since)


def told_words(times: int) -> str:
    """ "escalated twice": so often somebody was told that it still waits."""
    said = {1: _("once"), 2: _("twice")}.get(times, _("{n} times").format(n=times))
    return _("escalated {times}").format(times=said)


def amount(size: timedelta) -> str:
    """ "20 min", "3 h", "2 days"."""
    return with_amount("{amount}", size)


def with_amount(words: str, size: timedelta) -> str:
    """`words` with that "20 min", "3 h" or "2 days" in the place of {amount}."""
    minutes = max(1, size.days * 1440 + size.seconds // 60)
    if minutes < 60:
        return _filled(words, _("{n} min"), minutes)
    return _filled(words, _("{n} h"), minutes // 60) if size.days < 2 else _filled(words, _("{n} days"), size.days)


@lru_cache(maxsize=4096)
def _filled(words: str, unit: str, number: int) -> str:
    return words.format(amount=unit.format(n=number))
