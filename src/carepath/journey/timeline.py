"""A patient over time: what was said, given, noticed and changed since the intake."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import history
from carepath.audit import service as audit
from carepath.followups import service as followups
from carepath.followups.rules import course
from carepath.followups.rules.history import Dose, PlanPoint, Reading
from carepath.followups.service import CheckIn, Plan, Readings, Signal
from carepath.journey.evaluate import must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Reading as Score

_CODES = {"peg": "peg", "nrs": "nrs", "phq-9": "phq9", "mme": "mme"}
_MEASURES = ("peg", "nrs", "phq9", "mme", "dose", "systolic", "diastolic")
_STEPS = frozenset({"write", "pause", "resume", "end"})  # of a plan; what a change says is in the plan's points


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known at a moment. None: not asked then."""

    at: datetime
    peg: Decimal | None = None
    nrs: Decimal | None = None
    phq9: Decimal | None = None
    mme: Decimal | None = None
    dose: Dose | None = None
    systolic: int | None = None
    diastolic: int | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """A step of the plan: write, pause, resume, end, with the provider's reason."""

    at: datetime
    action: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Best:
    """The lowest mean of two PEGs in a row, and when it was reached."""

    at: datetime
    peg: Decimal


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything, oldest first. `baseline` holds the first value of each measure: the intake's. `missed`: when a
    check-in was asked for that nobody answered."""

    samples: tuple[Sample, ...]
    points: tuple[PlanPoint, ...]
    happenings: tuple[Happening, ...]
    signals: tuple[Signal, ...]
    missed: tuple[datetime, ...]
    baseline: Sample
    best: Best | None

    @property
    def best_peg(self) -> Decimal | None:
        """As rules take it."""
        return self.best.peg if self.best else None


@dataclass(frozen=True, slots=True)
class TimelineFile:
    """A timeline with whom it is about."""

    patient: Patient
    plan: Plan | None
    timeline: Timeline


async def timeline(actor: Actor, patient_id: UUID, now: datetime) -> TimelineFile:
    """One's own patient over time. NotFound for anybody else's; the look leaves an audit row."""
    must_be_provider(actor)
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        await audit.record(actor, "read", "timeline", patient.id, now, patient_id=patient.id)
        return await _file(actor, patient, now)


async def export(actor: Actor, patient_id: UUID, to_whom: str, why: str, how: str, now: datetime) -> TimelineFile:
    """The timeline, to be handed to another clinician. To whom and why is kept, sealed, with who did it and when."""
    must_be_provider(actor)
    async with db.transaction():
        patient = await accounts.patient(actor, patient_id)
        file, export_id = await _file(actor, patient, now), new_id()
        reason = f"{to_whom}: {why}"
        await history.record(
            actor,
            "timeline-export",
            export_id,
            from_status=None,
            to_status="made",
            action="export",
            now=now,
            reason=reason,
        )
        await audit.record(actor, "export", "timeline-export", export_id, now, patient_id=patient.id, how=how)
        return file


async def _file(actor: Actor, patient: Patient, now: datetime) -> TimelineFile:
    plan = await followups.plan_of(actor.scope, patient.id)
    return TimelineFile(patient, plan, await gather(actor.scope, patient.id, plan, now))


async def gather(scope: Scope, patient_id: UUID, plan: Plan | None, now: datetime) -> Timeline:
    """What the scope reaches of a patient. Whoever calls has checked that they may, and leaves the audit row."""
    scores = await questionnaires.scores_of_patient(scope, patient_id)
    samples = merged(scores, await followups.readings_of(scope, patient_id))
    steps = await history.of(scope, "treatment-plan", plan.id) if plan else []
    return Timeline(
        samples, await followups.plan_points(scope, plan.id) if plan else (),
        tuple(Happening(one.at, one.action, one.reason) for one in steps if one.action in _STEPS),
        tuple(reversed(await followups.signals_of(scope, patient_id))),
        tuple(sorted(_missed(await followups.check_ins_of(scope, patient_id), now))),
        _baseline(samples, now), _best(samples),
    )  # fmt: skip


def merged(scores: Sequence[Score], readings: Readings) -> tuple[Sample, ...]:
    """Scores and readings, oldest first, each number once.

    A check-in leaves a score and a reading of the same answers. They are told by their origin, never by their time or
    value: a score of a check-in that any reading was taken from is left out, also when that reading was corrected since.
    """
    kept = (one for one in scores if one.subject_id not in readings.origins)
    found = [*_of_scores(kept), *map(_of_reading, readings.readings)]
    return tuple(sorted((one for one in found if _says(one)), key=lambda one: one.at))


def _of_scores(scores: Iterable[Score]) -> Iterator[Sample]:
    for one in scores:
        if one.code in _CODES and one.value is not None:
            yield _sample(one.taken_at, {_CODES[one.code]: one.value})


def _sample(at: datetime, numbers: Mapping[str, Decimal]) -> Sample:
    return Sample(at, numbers.get("peg"), numbers.get("nrs"), numbers.get("phq9"), numbers.get("mme"))


def _of_reading(one: Reading) -> Sample:
    phq9 = None if one.phq9 is None else Decimal(one.phq9)
    return Sample(one.at, one.peg, one.nrs, phq9, one.mme, one.dose, one.systolic, one.diastolic)


def _says(one: Sample) -> bool:
    return any(getattr(one, measure) is not None for measure in _MEASURES)


def _missed(check_ins: Iterable[CheckIn], now: datetime) -> Iterator[datetime]:
    """Asked on the plan's cadence, due, and not answered; about a visit nothing is drawn."""
    for one in check_ins:
        if one.visit_id is None and one.due_at <= now and one.status in {"overdue", "cancelled"}:
            yield one.due_at


def _baseline(samples: Sequence[Sample], now: datetime) -> Sample:
    """The first value of each measure: what the intake says."""
    firsts: dict[str, Decimal] = {}
    for one in samples:
        for measure in _CODES.values():
            if getattr(one, measure) is not None:
                firsts.setdefault(measure, getattr(one, measure))
    return _sample(samples[0].at if samples else now, firsts)


def _best(samples: Sequence[Sample]) -> Best | None:
    """Counted as signals do: without the baseline."""
    pegs = [(one.at, one.peg) for one in samples if one.peg is not None][1:]
    value = course.best([peg for _at, peg in pegs])
    if value is None:
        return None
    (_before, _peg), (at, _last) = min(pairwise(pegs), key=lambda pair: pair[0][1] + pair[1][1])
    return Best(at, value)
