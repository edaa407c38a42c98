"""States and due times of evaluations and urgent tasks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _

_PROVIDER, _SYSTEM, _ADMIN = roles(Role.PROVIDER), roles(Role.SYSTEM), roles(Role.ADMIN)
PENDING = ("requested", "in-progress", "on-hold")

# FHIR Task codes. on-hold: the patient was asked something and has not answered yet. One that is on hold is not released:
# the answer would reach nobody. It can be handed over; the answer then reaches whoever has it by then. One whose provider
# may not sign in any more is nobody's, whatever it waits for, and whoever takes it goes on from there.
EVALUATION = Machine(
    "evaluation",
    ("requested",),
    (
        Transition("assign", ("requested", "in-progress"), "in-progress", _SYSTEM),
        Transition("assign", ("on-hold",), "on-hold", _SYSTEM),
        Transition("claim", ("requested", "in-progress"), "in-progress", _PROVIDER),
        Transition("claim", ("on-hold",), "on-hold", _PROVIDER),
        Transition("release", ("in-progress",), "requested", _PROVIDER),
        Transition("lose-provider", ("in-progress",), "requested", _ADMIN),
        Transition("lose-provider", ("on-hold",), "on-hold", _ADMIN),
        Transition("hand-over", ("in-progress",), "in-progress", _PROVIDER),
        Transition("hand-over", ("on-hold",), "on-hold", _PROVIDER),
        Transition("ask", ("in-progress", "on-hold"), "on-hold", _PROVIDER),
        Transition("answer", ("on-hold",), "in-progress", roles(Role.PATIENT)),
        Transition("decide", ("in-progress", "on-hold"), "completed", _PROVIDER),
        Transition("withdraw", PENDING, "cancelled", roles(Role.PATIENT)),
        *(Transition("escalate", (state,), state, _SYSTEM) for state in PENDING),
    ),
)
URGENT_TASK = Machine(
    "urgent task",
    ("requested",),
    (
        Transition("finish", ("requested",), "completed", _PROVIDER),
        Transition("escalate", ("requested",), "requested", _SYSTEM),
    ),
)

PRIORITIES = ("stat", "urgent", "routine")
# What ends an evaluation, and all that a provider can say of one: the last asks the patient, and it goes on.
OUTCOMES = ("suitable", "not-suitable", "refer-elsewhere")
MORE = "more-information"
DECISIONS = (*OUTCOMES, MORE)
_WITH_REASON = frozenset({"not-suitable", "refer-elsewhere"})
TEXT_LIMIT = 2000
REASON_LIMIT = 500


def due_by(hours: Mapping[str, int], priority: str, now: datetime) -> datetime:
    """When an evaluation of this priority should be decided. `hours` are by priority."""
    return now + timedelta(hours=hours[priority])


def check_decision(outcome: str, reason: str, patient_words: str) -> None:
    """Invalid unless the outcome is one of ours, a refusal has its reason, and the patient is told something."""
    problems = {}
    if outcome not in DECISIONS:
        problems["outcome"] = _("Choose one of the outcomes.")
    if outcome in _WITH_REASON and not reason.strip():
        problems["reason"] = _("Write why, for the record.")
    if not patient_words.strip():
        problems["patient_words"] = _("Write what the patient should read.")
    for field, text in (("reason", reason), ("patient_words", patient_words)):
        if len(text) > TEXT_LIMIT:
            problems[field] = _too_long(TEXT_LIMIT)
    if problems:
        raise Invalid(problems)


def check_changed(words: str, template: str) -> None:
    """Invalid when words are sent as the clinic's file has them, though something has to be written into them."""
    if " ".join(words.split()) == " ".join(template.split()):
        raise Invalid({"patient_words": _("Write into these words what is meant before they are sent.")})


def check_open(open_items: Sequence[str], outcome: str) -> None:
    """Invalid when somebody would be approved before everything that comes first is done."""
    if outcome == "suitable" and open_items:
        raise Invalid({"outcome": _("Before “suitable”: {items}").format(items=" ".join(open_items))})


def check_version(current: int, seen: int) -> None:
    """Conflict when anything has changed since somebody looked."""
    if current != seen:
        raise Conflict(_("This evaluation has changed since you opened it. Look at it again."), "changed")


def _too_long(limit: int) -> str:
    return _("This can have at most {limit} characters.").format(limit=limit)


def check_text(field: str, text: str, empty: str, limit: int = TEXT_LIMIT) -> None:
    """Invalid when a text is empty or too long."""
    if not text.strip():
        raise Invalid({field: empty})
    if len(text) > limit:
        raise Invalid({field: _too_long(limit)})
