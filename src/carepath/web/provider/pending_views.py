"""An evaluation to decide as a line of a list: who, why here, by when."""

from datetime import datetime
from typing import NamedTuple

from carepath.kit import when
from carepath.kit.words import _
from carepath.web.provider.row_words import PRIORITY, STATES, due_words, told_words
from carepath.worklists.pending import PendingRow

PATH = "/provider/evaluations"


class RowView(NamedTuple):
    """A line of the list: who, why here, by when. `claim` is where it can be taken. A tuple, in the order in which
    provider/pending.html takes it apart."""

    href: str
    name: str
    why: str
    badges: tuple[tuple[str, str], ...]
    due: str
    rail: str
    claim: str | None


def row_view(row: PendingRow, zone: str, now: datetime) -> RowView:
    """One evaluation as a line, for this list and for the desk's first ones."""
    words, tone = PRIORITY[row.priority]
    badges = [(words, tone)] if words else []
    badges.append((STATES[row.status], "blue" if row.status == "in-progress" else "grey"))
    is_late = row.due_at < now
    href = f"{PATH}/{row.evaluation_id}"
    return RowView(
        href, f"{row.name} · {row.jurisdiction}", " · ".join(reasons(row, zone, now)), tuple(badges),
        due_words(row.due_at, now), "red" if is_late else tone or "blue", f"{href}/claim" if row.is_licensed and not row.is_mine else None,
    )  # fmt: skip


def reasons(row: PendingRow, zone: str, now: datetime) -> list[str]:
    """Why a row stands where it does, the most pressing first."""
    found = [row.urgent_words.rstrip(".")] if row.urgent_words else []
    if row.stops:
        found.append(_("{n} stop").format(n=row.stops))
    if row.reviews:
        found.append(_("{n} to review").format(n=row.reviews))
    found = found or [_("nothing to review")]  # it may have findings that only inform
    if row.told and row.due_at < now:
        found.append(told_words(row.told))
    if row.asked_at:
        found.append(_("asked {when}").format(when=when.say_short(row.asked_at, zone)))
    if row.handed_over_by:
        found.append(_("handed over by {name}").format(name=row.handed_over_by))
    if not row.is_licensed:
        found.append(_("you have no license for {state}").format(state=row.jurisdiction))
    return [*found, _visit(row, zone, now)]


def _visit(row: PendingRow, zone: str, now: datetime) -> str:
    at = row.visit_at
    if at is None:
        return _("no visit booked")
    if row.is_missed:
        return _("did not come {when}").format(when=when.say_short(at, zone))
    return (_("visit {when}") if at > now else _("visit was {when}")).format(when=when.say_short(at, zone))
