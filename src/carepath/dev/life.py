"""One fictitious life: from the first question to wherever this person's stage ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts import sessions
from carepath.accounts.people import Link
from carepath.dev import answers, checklist, years
from carepath.dev.people import STAGES, DemoPatient
from carepath.dev.years import Life
from carepath.evaluations import service as evaluations
from carepath.intake.catalogue import Catalogue
from carepath.journey import answer, apply, book, decide, evaluate, send, visit
from carepath.kit.actor import NOBODY, Actor, Role
from carepath.kit.ids import new_id, new_token
from carepath.questionnaires import service as questionnaires
from carepath.scheduling.service import Appointment

_APPLIED_BEFORE = {
    "half-filled": 2, "sent": 1, "booked": 3, "cancelled": 6, "waiting-for-decision": 6, "asked": 7, "not-suitable": 20,
    "suitable": 8, "crisis": 0, "stopped-by-rule": 2, "maintenance-short": 60, "maintenance-overdue": 98,
    "maintenance-waning": 177, "maintenance-red": 120, "maintenance-long": 400,
}  # fmt: skip

_FRESH_HOURS = {"crisis": 2, "stopped-by-rule": 15}


async def live(
    person: DemoPatient, providers: Mapping[UUID, Actor], catalogue: Catalogue, rng: Random, now: datetime
) -> None:
    """Everything that happened to `person` until `now`."""
    life = Life(person, providers, catalogue, rng, now)
    start = now - _applied_before(person, rng)
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


def _applied_before(person: DemoPatient, rng: Random) -> timedelta:
    """Who needs somebody today is new in the first round, so that it is not late yet; in the second it is."""
    hours = rng.randint(1, 20)
    if person.number < len(STAGES) and person.stage in _FRESH_HOURS:
        return timedelta(hours=_FRESH_HOURS[person.stage])
    return timedelta(days=_APPLIED_BEFORE[person.stage], hours=hours)


async def _apply(life: Life, at: datetime) -> None:
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


async def _answer(life: Life, at: datetime, most: int) -> None:
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


async def _send(life: Life, at: datetime) -> None:
    person = life.person
    initials = person.first[0] + person.last[0]
    for text in life.catalogue.consents:
        given = {statement.id: initials for statement in text.statements}
        await send.sign(life.me, life.catalogue, text.id, given, f"{person.first} {person.last}", "demo", at)
    await send.submit(life.me, life.catalogue, at)


async def _book(life: Life, at: datetime) -> Appointment | None:
    """A start two to four days later, so that the visit of a past life is past as well; otherwise one of the next."""
    if life.person.stage in {"booked", "cancelled"}:
        at = life.end - timedelta(hours=life.rng.randint(2, 30))
    offers = await book.offers(life.me, (at + timedelta(days=1)).date(), at)
    past = life.person.stage not in {"booked", "cancelled"}
    fitting = [
        o for o in offers if (o.end_at < life.end - timedelta(hours=1) if past else o.start_at > life.end + years.SOON)
    ]
    if not fitting:
        return None
    chosen = life.rng.choice(fitting[: 40 if past else 12])
    held = await book.hold(life.me, chosen.practitioner_id, chosen.start_at, at)
    return await book.confirm(life.me, held.id, at + timedelta(minutes=3))


async def _after_booking(life: Life, booked: Appointment) -> None:
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
        await years.maintain(life, provider, after + timedelta(hours=1))


async def _evaluation_of(provider: Actor, at: datetime, life: Life) -> UUID:
    assert life.me.patient_id is not None
    found = await evaluations.newest_of_patient(provider.scope, life.me.patient_id)
    if found is None:
        raise RuntimeError(f"{life.person.first} {life.person.last} is on nobody's desk")
    return (await evaluate.open_evaluation(provider, found.id, at)).evaluation.id


async def _decide(life: Life, provider: Actor, evaluation_id: UUID, at: datetime) -> None:
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
