"""The years after the decision of one fictitious life: sessions, check-ins, changes of the plan, the next visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from carepath.dev import answers, courses
from carepath.dev import sessions as dosing
from carepath.dev.people import DemoPatient
from carepath.followups import service as followups
from carepath.intake.catalogue import Catalogue
from carepath.journey import book, check_in, follow_up, next_visit, signal
from carepath.kit.actor import NOBODY, SYSTEM, Actor
from carepath.questionnaires import service as questionnaires

SOON = timedelta(minutes=30)
_NEXT_VISIT = {"maintenance-red": "follow-up", "maintenance-long": "follow-up", "maintenance-waning": "dosing-session"}
_EVERY = {
    "maintenance-long": 28,
    "maintenance-waning": 28,
    "maintenance-short": 14,
    "maintenance-overdue": 28,
    "maintenance-red": 28,
}


@dataclass(slots=True)
class Life:
    person: DemoPatient
    providers: Mapping[UUID, Actor]
    catalogue: Catalogue
    rng: Random
    end: datetime
    me: Actor = NOBODY


async def maintain(life: Life, provider: Actor, at: datetime) -> None:
    """From the plan, which begins at `at`, until now."""
    assert life.me.patient_id is not None
    every = _EVERY[life.person.stage]
    plan = await courses.first_version(life.person, provider, life.me.patient_id, every, at)
    rng = Random(life.person.number)  # noqa: S311 - fiction, not secrecy
    series = dosing.begin(provider, life.me.patient_id, life.catalogue.check_ins, rng, plan, at)
    await _check_ins(life, series, at + timedelta(days=every))
    await dosing.hold(series, life.end)
    await dosing.correct_last(series)
    if kind := _NEXT_VISIT.get(life.person.stage):
        await _next_visit(life, provider, kind)


async def _check_ins(life: Life, series: dosing.Series, due: datetime) -> None:
    """From check-in to check-in; what the provider changes meanwhile holds for the sessions after it."""
    every, number = timedelta(days=_EVERY[life.person.stage]), 0
    while due <= life.end:
        reply, is_last = due + timedelta(hours=life.rng.randint(2, 30)), due + every > life.end
        await dosing.hold(series, due)
        await follow_up.tick(due)
        if is_last and life.person.stage == "maintenance-overdue":
            await dosing.stay_silent(due, life.end)
            return
        if reply > life.end:
            return
        await _check_in(life, number, is_last, reply)
        number += 1
        due = await _then(life, series, number, is_last, reply, due + every)


async def _then(
    life: Life, series: dosing.Series, number: int, is_last: bool, at: datetime, due: datetime
) -> datetime:  # fmt: skip
    """What the provider makes of a check-in, unless it is the last one, which waits. Answers when the next is due."""
    if not is_last:
        await _look_at(life, series.provider, at + timedelta(hours=2))
        if courses.has_version(life.person, number):
            plan = await courses.next_version(life.person, series.provider, series.plan, number, at)
            dosing.change(series, plan, at)
            due = at + timedelta(days=_EVERY[life.person.stage])
    if courses.is_due(life.person, series.plan, at):
        series.plan = await courses.see_to(series.provider, series.plan, at)
    return due


async def _next_visit(life: Life, provider: Actor, kind: str) -> None:
    """The provider's next free time of that kind is theirs."""
    patient_id, practitioner_id = life.me.patient_id, provider.practitioner_id
    assert patient_id is not None
    assert practitioner_id is not None
    found = await next_visit.times(provider, patient_id, kind, life.end.date(), life.person.zone, life.end)
    soon = [one for one in found.offers if one.start_at > life.end + SOON]
    if soon:
        start_at = soon[min(life.person.number % 3, len(soon) - 1)].start_at
        await book.book_for(provider, patient_id, practitioner_id, kind, start_at, life.end)


async def _check_in(life: Life, number: int, is_last: bool, at: datetime) -> None:
    assert life.me.patient_id is not None
    waiting = [
        c for c in await followups.check_ins_of(SYSTEM.scope, life.me.patient_id) if c.status in {"due", "overdue"}
    ]
    if not waiting:
        return
    form = questionnaires.current(await check_in.questions(life.me, life.catalogue.check_ins, waiting[0], at))
    given = answers.check_in(_peg(life, number), life.rng, is_last and life.person.stage == "maintenance-red")
    sent = answers.fields(form, answers.filled(form, given))
    done = await check_in.answer(life.me, life.catalogue.check_ins, waiting[0].id, sent, at)
    if not done.is_done:
        raise RuntimeError(f"the demo check-in is wrong: {done.errors}")


async def _look_at(life: Life, provider: Actor, at: datetime) -> None:
    """The provider has seen to what was raised so far."""
    assert life.me.patient_id is not None
    raised = [one.id for one in await followups.signals_of(provider.scope, life.me.patient_id) if one.is_open]
    if raised:
        await signal.acknowledge(provider, life.me.patient_id, raised, "Talked on the phone; we watch it.", at)


def _peg(life: Life, number: int) -> float:
    """Falls in the first weeks, then holds with small ups and downs; wanes where the stage says so."""
    floor = life.person.pain * 0.45
    fallen = floor + (life.person.pain - floor) * (0.5 ** (number + 1))
    drift = life.rng.uniform(-0.4, 0.4)
    waning = max(0, number - 2) * 0.9 if life.person.stage == "maintenance-waning" else 0.0
    return min(10.0, max(0.0, fallen + drift + waning))
