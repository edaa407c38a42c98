"""What a plan must say before it is kept. No dose is judged, only that one is written."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from carepath.followups.rules.history import Dose
from carepath.followups.rules.home import HomeRule, home_problems
from carepath.followups.rules.plans import FIRST_PHASES, ROUTES, SETTINGS, THERAPIES, UNITS, PlanDraft
from carepath.kit.errors import Invalid
from carepath.kit.words import _

YEAR = timedelta(days=366)
_LONG_AGO = timedelta(days=3660)
_MOST_AMOUNT = Decimal(100_000)  # beyond it is a slip of the pen; what is too much is the clinic's to say
_MOST_PLACES = 4


def check_plan(draft: PlanDraft, home: HomeRule, today: date, before: PlanDraft | None = None) -> None:
    """Invalid names every field that is wrong. `before` is the version that this one follows: dates that it holds have
    come by now, and stay as they are when somebody changes something else."""
    problems = {**_choices(draft), **_texts(draft), **_numbers(draft), **_dates(draft, today, before)}
    if draft.setting == "home":
        problems |= home_problems(home, draft.details.home, draft.sessions_planned, today)
    if problems:
        raise Invalid(problems)


def _choices(draft: PlanDraft) -> dict[str, str]:
    problems = {}
    if draft.route not in ROUTES:
        problems["route"] = _("Choose a route.")
    if draft.setting not in SETTINGS:
        problems["setting"] = _("Choose where the sessions take place.")
    if draft.phase not in (*FIRST_PHASES, "taper"):
        problems["phase"] = _("Choose the phase.")
    if not set(draft.details.therapies) <= set(THERAPIES):
        problems["therapies"] = _("Choose from the list.")
    return problems


def _texts(draft: PlanDraft) -> dict[str, str]:
    said, problems = draft.details, {}
    for field, text, limit, is_needed in (
        ("dose", draft.dose, 300, True),
        ("goals", draft.goals, 1000, True),
        ("route_words", said.route_words, 100, draft.route == "other"),
        ("therapy_words", said.therapy_words, 500, False),
        ("taper", said.taper, 1000, draft.phase == "taper"),
    ):
        if is_needed and not text.strip():
            problems[field] = _("Write something here.")
        elif len(text) > limit:
            problems[field] = _("This can have at most {limit} characters.").format(limit=limit)
    return problems


def _numbers(draft: PlanDraft) -> dict[str, str]:
    problems = {}
    for field, days in (("interval_days", draft.interval_days), ("check_in_every_days", draft.check_in_every_days)):
        if not 1 <= days <= 366:
            problems[field] = _("Enter a number of days from 1 to 366.")
    if draft.sessions_planned is not None and not 1 <= draft.sessions_planned <= 365:
        problems["sessions_planned"] = _("Enter a number of sessions from 1 to 365.")
    if draft.details.amount is not None:
        problems |= _amount(draft.details.amount)
    return problems


def _amount(amount: Dose) -> dict[str, str]:
    if amount.unit not in UNITS:
        return {"unit": _("Choose the unit of the amount.")}
    places = -int(amount.amount.as_tuple().exponent) if amount.amount.is_finite() else _MOST_PLACES + 1
    if places > _MOST_PLACES or not 0 < amount.amount <= _MOST_AMOUNT:
        return {"amount": _("Enter an amount above 0, with at most four decimal places.")}
    return {}


def _dates(draft: PlanDraft, today: date, before: PlanDraft | None) -> dict[str, str]:
    problems = _order(draft, today, before)
    for field, on in (
        ("starts_on", draft.starts_on), ("runway_until", draft.runway_until), ("labs_due_on", draft.labs_due_on),
        ("pdmp_due_on", draft.pdmp_due_on),
    ):  # fmt: skip
        if on is not None and not today - _LONG_AGO <= on <= today + YEAR:
            problems[field] = _("Choose a date within the next year.")
    wrong = _sessions(draft.details.session_dates, draft, today)
    return {**problems, "session_dates": wrong} if wrong else problems


def _order(draft: PlanDraft, today: date, before: PlanDraft | None) -> dict[str, str]:
    """What is due, and the prescription's end, come after the start; a prescription that is entered has not ended."""
    problems = {}
    for field in ("runway_until", "labs_due_on", "pdmp_due_on"):
        on = getattr(draft, field)
        is_old = before is not None and on == getattr(before, field)
        has_same_start = before is not None and before.starts_on == draft.starts_on
        if on is not None and on < draft.starts_on and not (is_old and has_same_start):
            problems[field] = _("This is before the plan starts.")
        elif on is not None and field == "runway_until" and on < today and not is_old:
            problems[field] = _("This day is over. Choose a day from today on.")
    return problems


def _sessions(dates: Sequence[date], draft: PlanDraft, today: date) -> str | None:
    """Fewer dates than sessions are right: not every date is known when a plan is written."""
    if not dates:
        return None
    if len(set(dates)) < len(dates):
        return _("The same date stands here twice.")
    if list(dates) != sorted(dates):
        return _("Write the dates in their order, the first one on top.")
    if dates[0] < draft.starts_on or dates[-1] > today + YEAR:
        return _("The sessions lie between the start of the plan and a year from now.")
    if draft.sessions_planned is not None and len(dates) > draft.sessions_planned:
        return _("These are more dates than sessions are planned ({n}).").format(n=draft.sessions_planned)
    return None
