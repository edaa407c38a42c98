"""config/evaluations.toml: due times, who is told when they are missed, words for decisions."""

from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from carepath.evaluations.rules import DECISIONS, PRIORITIES, TEXT_LIMIT
from carepath.evaluations.rules.escalation import AUDIENCES, Step
from carepath.kit import config
from carepath.kit.errors import ConfigProblem

_FILE = "evaluations.toml"
_MOST_HOURS = 30 * 24
_PLACES = ("first_name", "clinic", "phone")


@dataclass(frozen=True, slots=True)
class Due:
    """Hours until an evaluation of each urgency should be decided; `task_hours` until an urgent task is seen to."""

    stat_hours: int
    urgent_hours: int
    routine_hours: int
    task_hours: int
    source: str

    @property
    def hours(self) -> dict[str, int]:
        """Hours by priority, the most urgent first."""
        return dict(zip(PRIORITIES, (self.stat_hours, self.urgent_hours, self.routine_hours), strict=True))


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told that a due time has passed, and when."""

    steps: list[Step]
    source: str


@dataclass(frozen=True, slots=True)
class TaskEscalation:
    """Likewise of urgent tasks; after the last step everybody is told again and again."""

    steps: list[Step]
    again_hours: int
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an outcome is called, and what the patient reads of it unless the provider writes something else."""

    label: str
    words: str
    must_change: bool = False

    def filled(self, first_name: str, clinic: str, phone: str) -> str:
        """The words for one patient. Empty lines at their end stay: that is where a provider goes on writing."""
        return self.words.format(first_name=first_name, clinic=clinic, phone=phone).lstrip()


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The file, checked."""

    due: Due
    escalation: Escalation
    task_escalation: TaskEscalation
    decisions: dict[str, Outcome]
    # Read by evaluations.page_catalogue.
    checklist: dict[str, object] = field(default_factory=dict)
    summary: dict[str, object] = field(default_factory=dict)
    interactions: dict[str, object] = field(default_factory=dict)
    body_map: dict[str, object] = field(default_factory=dict)


class _Kept:
    found: Evaluations | None = None


def load(config_dir: Path) -> Evaluations:
    """Read and check. ConfigProblem names the key."""
    found = config.load(config_dir / _FILE, Evaluations)
    hours = list(found.due.hours.values())
    if not 0 < hours[0] <= hours[1] <= hours[2] <= _MOST_HOURS:
        raise ConfigProblem(_FILE, "due", f"the hours of stat, urgent and routine rise from 1 to {_MOST_HOURS}")
    if not 0 < found.due.task_hours <= _MOST_HOURS:
        raise ConfigProblem(_FILE, "due.task_hours", f"a number of hours from 1 to {_MOST_HOURS}")
    _check_steps("escalation", found.escalation.steps)
    _check_steps("task_escalation", found.task_escalation.steps)
    if not 0 < found.task_escalation.again_hours <= _MOST_HOURS:
        raise ConfigProblem(_FILE, "task_escalation.again_hours", f"a number of hours from 1 to {_MOST_HOURS}")
    if set(found.decisions) != set(DECISIONS):
        raise ConfigProblem(_FILE, "decisions", f"there is one table for each of {', '.join(DECISIONS)}")
    for name, outcome in found.decisions.items():
        _check_words(f"decisions.{name}", outcome)
    return found


def _check_steps(table: str, steps: list[Step]) -> None:
    before = -1
    for place, step in enumerate(steps):
        key = f"{table}.steps[{place}]"
        if not before < step.after_hours <= _MOST_HOURS:
            raise ConfigProblem(_FILE, f"{key}.after_hours", f"the hours rise from step to step, to {_MOST_HOURS}")
        if not step.to or not set(step.to) <= set(AUDIENCES):
            raise ConfigProblem(_FILE, f"{key}.to", f"one or more of {', '.join(AUDIENCES)}")
        before = step.after_hours
    if not steps:
        raise ConfigProblem(_FILE, f"{table}.steps", "somebody has to be told when a due time is missed")


def _check_words(key: str, outcome: Outcome) -> None:
    if not outcome.label.strip() or len(outcome.label) > 60:
        raise ConfigProblem(_FILE, f"{key}.label", "a label of at most 60 characters")
    try:
        parts = list(Formatter().parse(outcome.words))
    except ValueError as problem:
        raise ConfigProblem(_FILE, f"{key}.words", f"a brace is amiss: {problem}") from None
    for _text, place, spec, conversion in parts:
        if place is not None and (place not in _PLACES or spec or conversion):
            raise ConfigProblem(_FILE, f"{key}.words", f"{{{place}}} is not one of {', '.join(_PLACES)}")
    if not outcome.words.strip() or len(outcome.words) > TEXT_LIMIT // 2:
        raise ConfigProblem(_FILE, f"{key}.words", f"words of at most {TEXT_LIMIT // 2} characters")


def configure(found: Evaluations) -> None:
    """Make this what the process works by."""
    _Kept.found = found


def evaluations() -> Evaluations:
    """What this process works by. RuntimeError before `configure`."""
    if _Kept.found is None:
        raise RuntimeError("evaluations.catalogue.configure was not called")
    return _Kept.found
