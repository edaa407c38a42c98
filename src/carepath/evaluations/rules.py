"""States and due times of evaluations and urgent tasks."""

from datetime import datetime, timedelta

from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _

_PROVIDER, _SYSTEM = roles(Role.PROVIDER), roles(Role.SYSTEM)

# FHIR Task codes. on-hold: the patient was asked something and has not answered yet.
EVALUATION = Machine(
    "evaluation",
    ("requested",),
    (
        Transition("assign", ("requested", "in-progress"), "in-progress", _SYSTEM),
        Transition("assign", ("on-hold",), "on-hold", _SYSTEM),
        Transition("claim", ("requested",), "in-progress", _PROVIDER),
        Transition("ask", ("in-progress", "on-hold"), "on-hold", _PROVIDER),
        Transition("answer", ("on-hold",), "in-progress", roles(Role.PATIENT)),
        Transition("decide", ("in-progress", "on-hold"), "completed", _PROVIDER),
        Transition("withdraw", ("requested", "in-progress", "on-hold"), "cancelled", roles(Role.PATIENT)),
    ),
)
URGENT_TASK = Machine(
    "urgent task",
    ("requested",),
    (Transition("finish", ("requested",), "completed", _PROVIDER),),
)

PENDING = ("requested", "in-progress", "on-hold")
OUTCOMES = ("suitable", "not-suitable")
TEXT_LIMIT = 2000

# Design defaults; each clinic signs off its own. A suicidal answer is looked at the same day.
_DUE = {"stat": timedelta(hours=4), "urgent": timedelta(hours=24), "routine": timedelta(hours=72)}
URGENT_TASK_DUE = timedelta(hours=4)


def due_by(priority: str, now: datetime) -> datetime:
    """When an evaluation of this priority should be decided."""
    return now + _DUE[priority]


def check_decision(outcome: str, reason: str, patient_words: str) -> None:
    """Invalid unless the outcome is one of ours, a refusal has its reason, and the patient is told something."""
    problems = {}
    if outcome not in OUTCOMES:
        problems["outcome"] = _("Choose suitable or not suitable.")
    if outcome == "not-suitable" and not reason.strip():
        problems["reason"] = _("Write why, for the record.")
    if not patient_words.strip():
        problems["patient_words"] = _("Write what the patient should read.")
    for field, text in (("reason", reason), ("patient_words", patient_words)):
        if len(text) > TEXT_LIMIT:
            problems[field] = _too_long(TEXT_LIMIT)
    if problems:
        raise Invalid(problems)


def _too_long(limit: int) -> str:
    return _("This can have at most {limit} characters.").format(limit=limit)


def check_text(field: str, text: str, empty: str, limit: int = TEXT_LIMIT) -> None:
    """Invalid when a text is empty or too long."""
    if not text.strip():
        raise Invalid({field: empty})
    if len(text) > limit:
        raise Invalid({field: _too_long(limit)})
