"""The provider's desk in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from carepath.followups.rules.plans import ROUTES
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.provider.desk_rows import DeskRow, SafeRow, ready
from carepath.web.provider.pending_views import row_view
from carepath.web.provider.row_words import due_words, told_words, with_amount
from carepath.web.provider.spark import spark
from carepath.worklists.follow_ups import FILTERS, MOST, Counts, FollowUpRow
from carepath.worklists.pending import PendingRow
from carepath.worklists.provider import Dashboard, LeftRow, ToPlanRow, UrgentRow

PHASES = {
    "test-dose": _("test dose"), "induction": _("induction"), "maintenance": _("maintenance"), "taper": _("taper"),
    "ended": _("ended"),
}  # fmt: skip
_PLAN_STATE = {"on-hold": _("paused"), "completed": _("plan ended")}
_SHOWN = {
    "all": _("All"), "red": _("Red"), "amber": _("Amber"), "overdue": _("Overdue, no signal"),
    "due": _("Due, no signal"), "labs": _("Labs due"), "pdmp": _("PDMP due"),
}  # fmt: skip
_HALF_A_YEAR = timedelta(days=182)
_RAILS = {"red": "red", "amber": "amber", "overdue": "amber", "due": "blue"}


@dataclass(frozen=True, slots=True)
class Desk:
    """The provider's desk: the beginning of each list and its size in words. `tally` are (words, tone, address)."""

    urgent: tuple[SafeRow, ...]
    pending: tuple[SafeRow, ...]
    follow_ups: tuple[SafeRow, ...]
    to_plan: tuple[SafeRow, ...]
    left: tuple[SafeRow, ...]
    waiting: str
    standing: str
    planned: str
    tally: tuple[tuple[str, str, str], ...]
    has_more_pending: bool
    has_more_follow_ups: bool


@dataclass(frozen=True, slots=True)
class FollowUpsView:
    """One page of follow-ups. `lists` are (address, words, is it this one)."""

    rows: tuple[SafeRow, ...]
    lists: tuple[tuple[str, str, bool], ...]
    shown: str
    more: str | None
    is_first: bool


def desk(found: Dashboard, zone: str, now: datetime) -> Desk:
    """Everything on the desk, in the order of the dashboard."""
    counts, today = found.standing, now.astimezone(when.zone(zone)).date()
    return Desk(
        ready(_urgent(row, now) for row in found.urgent),
        ready(_pending(row, zone, now) for row in found.pending),
        ready(follow_up(row, zone, now, today) for row in found.follow_ups),
        ready(_to_plan(row, now) for row in found.to_plan),
        ready(_left(row, now) for row in found.left),
        up_to(found.waiting), up_to(counts.all), up_to(counts.of["running"]), tuple(_tally(counts)),
        found.waiting > len(found.pending), counts.all > len(found.follow_ups),
    )  # fmt: skip


def up_to(number: int) -> str:
    """A number as it is counted: no further than MOST."""
    return str(number) if number <= MOST else f"{MOST}+"


def _tally(counts: Counts) -> Iterator[tuple[str, str, str]]:
    for name, tone in _RAILS.items():
        if counts.of[name]:
            yield f"{_SHOWN[name]} {up_to(counts.of[name])}", tone, f"/provider/follow-ups?show={name}"


def follow_ups(
    rows: list[FollowUpRow], counts: Counts, shown: str, more: str | None, is_first: bool, zone: str, now: datetime
) -> FollowUpsView:
    """One page of one list."""
    numbers, today = {**counts.of, "all": counts.all}, now.astimezone(when.zone(zone)).date()
    return FollowUpsView(
        ready(follow_up(row, zone, now, today) for row in rows),
        tuple(
            (f"/provider/follow-ups?show={name}", f"{_SHOWN[name]} {up_to(numbers[name])}", name == shown)
            for name in FILTERS
        ),
        _SHOWN[shown], f"/provider/follow-ups?show={shown}&after={more}" if more else None, is_first,
    )  # fmt: skip


def _urgent(row: UrgentRow, now: datetime) -> DeskRow:
    badges = ((_("urgent"), "red"),) if row.is_mine else ((_("urgent"), "red"), (_("nobody has it yet"), "grey"))
    name = row.name or _("An applicant without a proved address")
    why = f"{row.words.rstrip('.')} · {told_words(row.told)}" if row.told else row.words
    return DeskRow(f"/provider/urgent/{row.task_id}", name, why, badges, due_words(row.due_at, now), "red")


def _left(row: LeftRow, now: datetime) -> DeskRow:
    """Opened as any colleague's patient is in an emergency, with a reason."""
    ago = with_amount(_("raised {amount} ago"), max(now - row.since, timedelta()))
    why, badge = _("A red signal, and their provider may not sign in any more."), (_("signal"), "red")
    return DeskRow(
        f"/provider/patients/{row.patient_id}/emergency", f"{row.name} · {row.jurisdiction}", why, (badge,), ago, "red"
    )


