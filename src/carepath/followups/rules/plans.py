"""Treatment plans: states, what a draft may say."""

from dataclasses import dataclass
from datetime import date, timedelta

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
    "other": _("Other"),
}
SETTINGS = {"clinic": _("In the clinic"), "home": _("At home")}

_PROVIDER = roles(Role.PROVIDER)

PLAN = Machine(
    "treatment plan",
    ("active",),
    (
        Transition("change", ("active", "on-hold"), "active", _PROVIDER),
        Transition("pause", ("active",), "on-hold", _PROVIDER),
        Transition("resume", ("on-hold",), "active", _PROVIDER),
        Transition("end", ("active", "on-hold"), "completed", _PROVIDER),
    ),
)


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What the provider writes. `dose` is their own words; intervals are in days."""

    route: str
    setting: str
    dose: str
    interval_days: int
    check_in_every_days: int
    goals: str
    starts_on: date


def check_plan(draft: PlanDraft, today: date) -> None:
    """Invalid names every field that is wrong. No dose is judged, only that one is written."""
    problems = {}
    if draft.route not in ROUTES:
        problems["route"] = _("Choose a route.")
    if draft.setting not in SETTINGS:
        problems["setting"] = _("Choose where the sessions take place.")
    if draft.setting == "home":
        problems["setting"] = _("Sessions at home are switched off in this clinic.")
    for field, text, limit in (("dose", draft.dose, 300), ("goals", draft.goals, 1000)):
        if not text.strip():
            problems[field] = _("Write something here.")
        elif len(text) > limit:
            problems[field] = _("This can have at most {limit} characters.").format(limit=limit)
    for field, days in (("interval_days", draft.interval_days), ("check_in_every_days", draft.check_in_every_days)):
        if not 1 <= days <= 366:
            problems[field] = _("Enter a number of days from 1 to 366.")
    if not today - timedelta(days=3660) <= draft.starts_on <= today + timedelta(days=366):
        problems["starts_on"] = _("Choose a date within the next year.")
    if problems:
        raise Invalid(problems)
