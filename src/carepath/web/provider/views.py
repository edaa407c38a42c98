"""The provider's desk, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from carepath.followups.rules import course
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.provider.spark import spark
from carepath.worklists.provider import Dashboard, FollowUpRow, PendingRow, UrgentRow


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One line of a list: who, why here, by when; `rail` is the color at its edge."""

    href: str
    name: str
    why: str
    badges: tuple[tuple[str, str], ...]
    due: str
    rail: str
    spark: Markup | str
    numbers: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The provider's desk."""

    urgent: tuple[DeskRow, ...]
    pending: tuple[DeskRow, ...]
    follow_ups: tuple[DeskRow, ...]
    planned: int


PRIORITY = {"stat": (_("today"), "red"), "urgent": (_("urgent"), "amber"), "routine": ("", "")}
STATE = {"requested": _("nobody has it yet"), "in-progress": _("to decide"), "on-hold": _("waiting for the patient")}


def desk(found: Dashboard, zone: str, now: datetime) -> Desk:
    """Everything on the desk, in the order of the dashboard."""
    return Desk(
        tuple(_urgent(row, now) for row in found.urgent),
        tuple(_pending(row, zone, now) for row in found.pending),
        tuple(_follow_up(row, now) for row in found.follow_ups),
        found.planned,
    )


def due_words(due: datetime, now: datetime) -> str:
    """ "due in 3 h", "2 days late"."""
    gap = due - now
    size = abs(gap)
    if size < timedelta(hours=1):
        amount = _("{n} min").format(n=max(1, int(size.total_seconds() // 60)))
    elif size < timedelta(days=2):
        amount = _("{n} h").format(n=int(size.total_seconds() // 3600))
    else:
        amount = _("{n} days").format(n=size.days)
    return (_("due in {amount}") if gap > timedelta() else _("{amount} late")).format(amount=amount)


def _urgent(row: UrgentRow, now: datetime) -> DeskRow:
    badges = ((_("urgent"), "red"),) if row.is_mine else ((_("urgent"), "red"), (_("nobody has it yet"), "grey"))
    name = row.name or _("An applicant without a proved address")
    return DeskRow(
        f"/provider/urgent/{row.task_id}", name, row.words, badges, due_words(row.due_at, now), "red", "", ""
    )


def _pending(row: PendingRow, zone: str, now: datetime) -> DeskRow:
    words, tone = PRIORITY[row.priority]
    badges = [(words, tone)] if words else []
    badges.append((STATE[row.status], "grey" if row.status != "in-progress" else "blue"))
    reasons = []
    if row.stops:
        reasons.append(_("{n} stop").format(n=row.stops))
    if row.reviews:
        reasons.append(_("{n} to review").format(n=row.reviews))
    reasons = reasons or [_("no findings")]
    if row.visit_at:
        before = row.visit_at > now
        reasons.append(
            (_("visit {when}") if before else _("visit was {when}")).format(when=when.say_short(row.visit_at, zone))
        )
    else:
        reasons.append(_("no visit booked"))
    rail = tone or ("red" if row.due_at < now else "blue")
    return DeskRow(
        f"/provider/evaluations/{row.evaluation_id}", f"{row.name} · {row.jurisdiction}", " · ".join(reasons),
        tuple(badges), due_words(row.due_at, now), rail, "", "",
    )  # fmt: skip


def _follow_up(row: FollowUpRow, now: datetime) -> DeskRow:
    badges: list[tuple[str, str]] = []
    if row.worst:
        badges.append(
            (_("signal") if row.open_signals == 1 else _("{n} signals").format(n=row.open_signals), row.worst)
        )
    if row.check_in_status == "overdue":
        badges.append((_("overdue"), "amber"))
    elif row.check_in_status == "due":
        badges.append((_("due"), "blue"))
    why = row.words or (_("Check-in not answered yet.") if row.check_in_status == "due" else _("Check-in is overdue."))
    due = due_words(row.due_at, now) if row.due_at and row.check_in_status else ""
    rail = row.worst or ("amber" if row.check_in_status == "overdue" else "blue")
    return DeskRow(
        f"/provider/patients/{row.patient_id}", row.name, why, tuple(badges), due, rail,
        spark(row.pegs), _numbers(row),
    )  # fmt: skip


def _numbers(row: FollowUpRow) -> str:
    if not row.pegs:
        return ""
    stands = course.course(row.pegs[0], row.pegs[1:])
    parts = [_("PEG {baseline}").format(baseline=stands.baseline)]
    if stands.best is not None:
        parts.append(_("best {best}").format(best=stands.best))
    if stands.now is not None:
        parts.append(_("now {now}").format(now=stands.now))
    return " → ".join(parts)
