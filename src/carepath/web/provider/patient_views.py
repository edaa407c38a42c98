"""A patient in maintenance, in words and one drawn line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from markupsafe import Markup

from carepath.followups.rules.plans import ROUTES
from carepath.followups.service import CheckIn
from carepath.journey.maintain import MaintenanceFile
from carepath.kit import when
from carepath.kit.words import _
from carepath.web import opened_words
from carepath.web.message_words import kind_words, state_words
from carepath.web.opened_words import Opened
from carepath.web.provider import plan_views, session_views, timeline_views
from carepath.web.provider.row_words import due_words
from carepath.web.provider.signal_views import SignalsView, signals_view
from carepath.worklists.provider import PatientRow


@dataclass(frozen=True, slots=True)
class MaintenanceView:
    """A patient's page."""

    patient_id: UUID
    name: str
    facts: tuple[tuple[str, str], ...]
    course: tuple[tuple[str, str], ...]
    chart: tuple[Markup, Markup] | None
    readings: tuple[tuple[str, str], ...]
    signals: SignalsView
    sessions: tuple[tuple[str, str, str], ...]
    check_ins: tuple["CheckInRow", ...]
    plan_state: str
    plan_facts: tuple[tuple[str, str], ...]
    may_write: bool
    messages: tuple[tuple[str, str, str, str, str], ...]
    opened: Opened
    evaluation_id: UUID | None


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """A check-in of the list. `is_after` one asks how they have been since a visit; `href` leads to the answers,
    or to how it was closed."""

    when: str
    words: str
    tone: str
    is_after: bool
    href: str | None


_SESSIONS = 3  # more are on their own page
_STATE = {"active": _("running"), "on-hold": _("paused"), "completed": _("ended")}
_CHECK_IN = {
    "due": (_("due"), "blue"),
    "overdue": (_("overdue"), "amber"),
    "completed": (_("answered"), "green"),
    "cancelled": (_("closed"), "grey"),
}


def rows(found: Sequence[PatientRow], zone: str) -> list[tuple[UUID, str, str, str, str]]:
    """(id, name, route, state, next check-in) for the list of all patients."""
    return [
        (r.patient_id, r.name, ROUTES[r.route], _STATE[r.status],
         when.say_short(r.next_check_in_at, zone) if r.next_check_in_at else "–")
        for r in found
    ]  # fmt: skip


def maintenance(
    file: MaintenanceFile, zone: str, now: datetime, ticked: frozenset[str] = frozenset(), wrong: Collection[str] = ()
) -> MaintenanceView:  # fmt: skip
    """One patient."""
    plan, running = file.plan, file.plan is not None and file.plan.status != "completed"
    return MaintenanceView(
        file.patient.id, file.patient.name,
        _facts(file, zone),
        _course(file), timeline_views.of_patient(file.timeline, zone, now), _readings(file, zone),
        signals_view(file.signals, zone, now, ticked, wrong, running),
        tuple(session_views.brief(one, zone) for one in file.sessions[:_SESSIONS]), tuple(_check_in(c, zone, now) for c in file.check_ins),
        _STATE[plan.status] if plan else "", plan_views.card(plan, zone) if plan else (), file.may_plan and not running,
        _messages(file, zone), opened_words.opened(file.openings, zone, now), file.evaluation_id,
    )  # fmt: skip


def _messages(file: MaintenanceFile, zone: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """(what, due, state, its tone, why) of each."""
    return tuple((kind_words(m.kind), when.say_short(m.due_at, zone), *state_words(m), m.reason) for m in file.messages)


def _check_in(c: CheckIn, zone: str, now: datetime) -> CheckInRow:
    words, tone = _CHECK_IN[c.status]
    if c.status == "due":
        words = due_words(c.due_at, now)
    elif c.status == "overdue":
        words = f"{words}, {due_words(c.due_at, now)}"
    href = f"/provider/check-ins/{c.id}" if c.status in {"completed", "cancelled"} else None
    return CheckInRow(when.say_short(c.due_at, zone), words, tone, c.visit_id is not None, href)


def _facts(file: MaintenanceFile, zone: str) -> tuple[tuple[str, str], ...]:
    who, visit = file.patient, file.next_visit
    return (
        (_("Born"), when.say_on(who.birth_date)), (_("State"), who.jurisdiction),
        (_("Contact"), ", ".join(filter(None, (who.email, who.phone)))),
        (_("Next visit"), when.say_short(visit.start_at, zone) if visit else _("none booked")),
    )  # fmt: skip


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
