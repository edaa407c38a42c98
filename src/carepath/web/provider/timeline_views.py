"""The page of a timeline in words and pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup

from carepath.followups.rules.differences import route_words
from carepath.followups.rules.plans import PHASES, SETTINGS, draft_of
from carepath.followups.service import Plan
from carepath.journey.timeline import Timeline, TimelineFile
from carepath.kit import when
from carepath.kit.chart import Chart, lay_out, svg
from carepath.kit.words import _
from carepath.web.provider import timeline_chart, timeline_table
from carepath.web.provider.plan_views import STATE, dose_words, due_dates
from carepath.web.provider.signal_views import TONES
from carepath.web.provider.timeline_chart import TRACKS, View
from carepath.web.provider.timeline_table import COLUMNS, Row

RANGES: dict[str, tuple[str, int | None]] = {
    "3m": (_("3 months"), 92), "1y": (_("1 year"), 366), "all": (_("everything"), None),
}  # fmt: skip
HOWS = {"print": _("A page to print"), "pdf": _("A PDF file")}
DESK, COLUMN, PHONE = 1080, 680, 358


@dataclass(frozen=True, slots=True)
class Asked:
    """Which time and which tracks. Anything unknown in an address is passed over: it shows a year, and all tracks."""

    span: str
    tracks: frozenset[str]

    @classmethod
    def of(cls, span: str, tracks: Iterable[str] = ()) -> "Asked":
        """As an address or a form says it."""
        known = frozenset(tracks) & TRACKS.keys()
        return cls(span if span in RANGES else "1y", known or frozenset(TRACKS))


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The page. `chart` is what `wide` and `narrow` are drawn from."""

    patient_id: UUID
    name: str
    birth: str
    facts: tuple[tuple[str, str], ...]
    chart: Chart
    wide: Markup
    narrow: Markup
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    caption: str
    plan: tuple[tuple[str, str], ...]
    signals: tuple[tuple[str, str, str, str], ...]
    span: str
    ranges: tuple[tuple[str, str], ...]
    tracks: tuple[tuple[str, str, bool], ...]
    hows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is handed to another clinician. `made` says when and by whom."""

    at: datetime
    clinic: str
    phone: str
    to_whom: str
    made: str
    shown: TimelineView


def drawn(chart: Chart, width: int, name: str, more: str) -> Markup:
    """The chart at a width, for a page."""
    # svg escapes every text that it is given.
    return Markup(svg(lay_out(chart, width), name, more))  # noqa: S704


def of_patient(found: Timeline, zone: str, now: datetime) -> tuple[Markup, Markup] | None:
    """For the patient's own page: a year of pain, doses and signals, for a column and for a phone."""
    if not (found.samples or found.points):
        return None
    # Of somebody who came last month a year would be nearly all white.
    start = max(timeline_chart.window(found, days, now)[0] for days in (RANGES["1y"][1], None))
    chart = timeline_chart.chart(found, View(start, now, zone, frozenset({"pain", "dose", "signals"})))
    return drawn(chart, COLUMN, "course", "chart-wide"), drawn(chart, PHONE, "course-phone", "chart-narrow")


def shown(file: TimelineFile, asked: Asked, zone: str, now: datetime) -> TimelineView:
    """A patient's timeline, as much of it as is asked for."""
    found = file.timeline
    view = View(*timeline_chart.window(found, RANGES[asked.span][1], now), zone, asked.tracks)
    chart = timeline_chart.chart(found, view)
    return TimelineView(
        file.patient.id, file.patient.name, when.say_date(file.patient.birth_date), timeline_table.facts(found), chart,
        drawn(chart, DESK, "timeline", "chart-wide"), drawn(chart, PHONE, "timeline-phone", "chart-narrow"),
        COLUMNS, timeline_table.table(found, view),
        _("Every value from {first} to {last}, newest first").format(first=view.day(view.start), last=view.day(view.end)),
        _plan(file.plan), tuple(_signals(found, view)), asked.span,
        tuple((key, words) for key, (words, _days) in RANGES.items()),
        tuple((key, words, key in asked.tracks) for key, words in TRACKS.items()), tuple(HOWS.items()),
    )  # fmt: skip


def _plan(plan: Plan | None) -> tuple[tuple[str, str], ...]:
    if plan is None:
        return ()
    return (
        (_("Phase"), f"{PHASES[plan.phase]}, {STATE[plan.status][0]}"), (_("Route"), route_words(draft_of(plan))), (_("Where"), SETTINGS[plan.setting]), (_("Dose"), dose_words(plan)),
        (_("A session every"), _("{n} days").format(n=plan.interval_days)), *due_dates(plan), (_("Goals"), plan.goals),
        (_("Version"), str(plan.version)),
    )  # fmt: skip


def _signals(found: Timeline, view: View) -> Iterable[tuple[str, str, str, str]]:
    """(date, tone, words, what was done), newest first; of one answer, the loudest first."""
    tones = list(TONES)
    for one in sorted(found.signals, key=lambda s: (-s.about_at.timestamp(), tones.index(s.severity))):
        if view.has_day(one.about_at):
            yield view.day(one.about_at), TONES[one.severity], one.words, one.note or ""
