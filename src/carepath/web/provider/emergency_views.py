"""A record that is read in an emergency, in words: what a clinician needs first, and nothing to write with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from carepath.journey.emergency import Door, Judged, Record
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.provider import (
    evaluation_answers,
    evaluation_look,
    evaluation_views,
    plan_views,
    session_views,
    timeline_views,
)
from carepath.web.provider.evaluation_answers import Group, ScoreLine, Section
from carepath.web.provider.evaluation_look import Medicines
from carepath.web.provider.evaluation_views import EvaluationView
from carepath.web.provider.timeline_views import Asked, TimelineView

_SESSIONS = 5
_BOOKED = {"booked", "checked-in"}


@dataclass(frozen=True, slots=True)
class JudgedView:
    """What was made of the newest intake. Named as on the evaluation's own page, whose parts show it."""

    sentences: tuple[str, ...]
    risk: str
    risk_tone: str
    body: Markup
    places: tuple[str, ...]
    groups: tuple[Group, ...]
    scores: tuple[ScoreLine, ...]
    sections: tuple[Section, ...]
    medicines: Medicines


@dataclass(frozen=True, slots=True)
class RecordView:
    """The page. `alarms` are red signals that nobody has looked at; `evaluation` and `look` are None of somebody who has
    sent nothing."""

    name: str
    until: str
    reason: str
    told: str
    alarms: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    evaluation: EvaluationView | None
    look: JudgedView | None
    plan: tuple[tuple[str, str], ...]
    plan_state: tuple[str, str] | None
    sessions: tuple[tuple[str, str, str], ...]
    course: TimelineView


def ended(door: Door, zone: str) -> str:
    """That it was open, and is not any more."""
    if door.ended is None:
        return ""
    return _("You had this record open until {when}.").format(when=when.say(door.ended.ends_at, zone))


def record(found: Record, zone: str, now: datetime) -> RecordView:
    """All of it."""
    judged, opening = found.judged, found.opening
    return RecordView(
        found.patient.name, when.say_short(opening.ends_at, zone), opening.reason or "", _told(found.owners),
        tuple(_alarms(found, zone)),
        _facts(found, zone, now),
        # Nothing is decided, overridden or noted from here: as of an evaluation that is over.
        replace(evaluation_views.evaluation(judged.file, zone, now), is_open=False) if judged else None,
        _look(judged, zone) if judged else None, plan_views.card(found.plan, zone) if found.plan else (),
        plan_views.STATE[found.plan.status] if found.plan else None,
        tuple(session_views.brief(one, zone) for one in found.sessions[:_SESSIONS]),
        timeline_views.shown(found.course, Asked.of("1y"), zone, now),
    )  # fmt: skip


def _told(owners: tuple[str, ...]) -> str:
    if not owners:
        return _("Every admin has been told. Nobody looks after this patient yet.")
    return _("{names} and every admin have been told.").format(names=", ".join(owners))


def _alarms(found: Record, zone: str) -> Iterator[tuple[str, str]]:
    """(since when, words), the newest first."""
    for one in reversed(found.course.timeline.signals):
        if one.is_open and one.severity == "red":
            yield when.say_date_short(one.about_at, zone), one.words


def _facts(found: Record, zone: str, now: datetime) -> tuple[tuple[str, str], ...]:
    who = found.patient
    ahead = [one for one in found.visits if one.status in _BOOKED and one.end_at > now]
    visit = min(ahead, key=lambda one: one.start_at, default=None)
    return (
        (_("Born"), when.say_on(who.birth_date)), (_("State"), who.jurisdiction),
        (_("Contact"), ", ".join(filter(None, (who.phone, who.email)))),
        (_("Looked after by"), ", ".join(found.owners) or _("nobody yet")),
        (_("Next visit"), f"{when.say_short(visit.start_at, zone)}, {visit.practitioner_name}" if visit else _("none booked")),
    )  # fmt: skip


def _look(judged: Judged, zone: str) -> JudgedView:
    sections = evaluation_answers.sections(judged.file)
    groups = evaluation_answers.groups(judged.file, judged, sections, zone)
    return JudgedView(
        judged.summary.sentences, judged.summary.risk, evaluation_look.risk_tone(judged.file),
        Markup(judged.summary.body),  # noqa: S704 - drawn by kit.body_map, which escapes every word
        judged.summary.places, groups, evaluation_answers.scores(judged), sections,
        evaluation_look.medicines(judged, groups, sections),
    )  # fmt: skip
