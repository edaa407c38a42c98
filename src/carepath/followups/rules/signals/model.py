"""What a signal is: a rule of config/followups.toml, and what a reading raises by it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from carepath.followups.rules.history import Baseline, PlanPoint, Reading

TONES = ("green", "amber", "red")

Behind = dict[str, str]


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A signal of config/followups.toml. `numbers` and `codes` are those its kind asks for."""

    id: str
    version: str
    kind: str
    tone: str
    words: str
    source: str
    numbers: dict[str, float] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    def number(self, name: str) -> Decimal:
        """A threshold, exact."""
        return Decimal(str(self.numbers[name]))


@dataclass(frozen=True, slots=True)
class Noticed:
    """What rules of another kind found in a reading, with the answers behind it."""

    rule: SignalRule
    readings: Behind


@dataclass(frozen=True, slots=True)
class Raised:
    """A signal, with the readings behind it. `anchor` is what it is about; once a rule and anchor it is kept."""

    rule: SignalRule
    anchor: str
    about_at: datetime
    readings: Behind
    reading_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One reading with all that came before it: earlier readings, and versions of the plan, each oldest first."""

    baseline: Baseline
    reading: Reading
    earlier: tuple[Reading, ...] = ()
    plans: tuple[PlanPoint, ...] = ()

    @property
    def series(self) -> tuple[Reading, ...]:
        """Every reading up to this one."""
        return (*self.earlier, self.reading)

    @property
    def course(self) -> tuple[PlanPoint, ...]:
        """The versions of the plan that runs at this reading: from its first one on."""
        firsts = [number for number, one in enumerate(self.plans) if one.version == 1]
        return self.plans[firsts[-1] :] if firsts else self.plans


@dataclass(frozen=True, slots=True)
class Kind:
    """How a signal is worked out: the numbers that its rules state, and the field of a reading whose codes they name.

    Of the rules of one `ladder` that fire at one reading the loudest is kept; of equals, the first in the file.
    """

    family: str
    fires: Callable[[SignalRule, Point], Behind | None]
    numbers: frozenset[str] = frozenset()
    codes: str = ""
    ladder: str = ""


def behind(**readings: object) -> Behind:
    """The readings behind a signal, by name; what is not known is left out."""
    return {name: _words(value) for name, value in readings.items() if value is not None}


def _words(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset | set) else str(value)