def _to_plan(row: ToPlanRow, now: datetime) -> DeskRow:
    ago = with_amount(_("decided {amount} ago"), max(now - row.decided_at, timedelta()))
    why, badge = _("Found suitable; the plan is still to be written."), (_("plan to write"), "blue")
    return DeskRow(f"/provider/patients/{row.patient_id}/plan", row.name, why, (badge,), ago, "blue")


def _pending(row: PendingRow, zone: str, now: datetime) -> DeskRow:
    line = row_view(row, zone, now)
    return DeskRow(line.href, line.name, line.why, line.badges, line.due, line.rail)


def follow_up(row: FollowUpRow, zone: str, now: datetime, today: date) -> DeskRow:
    """One patient in maintenance: the worst first, then the numbers, then what is ahead of `today` in the zone."""
    return DeskRow(
        f"/provider/patients/{row.patient_id}", row.name, _why(row), tuple(_badges(row)), _since(row, now),
        _RAILS.get(row.stands or "", "grey"), spark(row.scores.line), _numbers(row, zone), _plan(row.route, row.phase, row.interval_days), _under(row, zone, now, today),
    )  # fmt: skip


def _why(row: FollowUpRow) -> str:
    if row.words:
        return row.words
    if row.check_in_status is not None:
        return _("Check-in is overdue.") if row.check_in_status == "overdue" else _("Check-in not answered yet.")
    return _("Nothing is open.")


def _since(row: FollowUpRow, now: datetime) -> str:
    """How long the signal has waited, or how late the check-in is."""
    if row.raised_at is not None:
        return with_amount(_("raised {amount} ago"), max(now - row.raised_at, timedelta()))
    return due_words(row.due_at, now) if row.due_at else ""


def _badges(row: FollowUpRow) -> Iterator[tuple[str, str]]:
    if row.worst:
        yield _("signal") if row.open_signals == 1 else _("{n} signals").format(n=row.open_signals), row.worst
    if row.has_item9:
        yield _("PHQ-9 item 9"), "red"
    if row.check_in_status is not None:
        yield (_("overdue"), "amber") if row.check_in_status == "overdue" else (_("due"), "blue")
    if row.plan_status in _PLAN_STATE:
        yield _PLAN_STATE[row.plan_status], "grey"


@lru_cache(maxsize=1024)
def _plan(route: str, phase: str, interval_days: int) -> str:
    every = _("every {n} days").format(n=interval_days)
    return f"{ROUTES.get(route, route)}, {PHASES.get(phase, phase)}, {every}"


def _numbers(row: FollowUpRow, zone: str) -> str:
    scores = row.scores
    parts = [_pegs(scores.baseline, scores.best, scores.now, scores.relief)] if scores.line else []
    if scores.pgic is not None:
        parts.append(_("PGIC {n}").format(n=scores.pgic))
    if scores.phq9 is not None:
        parts.append(_("PHQ-9 {n}").format(n=scores.phq9))
    if row.pressure is not None:
        said, at = row.pressure
        parts.append(_("BP {pressure} ({day})").format(pressure=said, day=when.say_date_short(at, zone)))
    return " · ".join(parts)


@lru_cache(maxsize=4096)  # scores of 0 to 10, so that fifty lines say few different things
def _pegs(baseline: str | None, best: str | None, now: str | None, relief: int | None) -> str:
    said = _("PEG {baseline}").format(baseline=baseline or "–")
    if best is not None:
        said += " → " + _("best {best}").format(best=best)
    if now is not None:
        said += " → " + _("now {now}").format(now=now)
    return said if relief is None else said + _(" ({n} % relief)").format(n=relief)


def plain(number: Decimal | None) -> str:
    """Without zeros that say nothing."""
    return "–" if number is None else f"{number.normalize():f}"


def _under(row: FollowUpRow, zone: str, now: datetime, today: date) -> str:
    visit, labs, pdmp, found = row.next_visit_at, row.labs_due_on, row.pdmp_due_on, list[str]()
    if row.runway_until is not None:
        found.append(_by(_("prescribed until {day}"), _("prescription ran out {day}"), row.runway_until, today))
    if labs is not None and labs <= today:
        found.append(_("labs due {day}").format(day=_near(labs, today)))
    if pdmp is not None and pdmp <= today:
        found.append(_("PDMP due {day}").format(day=_near(pdmp, today)))
    found.append(_("visit {when}").format(when=when.say_short(visit, zone)) if visit else _("no visit booked"))
    found.append(_answered(row.answered_at, now) if row.answered_at else _("never answered yet"))
    return " · ".join(found)


def _answered(at: datetime, now: datetime) -> str:
    return with_amount(_("answered {amount} ago"), max(now - at, timedelta()))


def _by(ahead: str, past: str, day: date, today: date) -> str:
    return (ahead if day >= today else past).format(day=_near(day, today))


def _near(day: date, today: date) -> str:
    """Without the year where nobody would take it for another."""
    return when.say_month_day(day) if abs(day - today) < _HALF_A_YEAR else when.say_on(day)
