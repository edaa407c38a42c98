"""A treatment plan in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.audit.queries import Change
from carepath.followups.closing import REASONS
from carepath.followups.rules.differences import Difference, amount_words, differences, route_words, said
from carepath.followups.rules.plans import FIRST_PHASES, PHASES, ROUTES, SETTINGS, THERAPIES, UNITS, VERSIONED, draft_of
from carepath.followups.service import CheckIn, HomeRule, Plan, PlanVersion, RangeWarning, home_rule, plan_rule
from carepath.journey.treat import PlanFile
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.forms import Form
from carepath.web.provider import plan_form
from carepath.web.request_forms import today_in

Pairs = tuple[tuple[str, str], ...]
STATE = {"active": (_("running"), "green"), "on-hold": (_("paused"), "amber"), "completed": (_("ended"), "grey")}
_TURNS = {
    "active": (("pause", _("Pause it")), ("end", _("End it"))),
    "on-hold": (("resume", _("Resume it")), ("end", _("End it"))),
}
ACTIONS = {
    "write": _("Written"), "change": _("Changed"), "taper": _("Tapered"), "pause": _("Paused"), "resume": _("Resumed"),
    "end": _("Ended"), "record-labs": _("Labs seen"), "record-pdmp": _("PDMP checked"), "renew": _("Renewed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due beside the plan."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the plan's history; `version` is empty for a turn that left its words alone."""

    what: str
    version: str
    when: str
    who: str
    reason: str
    differences: tuple[Difference, ...]
    warnings: Pairs


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers, and which boxes are ticked."""

    routes: Pairs
    settings: Pairs
    units: Pairs
    phases: Pairs
    therapies: Pairs
    chosen: frozenset[str]
    home: HomeRule
    home_words: str
    labs_hint: str
    pdmp_hint: str
    labs_next_hint: str
    pdmp_next_hint: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """The page. `plan_id` is None while no plan runs; then `may_write` tells whether one may be written. `late` are the
    check-ins that may be closed, for one of `reasons`."""

    patient_id: UUID
    name: str
    plan_id: UUID | None
    version: int
    state: tuple[str, str] | None
    phase: str
    facts: Pairs
    dues: tuple[Due, ...]
    turns: Pairs
    may_taper: bool
    may_write: bool
    steps: tuple[StepView, ...]
    choices: Choices
    values: dict[str, str]
    late: Pairs
    reasons: Pairs


def plan(file: PlanFile, zone: str, now: datetime, form: Form | None) -> PlanView:
    """One patient's plan; what was sent stands in the form again."""
    found = file.plan
    running = found if found and found.status != "completed" else None
    today = today_in(zone, now)
    started = plan_form.values_of(running) if running else _fresh(today)
    return PlanView(
        file.patient.id, file.patient.name, running.id if running else None, running.version if running else 0,
        STATE[found.status] if found else None, PHASES[found.phase] if found else "", _facts(found, zone),
        _dues(running, today), _TURNS[running.status] if running else (),
        running is not None and running.status == "active" and running.phase != "taper", file.may_plan,
        _steps(file, zone), _choices(running, form), {**started, **_today(today), **(form.values if form else {})},
        tuple((str(one.id), _late(one, zone)) for one in file.late), tuple(REASONS.items()),
    )  # fmt: skip


def _late(one: CheckIn, zone: str) -> str:
    words = _("Due {when}, not answered") if one.visit_id is None else _("Asked after a visit, {when}, not answered")
    return words.format(when=when.say_short(one.due_at, zone))


def _fresh(today: date) -> dict[str, str]:
    """A first plan starts today; labs and register are due when the clinic says. No dose is ever filled in."""
    rule = plan_rule()
    return {
        "starts_on": today.isoformat(),
        "labs_due_on": (today + timedelta(days=rule.labs_due_after_days)).isoformat(),
        "pdmp_due_on": (today + timedelta(days=rule.pdmp_due_after_days)).isoformat(),
    }


def _today(today: date) -> dict[str, str]:
    return {"labs_seen_on": today.isoformat(), "pdmp_checked_on": today.isoformat()}


def _facts(found: Plan | None, zone: str) -> Pairs:
    if found is None:
        return ()
    next_at = (
        ((_("Next check-in opens"), when.say_short(found.next_check_in_at, zone)),) if found.next_check_in_at else ()
    )
    shown = draft_of(found)
    return (*said(shown), *next_at)


def card(found: Plan, zone: str) -> Pairs:
    """The plan in a few lines, for the patient's page."""
    route = route_words(draft_of(found))
    return (
        (_("Phase"), PHASES[found.phase]), (_("Route"), f"{route}, {SETTINGS[found.setting].lower()}"),
        (_("Dose"), dose_words(found)),
        (_("Every"), _("{n} days").format(n=found.interval_days)),
        (_("Next check-in opens"), when.say_short(found.next_check_in_at, zone) if found.next_check_in_at else "–"),
        *due_dates(found),
    )  # fmt: skip


