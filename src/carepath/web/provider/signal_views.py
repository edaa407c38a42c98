"""Signals in words, the worst first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.followups.service import Signal
from carepath.kit import when
from carepath.kit.ids import new_id
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal with what is behind it. `state` says when it no longer stands, or when it was looked at."""

    id: UUID
    tone: str
    tone_words: str
    words: str
    readings: str
    since: str
    rule: str
    state: str
    note: str | None
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class SignalsView:
    """A patient's signals, and what a form for a reading starts with. `is_writing`: it was sent and something is wrong."""

    open: tuple[SignalView, ...]
    old: tuple[SignalView, ...]
    may_write: bool
    is_writing: bool
    entry: UUID
    today: str
    now: str


_LOUDEST = ("red", "amber", "green")
TONES = {"red": _("look today"), "amber": _("look soon"), "green": _("good news")}
_SAID = {
    "peg": _("PEG {}"), "baseline": _("baseline {}"), "best": _("best {}"), "relief": _("relief {} %"),
    "reached": _("had reached {} %"), "change": _("PGIC {}"), "days": _("{} days after the plan began"),
    "nrs": _("pain now {}"), "steps": _("{} steps"), "peg_before": _("PEG {} before"),
    "wears_off_sooner": _("said {} times in a row"), "effects": _("side effects: {}"), "severity": _("worst {}"),
    "times": _("{} times"), "item9": _("item 9: {}"), "cssrs": _("C-SSRS triage {}"), "phq9": _("PHQ-9 {}"),
    "previous": _("{} the time before"), "bladder": _("bladder: {}"), "readings": _("{} readings"),
    "nights": _("up {} times at night"), "pressure": _("blood pressure {}"), "heart_rate": _("heart rate {}"),
    "oxygen": _("oxygen {} %"), "dissociation": _("detached {} of 10"), "distress": _("distress {} of 10"),
    "misuse": _("said: {}"), "mind": _("said: {}"), "pregnancy": _("said: {}"), "medicines": _("medicines {}"),
    "mme": _("{} MME a day"), "before": _("{} before"), "step": _("step {} of the ladder"),
    "answers": "{}",
}  # fmt: skip


_ORDER = {name: place for place, name in enumerate(_SAID)}


def signals_view(
    found: Sequence[Signal], zone: str, now: datetime, ticked: frozenset[str], wrong: Collection[str], may_write: bool
) -> SignalsView:
    """Open ones by tone, what was raised last first, as on the desk; all others as they came, the newest first."""
    waiting = sorted((s for s in found if s.is_open), key=_place)
    local = now.astimezone(when.zone(zone))
    return SignalsView(
        tuple(_signal(s, zone, ticked) for s in waiting), tuple(_signal(s, zone, ticked) for s in found if not s.is_open),
        may_write, any(name.startswith("reading_") for name in wrong), new_id(), local.date().isoformat(), f"{local:%H:%M}",
    )  # fmt: skip


def _place(s: Signal) -> tuple[int, float, float, str]:
    return _LOUDEST.index(s.severity), -s.raised_at.timestamp(), -s.about_at.timestamp(), str(s.id)


def _signal(s: Signal, zone: str, ticked: frozenset[str]) -> SignalView:
    known = sorted(s.readings.keys() - {"day"}, key=lambda name: _ORDER.get(name, len(_ORDER)))
    readings = "; ".join(_reading(name, s.readings[name]) for name in known)
    return SignalView(
        s.id, s.severity, TONES[s.severity], s.words, readings, _since(s, zone),
        f"{s.rule_id} v{s.rule_version} · {s.source}", _state(s, zone), s.note, str(s.id) in ticked,
    )  # fmt: skip


def _since(s: Signal, zone: str) -> str:
    """A day has no hour, and is the same day in every zone."""
    day = s.readings.get("day")
    return _("on {day}").format(day=when.say_on(date.fromisoformat(day))) if day else when.say_short(s.about_at, zone)


def _reading(name: str, value: str) -> str:
    """A code as words."""
    return _SAID.get(name, f"{name} {{}}").format(value.replace("-", " "))


def _state(s: Signal, zone: str) -> str:
    if s.acknowledged_at is not None:
        return _("Acknowledged {when}.").format(when=when.say_short(s.acknowledged_at, zone))
    if s.lapsed_at is not None:
        return _("What is known since {when} no longer raises it.").format(when=when.say_short(s.lapsed_at, zone))
    return ""
