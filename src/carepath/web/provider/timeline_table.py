"""A timeline in numbers: a row for each date, the newest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from carepath.followups.rules import course
from carepath.journey.timeline import Sample, Timeline
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.provider.signal_views import TONES
from carepath.web.provider.timeline_chart import PHASES, STEPS, View, phases

COLUMNS = (
    _("Date"), _("PEG"), _("Relief against baseline"), _("Relief against best"), _("NRS"), _("PHQ-9"), _("Dose given"),
    _("Blood pressure"), _("MME a day"), _("MME against baseline"), _("Signals and plan"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One date. Cells are in the order of COLUMNS; an empty one says that nothing was asked."""

    on: date
    cells: tuple[str, ...]


@dataclass(slots=True)
class _Day:
    samples: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def percent(value: Decimal | None) -> str:
    """ "30 %", or a dash."""
    return "–" if value is None else f"{value} %".replace("-", "−")


def signed(value: Decimal | None) -> str:
    """ "+20 %", or a dash."""
    return f"+{percent(value)}" if value is not None and value > 0 else percent(value)


def table(found: Timeline, view: View) -> tuple[Row, ...]:
    """What the view holds."""
    days: defaultdict[date, _Day] = defaultdict(_Day)
    for sample in found.samples:
        if view.has(sample.at):
            days[view.date(sample.at)].samples.append(sample)
    for at, words in _notes(found):
        if view.has_day(at):
            days[view.date(at)].notes.append(words)
    return tuple(_row(found, on, days[on]) for on in sorted(days, reverse=True))


def _notes(found: Timeline) -> Iterator[tuple[datetime, str]]:
    for step in found.happenings:
        yield step.at, f"{STEPS[step.action]}: {step.reason}" if step.reason else STEPS[step.action]
    for at, phase in phases(found):
        yield at, PHASES[phase]
    for before, point in zip((None, *found.points), found.points, strict=False):
        if before and (before.phase, before.interval_days, before.dose) == (
            point.phase,
            point.interval_days,
            point.dose,
        ):
            continue  # labs, the register or a prescription: nothing of the treatment
        amount = f", {point.dose.amount} {point.dose.unit}" if point.dose else ""
        words = _("Plan v{v}: every {n} days").format(v=point.version, n=point.interval_days)
        yield point.at, f"{words}{amount}"
    for signal in found.signals:
        yield signal.about_at, f"{TONES[signal.severity]}: {signal.words}"
    for at in found.missed:
        yield at, _("A check-in was not answered.")


def _row(found: Timeline, on: date, day: _Day) -> Row:
    base, best = found.baseline, found.best_peg
    pegs = [one.peg for one in day.samples if one.peg is not None]
    mmes = [one.mme for one in day.samples if one.mme is not None]
    doses = [f"{one.dose.amount} {one.dose.unit}" for one in day.samples if one.dose]
    known = [one for one in day.samples if one.systolic or one.diastolic]
    pressures = [f"{one.systolic or '–'}/{one.diastolic or '–'}" for one in known]
    return Row(on, (
        when.say_on(on), _list(pegs), _list(percent(course.relief(base.peg, one)) for one in pegs),
        _list(percent(course.relief(best, one)) for one in pegs),
        _list(one.nrs for one in day.samples if one.nrs is not None),
        _list(one.phq9 for one in day.samples if one.phq9 is not None), _list(doses), _list(pressures), _list(mmes),
        _list(signed(course.change(base.mme, one)) for one in mmes), "; ".join([*(one.rstrip(".") for one in day.notes[:-1]), *day.notes[-1:]]),
    ))  # fmt: skip


def _list(values: Iterable[object]) -> str:
    return ", ".join(str(one) for one in values)


def facts(found: Timeline) -> tuple[tuple[str, str], ...]:
    """Where the patient stands now: relief against baseline and best, opioids against baseline."""
    base, best = found.baseline, found.best_peg
    pegs = [one.peg for one in found.samples if one.peg is not None]
    mmes = [one.mme for one in found.samples if one.mme is not None]
    now, mme = pegs[-1] if pegs[1:] else None, mmes[-1] if mmes else None
    return (
        (_("PEG baseline"), _number(base.peg)), (_("PEG best"), _number(best)), (_("PEG now"), _number(now)),
        (_("Relief now"), percent(course.relief(base.peg, now))),
        (_("Relief at best"), percent(course.relief(base.peg, best))),
        (_("Now against best"), percent(course.relief(best, now))),
        (_("MME now"), _number(mme)), (_("MME against baseline"), signed(course.change(base.mme, mme))),
    )  # fmt: skip


def _number(value: Decimal | None) -> str:
    return "–" if value is None else str(value)