def dose_words(found: Plan) -> str:
    """The dose as the provider wrote it, with its amount where there is one."""
    return f"{found.dose} ({amount_words(found.details.amount)})" if found.details.amount else found.dose


def due_dates(found: Plan) -> Pairs:
    """What falls due beside the plan, and when, as far as it is known."""
    due = ((_("Prescribed until"), found.runway_until), (_("Labs due on"), found.labs_due_on), (_("PDMP due on"), found.pdmp_due_on))  # fmt: skip
    return tuple((name, when.say_on(on)) for name, on in due if on)


def _dues(running: Plan | None, today: date) -> tuple[Due, ...]:
    if running is None:
        return ()
    found = (
        (_("labs"), running.labs_due_on), (_("PDMP check"), running.pdmp_due_on), (_("prescription"), running.runway_until),
    )  # fmt: skip
    return tuple(Due(_("{what} due since {on}").format(what=what, on=when.say_on(on)), "amber") for what, on in found if on and on <= today)  # fmt: skip


def _choices(running: Plan | None, form: Form | None) -> Choices:
    """Home is offered where the clinic has it; the taper only to a plan that is in it."""
    rule, home = plan_rule(), home_rule()
    phases = (*FIRST_PHASES, "taper") if running and running.phase == "taper" else FIRST_PHASES
    given = form.fields if form else {}
    chosen = given.get("therapies", []) if form else running.details.therapies if running else ()
    ticked = {name for name in ("home_device", "home_address") if given.get(name)}
    if form is None and running and running.details.home and running.details.home.has_device:
        ticked.add("home_device")
    settings = tuple(pair for pair in SETTINGS.items() if pair[0] != "home" or home.enabled)
    hint, after = _("Proposed: {n} days. {source}"), _("Empty: {n} days after that day. {source}")
    labs, pdmp = (rule.labs_due_after_days, rule.labs_source), (rule.pdmp_due_after_days, rule.pdmp_source)
    words = [one.format(n=n, source=source) for one in (hint, after) for n, source in (labs, pdmp)]
    return Choices(
        tuple(ROUTES.items()), settings, tuple(UNITS.items()), tuple((one, PHASES[one]) for one in phases),
        tuple(THERAPIES.items()), frozenset({*chosen, *ticked, *given.get("seen", [])}), home, _home_words(home), *words,
    )  # fmt: skip


def _home_words(home: HomeRule) -> str:
    words = _("Up to {s}/{d} mmHg and a heart rate of {r}, measured in the last {n} days. {source}")
    return words.format(s=home.systolic, d=home.diastolic, r=home.heart_rate, n=home.reading_days, source=home.source)


def _steps(file: PlanFile, zone: str) -> tuple[StepView, ...]:
    """Newest first: versions with what they changed, and turns. Each version came to be by one step, in their order."""
    made = (one for one in file.steps if one.action in VERSIONED)
    why = {version.version: step for version, step in zip(reversed(file.versions), made, strict=False)}
    before = {new.version: old for new, old in zip(file.versions, file.versions[1:], strict=False)}
    found = [(v.at, _version(v, before.get(v.version), why.get(v.version), file.names, zone)) for v in file.versions]
    found += [(s.at, _turn(s, file.names, zone)) for s in file.steps if s.action not in VERSIONED]
    return tuple(view for _at, view in sorted(found, key=lambda one: one[0], reverse=True))


def _version(
    one: PlanVersion, before: PlanVersion | None, step: Change | None, names: dict[UUID, str], zone: str
) -> StepView:
    return StepView(
        ACTIONS[step.action if step else "change" if before else "write"], f"v{one.version}", when.say_short(one.at, zone),
        names.get(one.author_id, _("a provider")), (step.reason if step else None) or "",
        differences(before.draft, one.draft) if before else (), tuple((w.words, w.source) for w in one.warnings),
    )  # fmt: skip


def _turn(step: Change, names: dict[UUID, str], zone: str) -> StepView:
    who = names.get(step.author_id, _("a provider")) if step.author_id else _("a provider")
    return StepView(ACTIONS[step.action], "", when.say_short(step.at, zone), who, step.reason or "", (), ())


def warned(found: Sequence[RangeWarning]) -> dict[str, list[RangeWarning]]:
    """What is beyond the clinic's limits, by the field beside which it is shown."""
    by_field: dict[str, list[RangeWarning]] = {}
    for one in found:
        by_field.setdefault(one.field, []).append(one)
    return by_field
