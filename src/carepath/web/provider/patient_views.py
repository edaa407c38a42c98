"""A patient in maintenance, in words and one drawn line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from markupsafe import Markup

from carepath.followups.rules.plans import ROUTES, SETTINGS
from carepath.followups.service import CheckIn, Plan, Signal
from carepath.journey.maintain import MaintenanceFile
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.message_words import kind_words, state_words
from carepath.web.provider import timeline_views
from carepath.web.provider.views import due_words
from carepath.worklists.provider import PatientRow


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal with what is behind it."""

    id: UUID
    tone: str
    words: str
    rule: str
    readings: str
    raised: str
    note: str | None


@dataclass(frozen=True, slots=True)
class MaintenanceView:
    """A patient's page."""

    patient_id: UUID
    name: str
    facts: tuple[tuple[str, str], ...]
    course: tuple[tuple[str, str], ...]
    chart: tuple[Markup, Markup] | None
    readings: tuple[tuple[str, str], ...]
    open_signals: tuple[SignalView, ...]
    old_signals: tuple[SignalView, ...]
    check_ins: tuple["CheckInRow", ...]
    plan_id: UUID | None
    plan_version: int
    plan_state: str
    plan_facts: tuple[tuple[str, str], ...]
    plan_values: dict[str, str]
    turns: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    may_plan: bool
    routes: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    messages: tuple[tuple[str, str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """A check-in of the list. `is_after` one asks how they have been since a visit; `href` leads to the answers."""

    when: str
    words: str
    tone: str
    is_after: bool
    href: str | None


_STATE = {"active": _("running"), "on-hold": _("paused"), "completed": _("ended")}
_CHECK_IN = {
    "due": (_("due"), "blue"),
    "overdue": (_("overdue"), "amber"),
    "completed": (_("answered"), "green"),
    "cancelled": (_("closed"), "grey"),
}
_TURNS = {
    "active": (("pause", _("Pause")), ("end", _("End"))),
    "on-hold": (("resume", _("Resume")), ("end", _("End"))),
}


def rows(found: Sequence[PatientRow], zone: str) -> list[tuple[UUID, str, str, str, str]]:
    """(id, name, route, state, next check-in) for the list of all patients."""
    return [
        (r.patient_id, r.name, ROUTES[r.route], _STATE[r.status],
         when.say_short(r.next_check_in_at, zone) if r.next_check_in_at else "–")
        for r in found
    ]  # fmt: skip


def maintenance(file: MaintenanceFile, zone: str, now: datetime) -> MaintenanceView:
    """One patient."""
    plan, running = file.plan, file.plan is not None and file.plan.status != "completed"
    signals = [_signal(s, zone) for s in file.signals]
    is_open = [s.acknowledged_at is None and s.severity != "green" for s in file.signals]
    return MaintenanceView(
        file.patient.id, file.patient.name,
        ((_("Born"), when.say_date(file.patient.birth_date)), (_("Is in"), file.patient.jurisdiction), (_("Contact"), file.patient.email)),
        _course(file), timeline_views.of_patient(file.timeline, zone, now), _readings(file, zone),
        tuple(s for s, o in zip(signals, is_open, strict=True) if o), tuple(s for s, o in zip(signals, is_open, strict=True) if not o),
        tuple(_check_in(c, zone, now) for c in file.check_ins),
        plan.id if plan and running else None, plan.version if plan else 0, _STATE[plan.status] if plan else "",
        _plan_facts(plan, zone), _plan_values(plan if running else None, now), _TURNS.get(plan.status, ()) if plan else (),
        tuple(f"v{v.version} · {when.say_short(v.at, zone)} · {v.draft['dose']} · {_('every {n} days').format(n=v.draft['interval_days'])}" for v in file.versions),
        file.may_plan, tuple(ROUTES.items()), tuple(SETTINGS.items()), _messages(file, zone),
    )  # fmt: skip


def _messages(file: MaintenanceFile, zone: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """(what, due, state, its tone, why) of each."""
    return tuple((kind_words(m.kind), when.say_short(m.due_at, zone), *state_words(m), m.reason) for m in file.messages)


def _check_in(c: CheckIn, zone: str, now: datetime) -> CheckInRow:
    words, tone = _CHECK_IN[c.status]
    if c.status in {"due", "overdue"}:
        words = f"{words}, {due_words(c.due_at, now)}"
    href = f"/provider/check-ins/{c.id}" if c.status == "completed" else None
    return CheckInRow(when.say_short(c.due_at, zone), words, tone, c.visit_id is not None, href)


def _signal(s: Signal, zone: str) -> SignalView:
    readings = ", ".join(f"{name} {value}" for name, value in s.readings.items())
    return SignalView(
        s.id,
        s.severity,
        s.words,
        f"{s.rule_id} v{s.rule_version} · {s.source}",
        readings,
        when.say_short(s.raised_at, zone),
        s.note,
    )


def _course(file: MaintenanceFile) -> tuple[tuple[str, str], ...]:
    c = file.course

    def shown(value: Decimal | None) -> str:
        return "–" if value is None else str(value)

    relief = "–" if c.relief is None else f"{c.relief} %"
    return (
        (_("PEG baseline"), shown(c.baseline)), (_("Best (mean of two in a row)"), shown(c.best)),
        (_("Now"), shown(c.now)), (_("Relief"), relief),
    )  # fmt: skip


def _readings(file: MaintenanceFile, zone: str) -> tuple[tuple[str, str], ...]:
    return tuple((when.say_short(r.taken_at, zone), str(r.value)) for r in reversed(file.pegs))


def _plan_facts(plan: Plan | None, zone: str) -> tuple[tuple[str, str], ...]:
    if plan is None:
        return ()
    return (
        (_("Route"), ROUTES[plan.route]), (_("Where"), SETTINGS[plan.setting]), (_("Dose"), plan.dose),
        (_("Every"), _("{n} days").format(n=plan.interval_days)),
        (_("Check-in every"), _("{n} days").format(n=plan.check_in_every_days)), (_("Goals"), plan.goals),
        (_("Next check-in"), when.say_short(plan.next_check_in_at, zone) if plan.next_check_in_at else "–"),
    )  # fmt: skip


def _plan_values(plan: Plan | None, now: datetime) -> dict[str, str]:
    """What the form starts with: the running plan, or nothing but today's date. No dose is ever filled in for a new one."""
    if plan is None:
        return {"starts_on": now.date().isoformat()}
    return {
        "route": plan.route, "setting": plan.setting, "dose": plan.dose, "interval_days": str(plan.interval_days),
        "check_in_every_days": str(plan.check_in_every_days), "goals": plan.goals, "starts_on": plan.starts_on.isoformat(),
    }  # fmt: skip
