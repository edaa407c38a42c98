"""From the first question to answers that are with the clinic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.accounts import rules as account_rules
from carepath.accounts import service as accounts
from carepath.accounts import sessions
from carepath.accounts.people import NewPatient
from carepath.audit import service as audit
from carepath.intake import service as intakes
from carepath.intake.catalogue import Catalogue
from carepath.kit import db, limits
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.ids import new_id
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import SectionView
from carepath.screening import service as screening

_SUBJECT = "intake"
_LANDS_ON = {"apply": "/intake", "sign-in": "/home"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an applicant typed on the first page. `problems` are those of the fields outside the questionnaire."""

    born: date | None
    jurisdiction: str
    zone: str
    fields: Mapping[str, list[str]]
    problems: dict[str, str]


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft, and whether the first answers stop here. `findings` are words for the patient."""

    intake_id: UUID
    is_stopped: bool
    is_urgent: bool
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that a link opened, and the page it leads to."""

    session_token: str
    path: str


async def begin(actor: Actor, catalogue: Catalogue, wanted: Wanted, address: str, now: datetime) -> Begun:
    """Check the first answers. Invalid names every field that is wrong; nothing is stored then."""
    await limits.count(account_rules.ADDRESS_TRIES, address)
    form = questionnaires.current(catalogue.eligibility)
    answers, errors = questionnaires.parse(form, wanted.fields)
    problems = {**wanted.problems, **questionnaires.problems(form, answers), **errors}
    if problems or wanted.born is None:
        raise Invalid(problems)
    async with db.transaction():
        intake = await intakes.begin(actor, wanted.born, wanted.jurisdiction, wanted.zone, now)
        response_id = await questionnaires.open_response(SYSTEM.scope, _SUBJECT, intake.id, None, form.url, now)
        await questionnaires.save(SYSTEM.scope, response_id, 0, answers, now)
        await questionnaires.complete(SYSTEM.scope, response_id, now)
        facts = screening.facts([(form, answers)], {}, account_rules.age_on(wanted.born, now.date()))
        verdict = await screening.run(SYSTEM.scope, intake.id, None, "eligibility", facts, now)
        if verdict.outcome == "stop":
            await intakes.step(SYSTEM, intake.id, "stop", now)
        await audit.record(actor, "begin", _SUBJECT, intake.id, now, outcome=verdict.outcome)
    words = tuple(f.patient_words for f in verdict.findings if f.outcome in {"stop", "urgent"})
    return Begun(intake.id, verdict.outcome == "stop", verdict.is_urgent, words)


def eligibility_view(catalogue: Catalogue, fields: Mapping[str, list[str]], errors: Mapping[str, str]) -> SectionView:
    """The first questions with what was typed so far."""
    form = questionnaires.current(catalogue.eligibility)
    return questionnaires.view(form, questionnaires.parse(form, fields)[0], errors, fields)


def asks_for_help(catalogue: Catalogue, fields: Mapping[str, list[str]]) -> bool:
    """Does an answer on the first page ask for help now? Looked at even when the rest is wrong."""
    form = questionnaires.current(catalogue.eligibility)
    return bool(screening.immediate(form, questionnaires.parse(form, fields)[0]))


async def open_draft(intake_id: UUID, device: str, now: datetime) -> str:
    """A session for the draft just begun."""
    return await sessions.open_for_applicant(intake_id, device, now)


async def give_address(actor: Actor, email: str, first: str, last: str, address: str, now: datetime) -> None:
    """Remember name and address of the draft, and mail the proving link. A new request replaces the last one."""
    if actor.intake_id is None:
        raise NotFound
    await limits.count(account_rules.ADDRESS_TRIES, address)
    await limits.count(account_rules.LINK_REQUESTS, email.casefold())
    async with db.transaction():
        intake = await intakes.give_address(actor, actor.intake_id, email.strip(), first, last, now)
        version = int(now.timestamp())
        await notifications.supersede(_SUBJECT, intake.id, version, now)
        await notifications.enqueue("prove-email", "intake", intake.id, _SUBJECT, intake.id, version, now, now)
        await audit.record(actor, "give-address", _SUBJECT, intake.id, now)


async def ask_for_link(actor: Actor, email: str, address: str, now: datetime) -> None:
    """Mail a sign-in link if somebody has this address. The caller cannot tell whether anybody does."""
    problem = account_rules.email_problem(email)
    if problem:
        raise Invalid({"email": problem})
    await limits.count(account_rules.ADDRESS_TRIES, address)
    await limits.count(account_rules.LINK_REQUESTS, email.casefold())
    patient_id = await accounts.patient_id_by_email(email)
    if patient_id is None:
        return
    async with db.transaction():
        await notifications.enqueue("sign-in", "patient", patient_id, "sign-in", new_id(), 1, now, now)
        await audit.record(actor, "ask-for-link", "patient", patient_id, now, patient_id=patient_id)


async def look_at_link(token: str, now: datetime) -> str:
    """What a link is for. Changes nothing."""
    return (await sessions.look_at_link(token, now)).purpose


async def use_link(actor: Actor, token: str, device: str, now: datetime) -> Opened:
    """Open what the link opens, in a new session. NotFound when it is stale or somebody was faster."""
    async with db.transaction():
        link = await sessions.use_link(token, now)
        patient_id = link.patient_id
        if link.purpose == "apply" and link.intake_id is not None:
            patient_id = await _prove(link.intake_id, now)
        if patient_id is None:
            raise NotFound
        limited = (link.purpose, link.subject_id) if link.subject_id else None
        session = await sessions.open_for_patient(patient_id, device, now, limited)
        await audit.record(actor, f"use-link-{link.purpose}", "patient", patient_id, now, patient_id=patient_id)
        if actor.session_id is not None:
            await sessions.end(actor.session_id, now)
    folder = {"appointment": "visits", "check-in": "check-ins"}.get(link.purpose)
    return Opened(session, f"/{folder}/{link.subject_id}" if folder else _LANDS_ON[link.purpose])


async def _prove(intake_id: UUID, now: datetime) -> UUID:
    """The address of this draft is proved: it belongs to a patient now."""
    intake = await intakes.get(SYSTEM, intake_id)
    if intake.patient_id is not None:
        return intake.patient_id
    if not (intake.email and intake.first_name and intake.last_name):
        raise Conflict(_("This application has no address yet."), intake.status)
    new = NewPatient(
        intake.email, intake.first_name, intake.last_name, intake.birth_date, intake.jurisdiction, intake.zone
    )
    patient_id = await accounts.ensure_patient(new, now)
    goes_on = await intakes.attach(intake_id, patient_id, now)
    if goes_on == intake_id:
        await questionnaires.adopt(SYSTEM.scope, _SUBJECT, intake_id, patient_id)
    # Where they are today counts, also for somebody who has been here before.
    await accounts.relocate(SYSTEM, patient_id, intake.jurisdiction, intake.zone)
    return patient_id
