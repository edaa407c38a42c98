"""What a version of a plan says otherwise than the one before it, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from carepath.followups.rules.history import Dose
from carepath.followups.rules.home import HomeGate
from carepath.followups.rules.plans import PHASES, ROUTES, SETTINGS, THERAPIES, PlanDraft
from carepath.kit import when
from carepath.kit.words import _

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """A thing of the plan, as it was and as it is."""

    name: str
    before: str
    after: str


def _days(n: int) -> str:
    return _("{n} days").format(n=n)


def _date(on: date | None) -> str:
    return when.say_on(on) if on else NOTHING


def route_words(draft: PlanDraft) -> str:
    """The route; another one in the provider's words."""
    return f"{ROUTES[draft.route]}: {draft.details.route_words}" if draft.route == "other" else ROUTES[draft.route]


def amount_words(amount: Dose | None) -> str:
    """ "30 mg"."""
    return f"{amount.amount:f} {amount.unit}" if amount else NOTHING


def therapy_words(draft: PlanDraft) -> str:
    """Which, and what exactly."""
    chosen = ", ".join(words for code, words in THERAPIES.items() if code in draft.details.therapies)
    return ": ".join(part for part in (chosen, draft.details.therapy_words) if part) or NOTHING


def home_words(gate: HomeGate | None) -> str:
    """Who is there, and the reading on which it was allowed."""
    if gate is None:
        return NOTHING
    reading = _("{systolic}/{diastolic} mmHg, pulse {rate}, on {day}").format(
        systolic=gate.systolic, diastolic=gate.diastolic, rate=gate.heart_rate, day=_date(gate.measured_on)
    )
    return f"{gate.monitor_name}, {gate.monitor_phone}; {reading}"


SAID: tuple[tuple[str, Callable[[PlanDraft], str]], ...] = (
    (_("Phase"), lambda p: PHASES[p.phase]),
    (_("How it is tapered"), lambda p: p.details.taper or NOTHING),
    (_("Route"), route_words),
    (_("Where"), lambda p: SETTINGS[p.setting]),
    (_("At home"), lambda p: home_words(p.details.home) if p.setting == "home" else NOTHING),
    (_("Dose, as written"), lambda p: p.dose),
    (_("Amount"), lambda p: amount_words(p.details.amount)),
    (_("A session every"), lambda p: _days(p.interval_days)),
    (_("Sessions planned"), lambda p: str(p.sessions_planned or NOTHING)),
    (_("Dates"), lambda p: ", ".join(_date(on) for on in p.details.session_dates) or NOTHING),
    (_("Prescribed until"), lambda p: _date(p.runway_until)),
    (_("A check-in every"), lambda p: _days(p.check_in_every_days)),
    (_("Labs seen on"), lambda p: _date(p.details.labs_seen_on)),
    (_("Labs due on"), lambda p: _date(p.labs_due_on)),
    (_("PDMP checked on"), lambda p: _date(p.details.pdmp_checked_on)),
    (_("PDMP due on"), lambda p: _date(p.pdmp_due_on)),
    (_("Combined with"), therapy_words),
    (_("Goals"), lambda p: p.goals),
    (_("Starts on"), lambda p: _date(p.starts_on)),
)


def said(draft: PlanDraft) -> tuple[tuple[str, str], ...]:
    """All that a plan says, name by name."""
    return tuple((name, words) for name, of in SAID if (words := of(draft)) != NOTHING)


def differences(before: PlanDraft, after: PlanDraft) -> tuple[Difference, ...]:
    """None for two that say the same."""
    both = ((name, of(before), of(after)) for name, of in SAID)
    return tuple(Difference(name, was, now) for name, was, now in both if was != now)
