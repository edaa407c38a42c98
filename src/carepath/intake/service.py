"""The intake island's verbs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from carepath.audit import history
from carepath.intake import queries, rules
from carepath.intake.consents import Consent
from carepath.intake.queries import ConsentGiven, Intake
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.ids import new_id
from carepath.kit.words import _

_SUBJECT = "intake"
_MAY_SIGN = ("in-progress", "completed")


async def begin(actor: Actor, born: date, jurisdiction: str, zone: str, now: datetime) -> Intake:
    """A new draft that belongs to nobody yet."""
    intake_id = new_id()
    async with db.transaction():
        await queries.insert(actor.scope, intake_id, born, jurisdiction, zone, now)
        await history.record(actor, _SUBJECT, intake_id, from_status=None, to_status="draft", action="begin", now=now)
        return await queries.get(SYSTEM.scope, intake_id)


async def get(actor: Actor, intake_id: UUID) -> Intake:
    """One intake within the actor's scope."""
    return await queries.get(actor.scope, intake_id)


async def newest(actor: Actor, patient_id: UUID) -> Intake | None:
    """The patient's newest intake."""
    return await queries.newest(actor.scope, patient_id)


async def sent_before(patient_id: UUID, at: datetime) -> tuple[UUID, datetime] | None:
    """The last intake that this patient sent before `at`, and when; for whoever judges a newer one of theirs."""
    return await queries.submitted_before(SYSTEM.scope, patient_id, at)


async def step(actor: Actor, intake_id: UUID, action: str, now: datetime) -> Intake:
    """Take one step of the machine. Refused or Conflict when it is not allowed."""
    async with db.transaction():
        before = await queries.get(actor.scope, intake_id, lock=True)
        status = rules.MACHINE.apply(before.status, action, actor.role)
        await queries.set_status(actor.scope, intake_id, status, now)
        await history.record(
            actor, _SUBJECT, intake_id, from_status=before.status, to_status=status, action=action, now=now
        )
        return await queries.get(SYSTEM.scope, intake_id)


async def give_address(actor: Actor, intake_id: UUID, email: str, first: str, last: str, now: datetime) -> Intake:
    """Remember where the proving link goes. Only a draft takes an address."""
    async with db.transaction():
        intake = await queries.get(actor.scope, intake_id, lock=True)
        if intake.status != "draft":
            raise Conflict(_("This application already has a proved address."), intake.status)
        await queries.set_address(actor.scope, intake, email, first, last, now)
        return await queries.get(SYSTEM.scope, intake_id)


async def attach(intake_id: UUID, patient_id: UUID, now: datetime) -> UUID:
    """Give a draft to the patient who proved its address, in the caller's transaction.

    Answers the intake to go on with: one that was already being filled in wins over the new draft,
    so that nothing typed before is lost.
    """
    intake = await queries.get(SYSTEM.scope, intake_id, lock=True)
    if intake.patient_id is not None:
        return intake.id
    earlier = await queries.open_of(SYSTEM.scope, patient_id)
    if earlier is not None:
        return earlier
    status = rules.MACHINE.apply(intake.status, "prove-address", SYSTEM.role)
    await queries.attach(SYSTEM.scope, intake_id, patient_id, now)
    await history.record(
        SYSTEM, _SUBJECT, intake_id, from_status=intake.status, to_status=status, action="prove-address", now=now
    )
    return intake_id


async def sign(
    actor: Actor,
    intake_id: UUID,
    consent: Consent,
    initials: Mapping[str, str],
    name: str,
    address: str,
    now: datetime,
) -> None:
    """Sign one text: `initials` holds an entry for every statement's id. Invalid names what is missing.

    After the answers were sent, too: a text that the clinic has worded anew in the meantime is signed anew.
    """
    problems = {s.id: p for s in consent.statements if (p := rules.initials_problem(initials.get(s.id, "")))}
    if not name:
        problems["signed_name"] = _("Type your full name as your signature.")
    elif len(name) > 160:
        problems["signed_name"] = _("Your name can have at most 160 characters here.")
    if problems:
        raise Invalid(problems)
    async with db.transaction():
        intake = await queries.get(actor.scope, intake_id, lock=True)
        if intake.status not in _MAY_SIGN:
            raise Conflict(_("Nothing is to be signed here now."), intake.status)
        given = " ".join(initials[s.id] for s in consent.statements)
        await queries.insert_consent(actor.scope, intake, consent, given, name, address, now)


async def consents_of(actor: Actor, intake_id: UUID) -> list[ConsentGiven]:
    """What was signed in this intake."""
    return await queries.consents_of(actor.scope, intake_id)


async def unsigned(actor: Actor, intake_id: UUID, wanted: Sequence[Consent]) -> list[Consent]:
    """Which of the wanted texts are not signed in exactly today's wording."""
    signed = {(c.consent_id, c.version, c.text_sha256) for c in await consents_of(actor, intake_id)}
    return [c for c in wanted if (c.id, c.version, c.sha256) not in signed]
