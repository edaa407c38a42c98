"""What is known of a patient over time: all that signals are worked out from, and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

SOURCES = ("check-in", "session", "staff")


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose as the provider wrote it or as it was given. `unit` is mg or mg/kg."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a check-in, a dosing session or a member of staff says of a patient at a time.

    None or empty: not asked, or not answered. `peg` and `nrs` 0-10, `phq9` 0-27, `item9` 0-3, `cssrs` the triage of 0
    none to 3 high, `change` PGIC of 1 best to 7 worst, blood pressure in mmHg, `heart_rate` a minute, `oxygen` in
    percent, `mme` in mg of morphine a day, `dissociation` and `distress` 0-10, `nights` times up. Codes of `effects`,
    `bladder`, `misuse` and `mind` are those that config/followups.toml names. Measured before and after a session, each
    number is the worse one by itself, so that the two of a blood pressure may be of different moments.
    """

    id: UUID
    at: datetime
    source: str
    peg: Decimal | None = None
    nrs: Decimal | None = None
    phq9: int | None = None
    item9: int | None = None
    cssrs: int | None = None
    change: int | None = None
    effects: frozenset[str] = frozenset()
    severity: str = ""
    bladder: frozenset[str] | None = None
    nights: int | None = None
    systolic: int | None = None
    diastolic: int | None = None
    heart_rate: int | None = None
    oxygen: int | None = None
    misuse: frozenset[str] = frozenset()
    mind: frozenset[str] = frozenset()
    is_pregnant: bool | None = None
    has_new_medicine: bool | None = None
    wears_off_sooner: bool | None = None
    mme: Decimal | None = None
    doses_left: int | None = None
    dose: Dose | None = None
    dissociation: int | None = None
    distress: int | None = None


@dataclass(frozen=True, slots=True)
class PlanPoint:
    """What a version of the plan said from `at` on."""

    at: datetime
    version: int
    phase: str
    interval_days: int
    dose: Dose | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the intake says: where relief, bladder and opioids are counted from."""

    peg: Decimal | None = None
    nrs: Decimal | None = None
    phq9: int | None = None
    bladder: frozenset[str] = frozenset()
    nights: int | None = None
    mme: Decimal | None = None


@dataclass(frozen=True, slots=True)
class History:
    """All of it. Readings may be given in any order; rules read them by `at`, then `id`."""

    baseline: Baseline
    readings: tuple[Reading, ...]
    plans: tuple[PlanPoint, ...]
