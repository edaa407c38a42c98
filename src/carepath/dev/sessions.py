"""The dosing sessions of one fictitious plan, and what becomes of a check-in that nobody answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from carepath.followups import service as followups
from carepath.followups.rules.history import Dose
from carepath.followups.rules.sessions import SessionDraft, Vitals
from carepath.intake.catalogue import CheckIns
from carepath.journey import dose, follow_up
from carepath.kit.actor import Actor

_AFTER_PLAN = timedelta(days=3)
_LADDER_DAYS = (3, 7, 14)


@dataclass(frozen=True, slots=True)
class Series:
    """Whose sessions: every so many days from the plan's beginning on."""

    provider: Actor
    patient_id: UUID
    sets: CheckIns
    every_days: int
    seed: int


async def hold(series: Series, since: datetime, end: datetime) -> None:
    """Each is written down an hour after it ended; the last one once more, because of a slip."""
    rng = Random(series.seed)  # noqa: S311 - fiction, not secrecy
    at = (since + _AFTER_PLAN).replace(minute=0, second=0, microsecond=0)
    while at + timedelta(hours=3) <= end:
        draft = _draft(at, rng)
        await dose.record(
            series.provider, series.sets, series.patient_id, draft, None, at + timedelta(hours=2)
        )  # fmt: skip
        at += timedelta(days=series.every_days)
    kept = [one for one in await followups.sessions_of(series.provider.scope, series.patient_id) if one.by_provider]
    if kept and kept[0].by_provider:
        report = kept[0].by_provider.report
        await dose.correct(
            series.provider, series.sets, series.patient_id, report.id, report.draft,
            "The time was read from the wrong clock.", report.draft.held_at + timedelta(hours=3),
        )  # fmt: skip


def _draft(at: datetime, rng: Random) -> SessionDraft:
    effects = frozenset(rng.choice([["none"], ["nausea"], ["dizziness", "detached"], ["headache"]]))
    upper, lower, rate = rng.randint(108, 134), rng.randint(66, 84), rng.randint(58, 84)
    return SessionDraft(
        at, "iv", Dose(Decimal(rng.choice((25, 30, 35))), "mg"), "", Vitals(upper, lower, rate, rng.randint(95, 99)),
        Vitals(upper + rng.randint(0, 14), lower + rng.randint(0, 8), rate + 6, rng.randint(94, 99)), effects,
        "" if "none" in effects else "mild", rng.randint(0, 6), rng.randint(0, 3), True,
        rng.choice(("a sister", "a neighbor", "a friend")), True, "",
    )  # fmt: skip


async def stay_silent(due: datetime, end: datetime) -> None:
    """Nobody answers: the worker looks at every step of the ladder that has come."""
    for days in _LADDER_DAYS:
        if due + timedelta(days=days, hours=1) <= end:
            await follow_up.tick(due + timedelta(days=days, hours=1))
