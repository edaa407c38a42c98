"""The form of a plan: as it is read, and as it is filled in again."""

import re
from datetime import date
from decimal import Decimal

from carepath.followups.rules.history import Dose
from carepath.followups.rules.home import HomeGate
from carepath.followups.rules.plans import PHASES, ROUTES, SETTINGS, THERAPIES, UNITS, draft_of
from carepath.followups.service import Plan, PlanDetails, PlanDraft
from carepath.kit.words import _
from carepath.web.forms import Form

_WORKING_PHASES = frozenset(PHASES) - {"ended"}
_MOST_LINES = 4500


def read(form: Form) -> PlanDraft:
    """What was sent. Invalid names what cannot be read; what it means is for the rules to judge."""
    days = _("Enter a number of days from 1 to 366.")
    phase = form.choice("phase", _WORKING_PHASES, _("Choose the phase."))
    setting = form.choice("setting", frozenset(SETTINGS), _("Choose where the sessions take place."))
    draft = PlanDraft(
        form.choice("route", frozenset(ROUTES), _("Choose a route.")), setting, form.text("dose", 300, _("Write something here.")),
        form.whole("interval_days", 1, 366, days), form.whole("check_in_every_days", 1, 366, days),
        form.text("goals", 1000, _("Write something here.")), form.day("starts_on", _("Enter a date.")) or date.min, phase,
        form.whole_or_none("sessions_planned", 1, 365), form.day("runway_until", None), form.day("labs_due_on", None),
        form.day("pdmp_due_on", None), _details(form, phase, setting),
    )  # fmt: skip
    form.check()
    return draft


def _details(form: Form, phase: str, setting: str) -> PlanDetails:
    taper = form.text("taper", 1000)
    return PlanDetails(
        route_words=form.text("route_words", 100),
        amount=_amount(form),
        session_dates=_dates(form),
        therapies=tuple(form.choices("therapies", THERAPIES, _("Choose from the list."))),
        therapy_words=form.text("therapy_words", 500),
        taper=taper if phase == "taper" else "",
        home=_home(form) if setting == "home" else None,
    )


def _amount(form: Form) -> Dose | None:
    """Both or neither. What is written with a point is kept as it stands."""
    amount, unit = form.text("amount", 12), form.text("unit", 10)
    if "amount" in form.problems or not (amount or unit):
        return None
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,4})?", amount, re.ASCII):
        form.problems["amount"] = _("Enter an amount like 12.5.")
    if unit not in UNITS:
        form.problems.setdefault("unit", _("Choose the unit of the amount."))
    return Dose(Decimal(amount), unit) if not {"amount", "unit"} & form.problems.keys() else None


def _dates(form: Form) -> tuple[date, ...]:
    """One a line. The first that is none is named by its line."""
    found = []
    for number, line in enumerate(form.text("session_dates", _MOST_LINES).split("\n"), 1):
        on = _day(line.strip())
        if on is not None:
            found.append(on)
        elif line.strip():
            words = _("Line {n} is not a date like 2026-12-01.").format(n=number)
            form.problems.setdefault("session_dates", words)
    return tuple(found)


def _day(text: str) -> date | None:
    one = Form({"on": [text]}, {})
    return one.day("on", None)


def _home(form: Form) -> HomeGate:
    return HomeGate(
        form.text("home_monitor", 120), form.text("home_phone", 30), form.has("home_device"),
        form.whole_or_none("home_systolic", 40, 300), form.whole_or_none("home_diastolic", 20, 200),
        form.whole_or_none("home_heart_rate", 20, 300), form.day("home_measured_on", None), form.has("home_address"),
    )  # fmt: skip


def values_of(plan: Plan) -> dict[str, str]:
    """The running plan, to be written anew. What must be confirmed or measured each time is left empty."""
    draft, said = draft_of(plan), plan.details
    dates = {name: getattr(draft, name) for name in ("starts_on", "runway_until", "labs_due_on", "pdmp_due_on")}
    values = {
        "route": draft.route, "route_words": said.route_words, "setting": draft.setting, "dose": draft.dose,
        "phase": draft.phase, "taper": said.taper, "goals": draft.goals, "therapy_words": said.therapy_words,
        "interval_days": str(draft.interval_days), "check_in_every_days": str(draft.check_in_every_days),
        "sessions_planned": str(draft.sessions_planned or ""),
        "session_dates": "\n".join(on.isoformat() for on in said.session_dates),
        **{name: on.isoformat() if on else "" for name, on in dates.items()},
    }  # fmt: skip
    if said.amount is not None:
        values |= {"amount": f"{said.amount.amount:f}", "unit": said.amount.unit}
    if said.home is not None:
        values |= {"home_monitor": said.home.monitor_name, "home_phone": said.home.monitor_phone}
    return values
