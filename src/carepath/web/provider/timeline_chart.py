"""A timeline as a chart: which tracks there are, and every mark in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from carepath.followups.rules.history import PlanPoint
from carepath.journey.timeline import Sample, Timeline
from carepath.kit import when
from carepath.kit.chart import Chart, Event, Lane, Level, Series, Sign, Span, Step, Stretch, Track, Value
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.web.provider.signal_views import TONES

TRACKS = {
    "pain": _("Pain"), "mood": _("Mood"), "dose": _("Doses"), "mme": _("Opioids"), "pressure": _("Blood pressure"),
    "signals": _("Signals"),
}  # fmt: skip
PHASES = {
    "test-dose": _("Test dose"), "induction": _("Induction"), "maintenance": _("Maintenance"), "taper": _("Taper"),
    "ended": _("Ended"),
}  # fmt: skip
STEPS = {"write": _("Plan begins"), "pause": _("Paused"), "resume": _("Resumed"), "end": _("Plan ended")}
_LEAST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class View:
    """Which part is looked at. Instants are read in `zone`."""

    start: datetime
    end: datetime
    zone: str
    tracks: frozenset[str]

    def has(self, at: datetime) -> bool:
        """Does an instant lie in it?"""
        return self.start <= at <= self.end

    def has_day(self, at: datetime) -> bool:
        """Does it lie in it, or later on its last day? What is about a day stands at its noon, also in the morning."""
        return self.start <= at and self.date(at) <= self.date(self.end)

    def date(self, at: datetime) -> date:
        """The date there."""
        return at.astimezone(when.zone(self.zone)).date()

    def day(self, at: datetime) -> str:
        """The date in words."""
        return when.say_date_short(at, self.zone)


def window(found: Timeline, days: int | None, now: datetime) -> tuple[datetime, datetime]:
    """At most the last so many days; with less behind it, everything, with a little air before it."""
    known = (
        *(one.at for one in found.samples), *(one.at for one in found.points), *(one.at for one in found.happenings),
        *(one.about_at for one in found.signals),
    )  # fmt: skip
    first = min(known, default=now)
    start = first - max(_LEAST, now - first) / 40
    return start if days is None else max(start, now - timedelta(days=days)), now


def chart(found: Timeline, view: View) -> Chart:
    """What is drawn of a timeline."""
    drawn = [one for one in found.samples if view.has(one.at)]
    signals = view.tracks & {"signals"}
    return Chart(
        _("Course from {first} to {last}").format(first=view.day(view.start), last=view.day(view.end)),
        _("Pain, mood, doses, signals and changes of the plan over time. The table below says the same in numbers."),
        view.start, view.end, view.zone, tuple(_tracks(found, drawn, view)), tuple(_lanes(found, view)),
        tuple(_events(found, view)),
        tuple(_signs(found, view)) if signals else (),
        _("Signals") if signals else None, tuple(TONES.items()), found.missed,
    )  # fmt: skip


def _signs(found: Timeline, view: View) -> Iterator[Sign]:
    for one in found.signals:
        if view.has_day(one.about_at):
            yield Sign(min(one.about_at, view.end), one.severity, f"{view.day(one.about_at)}: {one.words}")


def _tracks(found: Timeline, drawn: list[Sample], view: View) -> Iterator[Track]:
    makers: dict[str, Callable[[Timeline, list[Sample], View], Iterator[Track]]] = {
        "pain": _pain, "mood": _mood, "dose": _doses, "mme": _mme, "pressure": _pressure,
    }  # fmt: skip
    for name, make in makers.items():
        if name in view.tracks:
            yield from make(found, drawn, view)


def _values(drawn: list[Sample], view: View, name: str, measure: str, unit: str = "") -> tuple[Value, ...]:
    known = ((one.at, getattr(one, measure)) for one in drawn if getattr(one, measure) is not None)
    return tuple(Value(at, float(value), f"{view.day(at)}: {name} {value}{unit}") for at, value in known)


def _pain(found: Timeline, drawn: list[Sample], view: View) -> Iterator[Track]:
    series = (
        Series(_("PEG"), _values(drawn, view, _("PEG"), "peg")),
        Series(_("pain now (NRS)"), _values(drawn, view, _("NRS"), "nrs"), "second"),
    )
    best = found.best if found.best and view.has(found.best.at) else None
    star = None
    if best:
        words = _("{day}: best, mean of two PEGs in a row {value}").format(day=view.day(best.at), value=best.peg)
        star = Value(best.at, float(best.peg), words)
    shown = tuple(one for one in series if one.values)
    yield Track(_("Pain, 0 to 10"), 0, 10, (0, 2, 4, 6, 8, 10), 130, shown, levels=tuple(_relief(found)), best=star)


def _relief(found: Timeline) -> Iterator[Level]:
    """Guides at 30 % and 50 % below the baseline, which the words of signals are about."""
    baseline = found.baseline.peg
    if baseline:
        yield Level(float(baseline), _("baseline {n}").format(n=baseline), _("base {n}").format(n=baseline), "base")
        for percent in (30, 50):
            height = baseline * (100 - percent) / Decimal(100)
            yield Level(float(height), _("{n} % relief").format(n=percent), f"−{percent} %")
    if found.best:
        words = _("best {n}").format(n=found.best.peg)
        yield Level(float(found.best.peg), words, words, "best")


def _mood(_found: Timeline, drawn: list[Sample], view: View) -> Iterator[Track]:
    series = Series(_("PHQ-9"), _values(drawn, view, _("PHQ-9"), "phq9"))
    known = next((one.bands for one in questionnaires.instruments() if one.code == "phq-9"), [])
    bands = tuple(Level(one.low, one.words, one.words.replace(_("moderately"), _("mod.")), "band") for one in known)
    yield Track(_("PHQ-9, 0 to 27"), 0, 27, (0, 5, 10, 15, 20, 27), 100, (series,), levels=bands)


def _doses(found: Timeline, drawn: list[Sample], view: View) -> Iterator[Track]:
    """One track a unit: milligrams and milligrams a kilogram share no scale."""
    units = {one.dose.unit for one in drawn if one.dose} | {one.dose.unit for one in found.points if one.dose}
    for unit in sorted(units):
        given = [(one.at, one.dose.amount) for one in drawn if one.dose and one.dose.unit == unit]
        bars = tuple(
            Value(at, float(n), _("{day}: given {n} {unit}").format(day=view.day(at), n=n, unit=unit))
            for at, n in given
        )
        steps = tuple(_planned(found, view, unit))
        top, ticks = _scale([*(one.value for one in bars), *(one.value for one in steps if one.value)])
        name = _("Dose in {unit}: bars given, line planned").format(unit=unit)
        yield Track(name, 0, top, ticks, 70, bars=bars, steps=steps)  # fmt: skip


def _planned(found: Timeline, view: View, unit: str) -> Iterator[Step]:
    for one, until in _times(found, view):
        dose = one.dose if one.dose and one.dose.unit == unit else None
        if until > view.start and one.at <= view.end:
            amount = "–" if dose is None else f"{dose.amount} {unit}"
            words = _("From {day} on: planned {amount}").format(day=view.day(one.at), amount=amount)
            yield Step(one.at, float(dose.amount) if dose else None, words)
    if ended := _ended(found):
        yield Step(ended, None, "")


def _times(found: Timeline, view: View) -> list[tuple[PlanPoint, datetime]]:
    """Each point of the plan with when the next one takes over."""
    return [*((a, b.at) for a, b in pairwise(found.points)), *((one, view.end) for one in found.points[-1:])]


def _ended(found: Timeline) -> datetime | None:
    return next((one.at for one in found.happenings if one.action == "end"), None)


def _mme(found: Timeline, drawn: list[Sample], view: View) -> Iterator[Track]:
    values = _values(drawn, view, _("MME"), "mme", _(" mg a day"))
    if not values:
        return
    base = found.baseline.mme
    levels = (
        (Level(float(base), _("baseline {n}").format(n=base), _("base {n}").format(n=base), "base"),) if base else ()
    )
    top, ticks = _scale([*(one.value for one in values), *(one.value for one in levels)])
    yield Track(_("Opioids, MME in mg a day"), 0, top, ticks, 60, (Series(_("MME"), values),), levels=levels)


def _pressure(_found: Timeline, drawn: list[Sample], view: View) -> Iterator[Track]:
    known = [(one.at, one.systolic, one.diastolic) for one in drawn]
    spans = tuple(
        Span(at, low, high, _("{day}: blood pressure {high}/{low}").format(day=view.day(at), high=high, low=low))
        for at, high, low in known if high is not None and low is not None
    )  # fmt: skip
    if spans:
        yield Track(_("Blood pressure in mmHg"), 40, 220, (40, 80, 120, 160, 200), 70, spans=spans)


def _scale(values: list[float]) -> tuple[float, tuple[float, ...]]:
    """The top of a scale from 0 that holds all values, and its ticks: four steps of 1, 2, 2.5 or 5 times a power of ten."""
    highest = max(values, default=0)
    steps = (n * 10.0**power for power in range(-3, 9) for n in (1, 2, 2.5, 5))
    step = next((one for one in steps if one * 4 >= highest), 10.0**9) if highest > 0 else 1
    return step * 4, tuple(step * n for n in range(5))


def _lanes(found: Timeline, view: View) -> Iterator[Lane]:
    """How often sessions are planned."""
    ended = _ended(found)
    kept = [one for one, until in _times(found, view) if until > view.start and one.at <= view.end]
    stretches = [
        Stretch(one.at, _("{n} d").format(n=one.interval_days),
                _("From {day} on: a session every {n} days").format(day=view.day(one.at), n=one.interval_days))
        for n, one in enumerate(kept) if not n or one.interval_days != kept[n - 1].interval_days
    ]  # fmt: skip
    if stretches:
        yield Lane(_("Days between sessions, as planned"), (*stretches, *([Stretch(ended, "", "")] if ended else [])))


def _events(found: Timeline, view: View) -> Iterator[Event]:
    """Steps of the plan, and each phase it went into."""
    for one in found.happenings:
        if view.has(one.at):
            yield Event(one.at, STEPS[one.action], f"{view.day(one.at)}: {STEPS[one.action]}")
    for at, phase in phases(found):
        if view.has(at):
            yield Event(at, PHASES[phase], f"{view.day(at)}: {PHASES[phase]}")


def phases(found: Timeline) -> Iterator[tuple[datetime, str]]:
    """When the plan went into a phase that it was not in. The end is a step of its own."""
    last = ""
    for one in found.points:
        if one.phase not in {last, "ended"}:
            yield one.at, one.phase
        last = one.phase
