"""The dosing sessions of one fictitious plan, and what becomes of a check-in that nobody answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from carepath.followups import service as followups
from carepath.followups.rules.sessions import SessionDraft, Vitals
from carepath.followups.service import Plan
from carepath.intake.catalogue import CheckIns
from carepath.journey import dose, follow_up
from carepath.kit.actor import Actor

_AFTER_PLAN = timedelta(days=3)
_LADDER_DAYS = (3, 7, 14)


@dataclass(slots=True)
class Series:
    """Whose sessions, and what their plan says by now. `next_at` is when the next one begins, `left` how many are
    still to come in this version of the plan (None: they go on)."""

    provider: Actor
    patient_id: UUID
    sets: CheckIns
    rng: Random
    plan: Plan
    next_at: datetime
    left: int | None


def begin(provider: Actor, patient_id: UUID, sets: CheckIns, rng: Random, plan: Plan, at: datetime) -> Series:
    """The sessions of a plan that was written at that moment."""
    return Series(provider, patient_id, sets, rng, plan, _first_after(at), plan.sessions_planned)


def change(series: Series, plan: Plan, at: datetime) -> None:
    """What the plan says from then on, counted from the last session."""
    last = series.next_at - timedelta(days=series.plan.interval_days)
    next_at = max(_first_after(at), last + timedelta(days=plan.interval_days))
    series.plan, series.next_at, series.left = plan, next_at, plan.sessions_planned


def _first_after(at: datetime) -> datetime:
    return (at + _AFTER_PLAN).replace(minute=0, second=0, microsecond=0)


async def hold(series: Series, end: datetime) -> None:
    """Those that are over at `end`, each written down an hour after it ended."""
    while series.next_at + timedelta(hours=3) <= end and series.left != 0:
        at = series.next_at
        draft = _draft(series, at)
        await dose.record(series.provider, series.sets, series.patient_id, draft, None, at + timedelta(hours=2))
        series.next_at = at + timedelta(days=series.plan.interval_days)
        series.left = None if series.left is None else series.left - 1


async def correct_last(series: Series) -> None:
    """The newest is written once more, because of a slip."""
    kept = [one for one in await followups.sessions_of(series.provider.scope, series.patient_id) if one.by_provider]
    if kept and kept[0].by_provider:
        report = kept[0].by_provider.report
        await dose.correct(
            series.provider, series.sets, series.patient_id, report.id, report.draft,
            "The time was read from the wrong clock.", report.draft.held_at + timedelta(hours=3),
        )  # fmt: skip


def _draft(series: Series, at: datetime) -> SessionDraft:
    rng, given = series.rng, series.plan.details.amount
    effects = frozenset(rng.choice([*[["none"]] * 8, ["nausea"], ["dizziness", "detached"], ["headache"]]))
    upper, lower, rate = rng.randint(108, 124), rng.randint(66, 80), rng.randint(58, 84)
    return SessionDraft(
        at, series.plan.route, given, "" if given else series.plan.dose, Vitals(upper, lower, rate, rng.randint(95, 99)),
        Vitals(upper + rng.randint(0, 14), lower + rng.randint(0, 8), rate + 6, rng.randint(94, 99)), effects,
        "" if "none" in effects else "mild", rng.randint(0, 6), rng.randint(0, 3), True,
        rng.choice(("a sister", "a neighbor", "a friend")), True, "",
    )  # fmt: skip


async def stay_silent(due: datetime, end: datetime) -> None:
    """Nobody answers: the worker looks at every step of the ladder that has come."""
    for days in _LADDER_DAYS:
        if due + timedelta(days=days, hours=1) <= end:
            await follow_up.tick(due + timedelta(days=days, hours=1))
