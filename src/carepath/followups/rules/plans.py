"""Treatment plans: their states, their phases, what a draft holds."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from carepath.followups.rules.history import Dose
from carepath.followups.rules.home import HomeGate
from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _

ROUTES = {
    "iv": _("Infusion into a vein (IV)"),
    "im": _("Injection into a muscle (IM)"),
    "sc": _("Injection under the skin (SC)"),
    "nasal": _("Nasal spray"),
    "sublingual": _("Lozenge under the tongue"),
    "troche": _("Troche in the cheek"),
    "other": _("Other"),
}
SETTINGS = {"clinic": _("In the clinic"), "home": _("At home")}
UNITS = {"mg": "mg", "mg/kg": "mg/kg"}
PHASES = {
    "test-dose": _("Test dose"),
    "induction": _("Induction"),
    "maintenance": _("Maintenance"),
    "taper": _("Taper"),
    "ended": _("Ended"),
}
FIRST_PHASES = ("test-dose", "induction", "maintenance")
THERAPIES = {
    "physical-therapy": _("Physical therapy"),
    "cbt": _("Cognitive behavioural therapy"),
    "sleep": _("Sleep"),
    "supplements": _("Supplements"),
    "counselling": _("Counselling"),
}
RECORDS = ("record-labs", "record-pdmp", "renew")
# Each of these steps of a plan's history keeps a version; the others turn the plan and leave its words alone.
VERSIONED = frozenset({"write", "change", "taper", *RECORDS})

_PROVIDER = roles(Role.PROVIDER)
_RUNNING = ("active", "on-hold")


def _staying(actions: Iterable[str]) -> Iterable[Transition]:
    """What is written beside a plan leaves it running, or paused."""
    return (Transition(action, (state,), state, _PROVIDER) for action in actions for state in _RUNNING)


PLAN = Machine(
    "treatment plan",
    ("active",),
    (
        *_staying(("change",)),
        Transition("pause", ("active",), "on-hold", _PROVIDER),
        Transition("resume", ("on-hold",), "active", _PROVIDER),
        Transition("taper", ("active",), "active", _PROVIDER),
        *_staying(RECORDS),
        Transition("end", _RUNNING, "completed", _PROVIDER),
    ),
)

# Going back is allowed: a series is given again when its effect has worn off, and who had to end a plan to do so would
# tear the history of one treatment in two. Each change says why, so a step back does as well. Into the taper leads one
# action alone, because it needs its words of how; a change may leave it, when it was not the end after all.
PHASE = Machine(
    "phase of a treatment plan",
    FIRST_PHASES,
    (
        Transition("test", ("induction", "maintenance", "taper"), "test-dose", _PROVIDER),
        Transition("induce", ("test-dose", "maintenance", "taper"), "induction", _PROVIDER),
        Transition("maintain", ("test-dose", "induction", "taper"), "maintenance", _PROVIDER),
        Transition("taper", FIRST_PHASES, "taper", _PROVIDER),
        Transition("end", (*FIRST_PHASES, "taper"), "ended", _PROVIDER),
    ),
)
_TO = {"test-dose": "test", "induction": "induce", "maintenance": "maintain"}


def turn_phase(phase: str, wanted: str, role: Role, action: str) -> str:
    """The phase of the next version. Staying is no step, but for the taper, which is not begun twice. Conflict where no
    step leads there."""
    if action == "change" and wanted == phase:
        return phase
    if action == "change" and wanted not in _TO:
        raise Invalid({"phase": _("Taper the plan by its own form, which asks how.")})
    return PHASE.apply(phase, _TO.get(wanted, "taper"), role)


@dataclass(frozen=True, slots=True)
class PlanDetails:
    """What is sealed as one: it is read with the plan and never searched for."""

    route_words: str = ""
    amount: Dose | None = None
    session_dates: tuple[date, ...] = ()
    therapies: tuple[str, ...] = ()
    therapy_words: str = ""
    taper: str = ""
    home: HomeGate | None = None
    labs_seen_on: date | None = None
    pdmp_checked_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What the provider writes. `dose` is their own words; `details.amount` says the same as a number, for the clinic's
    limits and the trend, when they enter it. Intervals are in days."""

    route: str
    setting: str
    dose: str
    interval_days: int
    check_in_every_days: int
    goals: str
    starts_on: date
    phase: str = "maintenance"
    sessions_planned: int | None = None
    runway_until: date | None = None
    labs_due_on: date | None = None
    pdmp_due_on: date | None = None
    details: PlanDetails = PlanDetails()


def draft_of(plan: Any) -> PlanDraft:
    """The draft that `plan`, which has every field of one, was written from."""
    return PlanDraft(**{one.name: getattr(plan, one.name) for one in fields(PlanDraft)})
