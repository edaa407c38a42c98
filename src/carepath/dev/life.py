"""One fictitious life: from the first question to wherever this person's stage ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts import sessions
from carepath.accounts.people import Link
from carepath.dev import answers, checklist, courses
from carepath.dev import sessions as dosing
from carepath.dev.people import DemoPatient
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.intake.catalogue import Catalogue
from carepath.journey import answer, apply, book, check_in, decide, evaluate, follow_up, send, signal, visit
from carepath.kit.actor import NOBODY, SYSTEM, Actor, Role
from carepath.kit.ids import new_id, new_token
from carepath.questionnaires import service as questionnaires
from carepath.scheduling.service import Appointment

_APPLIED_BEFORE = {
    "half-filled": 2, "sent": 1, "booked": 3, "cancelled": 6, "waiting-for-decision": 6, "asked": 7, "not-suitable": 20,
    "suitable": 8, "crisis": 1, "stopped-by-rule": 2, "maintenance-short": 60, "maintenance-overdue": 98,
    "maintenance-waning": 200, "maintenance-red": 120, "maintenance-long": 400,
}  # fmt: skip


@dataclass(slots=True)
class _Life:
    person: DemoPatient
    providers: Mapping[UUID, Actor]
    catalogue: Catalogue
    rng: Random
    end: datetime
    me: Actor = NOBODY


async def live(
    person: DemoPatient, providers: Mapping[UUID, Actor], catalogue: Catalogue, rng: Random, now: datetime
) -> None:
    """Everything that happened to `person` until `now`."""
    life = _Life(person, providers, catalogue, rng, now)
    start = now - timedelta(days=_APPLIED_BEFORE[person.stage], hours=rng.randint(1, 20))
    await _apply(life, start)
    if person.stage == "half-filled":
        await _answer(life, start, most=rng.randint(1, 3))
        return
    await _answer(life, start, most=99)
    await _send(life, start + timedelta(minutes=25))
    if person.stage in {"sent", "crisis", "stopped-by-rule"}:
        return
    booked = await _book(life, start + timedelta(minutes=30))
    if booked is not None:
        await _after_booking(life, booked)


async def _apply(life: _Life, at: datetime) -> None:
    person, catalogue = life.person, life.catalogue
    form = questionnaires.current(catalogue.eligibility)
    wanted = apply.Wanted(person.born, person.state, person.zone, answers.fields(form, answers.eligibility()), {})
    begun = await apply.begin(NOBODY, catalogue, wanted, f"demo {person.number}", at)
    applicant = Actor(Role.ANONYMOUS, intake_id=begun.intake_id, request_id="seed")
    await apply.give_address(applicant, person.email, person.first, person.last, f"demo {person.number}", at)
    token = new_token()
    link = Link(new_id(), "apply", None, begun.intake_id, None)
    await sessions.store_link(link, token, at, at + timedelta(minutes=10))
    await apply.use_link(applicant, token, "demo", at + timedelta(minutes=2))
    patient_id = await accounts.patient_id_by_email(person.email)
    life.me = Actor(Role.PATIENT, None, patient_id, request_id="seed")


async def _answer(life: _Life, at: datetime, most: int) -> None:
    for number, (slug, given) in enumerate(answers.sections(life.person, life.rng).items()):
        if number >= most:
            return
        moment = at + timedelta(minutes=3 + 4 * number)
        page = await answer.section(life.me, life.catalogue, slug, moment)
        form = questionnaires.current(life.catalogue.section(slug) or "")
        sent = answers.fields(form, answers.filled(form, given))
        saved = await answer.save(life.me, life.catalogue, slug, sent, page.revision, True, moment)
        if saved.errors:
            raise RuntimeError(f"the demo answers of {slug} are wrong: {saved.errors}")


async def _send(life: _Life, at: datetime) -> None:
    person = life.person
    initials = person.first[0] + person.last[0]
    for text in life.catalogue.consents:
        given = {statement.id: initials for statement in text.statements}
        await send.sign(life.me, life.catalogue, text.id, given, f"{person.first} {person.last}", "demo", at)
    await send.submit(life.me, life.catalogue, at)


async def _book(life: _Life, at: datetime) -> Appointment | None:
    """A start two to four days later, so that the visit of a past life is past as well."""
    if life.person.stage in {"booked", "cancelled"}:
        at = life.end - timedelta(hours=life.rng.randint(2, 30))
    offers = await book.offers(life.me, (at + timedelta(days=1)).date(), at)
    past = life.person.stage not in {"booked", "cancelled"}
    fitting = [o for o in offers if not past or o.end_at < life.end - timedelta(hours=1)]
    if not fitting:
        return None
    chosen = life.rng.choice(fitting[: 40 if past else 120])
    held = await book.hold(life.me, chosen.practitioner_id, chosen.start_at, at)
    return await book.confirm(life.me, held.id, at + timedelta(minutes=3))


async def _after_booking(life: _Life, booked: Appointment) -> None:
    stage, provider = life.person.stage, life.providers[booked.practitioner_id]
    if stage == "cancelled":
        await book.cancel(life.me, booked.id, "I found another appointment.", life.end - timedelta(hours=1))
    if stage in {"booked", "cancelled"}:
        return
    after = booked.end_at + timedelta(minutes=10)
    await visit.fulfil(provider, booked.id, after)
    if stage == "waiting-for-decision":
        return
    evaluation = await _evaluation_of(provider, after, life)
    if stage == "asked":
        file = await evaluate.open_evaluation(provider, evaluation, after)
        question = "Which dose of duloxetine do you take, and since when?"
        await decide.decide(provider, evaluation, "more-information", "", question, file.evaluation.version, after)
        return
    await _decide(life, provider, evaluation, after)
    if stage.startswith("maintenance"):
        await _maintain(life, provider, after + timedelta(hours=1))


async def _evaluation_of(provider: Actor, at: datetime, life: _Life) -> UUID:
    assert life.me.patient_id is not None
    found = await evaluations.newest_of_patient(provider.scope, life.me.patient_id)
    if found is None:
        raise RuntimeError(f"{life.person.first} {life.person.last} is on nobody's desk")
    return (await evaluate.open_evaluation(provider, found.id, at)).evaluation.id


async def _decide(life: _Life, provider: Actor, evaluation_id: UUID, at: datetime) -> None:
    file = await evaluate.open_evaluation(provider, evaluation_id, at)
    version = file.evaluation.version
    if life.person.stage == "not-suitable":
        words = "Thank you for your trust. For now the risks outweigh what you could gain. Please see your own doctor about other ways."
        await decide.decide(
            provider, evaluation_id, "not-suitable", "Risk outweighs benefit at present.", words, version, at
        )
        return
    await checklist.see_to(provider, evaluation_id, life.person.state, at)
    words = "We talked about what treatment can and cannot do. We begin carefully and look together how it goes."
    await decide.decide(provider, evaluation_id, "suitable", "", words, version, at)


_EVERY = {
    "maintenance-long": 28,
    "maintenance-waning": 28,
    "maintenance-short": 14,
    "maintenance-overdue": 28,
    "maintenance-red": 28,
}


async def _maintain(life: _Life, provider: Actor, at: datetime) -> None:
    assert life.me.patient_id is not None
    every = _EVERY[life.person.stage]
    plan = await courses.first_version(life.person, provider, life.me.patient_id, every, at)
    series = dosing.Series(
        provider, life.me.patient_id, life.catalogue.check_ins, plan.interval_days, life.person.number
    )
    await dosing.hold(series, at, life.end)
    due, number = at + timedelta(days=every), 0
    while due <= life.end:
        await follow_up.tick(due)
        is_last = due + timedelta(days=every) > life.end
        if is_last and life.person.stage == "maintenance-overdue":
            await dosing.stay_silent(due, life.end)
            return
        reply = due + timedelta(hours=life.rng.randint(2, 30))
        if reply > life.end:
            return
        await _check_in(life, number, is_last, reply)
        if not is_last:
            await _look_at(life, provider, reply + timedelta(hours=2))
        due, number = due + timedelta(days=every), number + 1
        if courses.has_version(life.person, number) and not is_last:
            plan = await courses.next_version(life.person, provider, plan, number, reply)
            due = reply + timedelta(days=every)
        if courses.is_due(life.person, plan, reply):
            plan = await courses.see_to(provider, plan, reply)


async def _check_in(life: _Life, number: int, is_last: bool, at: datetime) -> None:
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


async def _look_at(life: _Life, provider: Actor, at: datetime) -> None:
    """The provider has seen to what was raised so far."""
    assert life.me.patient_id is not None
    raised = [one.id for one in await followups.signals_of(provider.scope, life.me.patient_id) if one.is_open]
    if raised:
        await signal.acknowledge(provider, life.me.patient_id, raised, "Talked on the phone; we watch it.", at)


def _peg(life: _Life, number: int) -> float:
    """Falls in the first weeks, then holds with small ups and downs; wanes where the stage says so."""
    floor = life.person.pain * 0.45
    fallen = floor + (life.person.pain - floor) * (0.5 ** (number + 1))
    drift = life.rng.uniform(-0.4, 0.4)
    waning = max(0, number - 2) * 0.9 if life.person.stage == "maintenance-waning" else 0.0
    return min(10.0, max(0.0, fallen + drift + waning))
