"""What becomes of an evaluation: decided, given back, or handed over to a colleague."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.evaluations.rules import MORE, PENDING, check_changed
from carepath.evaluations.service import Evaluation
from carepath.journey import review
from carepath.journey.evaluate import licensed, must_be_provider
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Practitioner

_SUBJECT = "evaluation"


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome that can be chosen: what it is called, and the words to this patient to begin with."""

    code: str
    label: str
    words: str
    must_change: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """All there is to decide with. `open_items`: what comes before an approval; `colleagues`: who else may treat the
    patient where they are."""

    evaluation: Evaluation
    choices: tuple[Choice, ...]
    open_items: tuple[str, ...]
    colleagues: tuple[Practitioner, ...]

    @property
    def colleague_options(self) -> list[tuple[UUID, str]]:
        """For a choice by name."""
        return [(one.id, f"{one.name}, {one.credential}") for one in self.colleagues]


async def sheet(actor: Actor, evaluation: Evaluation, patient: Patient, now: datetime) -> Sheet:
    """For an evaluation and its patient as the provider who has it has read them."""
    async with db.transaction():
        return Sheet(
            evaluation, _choices(patient), await _must_be_ready(actor, evaluation, now),
            tuple(await _colleagues(actor, patient, now)),
        )  # fmt: skip


def _choices(patient: Patient) -> tuple[Choice, ...]:
    name, phone = scheduling.clinic_contact()
    return tuple(
        Choice(code, one.label, one.filled(patient.first_name, name, phone), one.must_change)
        for code, one in evaluations.outcomes().items()
    )


async def _must_be_ready(actor: Actor, evaluation: Evaluation, now: datetime) -> tuple[str, ...]:
    """What has to be seen to before somebody is found suitable, a sentence each."""
    if evaluation.practitioner_id != actor.practitioner_id or evaluation.status not in PENDING:
        return ()
    urgent = _("Something urgent about this patient is open: see to it and say what you did.")
    tasks = await evaluations.open_tasks(actor.scope, evaluation.patient_id)
    return (*([urgent] if tasks else []), *await review.open_items(actor, evaluation, now))


async def _colleagues(actor: Actor, patient: Patient, now: datetime) -> list[Practitioner]:
    """Who can be handed a patient: may sign in, sees patients, and may treat where this one is today."""
    active = {one.practitioner_id for one in await accounts.colleagues(Role.PROVIDER)}
    return [one for one in await licensed(actor, patient, now) if one.id in active and one.id != actor.practitioner_id]


async def decide(
    actor: Actor, evaluation_id: UUID, outcome: str, reason: str, patient_words: str, version: int, now: datetime
) -> Evaluation:
    """Decide, and tell the patient that there is something to read; or ask them, and wait for the answer."""
    must_be_provider(actor)
    async with db.transaction():
        # Held before anything is looked up: what is checked or raised in this very moment has been, or comes after.
        seen = await evaluations.get(actor.scope, evaluation_id, lock=True)
        open_items = await _must_be_ready(actor, seen, now) if outcome == "suitable" else ()
        await _must_be_changed(actor, seen, outcome, patient_words)
        decided = await evaluations.decide(
            actor, evaluation_id, outcome, reason, patient_words, version, now, open_items
        )
        if outcome == MORE:
            await _tell_of_question(actor, decided, now)
        else:
            await notifications.enqueue(
                "decision-ready", "patient", decided.patient_id, _SUBJECT, decided.id, decided.version, now, now
            )
        await audit.record(actor, "decide", _SUBJECT, decided.id, now, patient_id=decided.patient_id, outcome=outcome)
        return decided


async def _must_be_changed(actor: Actor, seen: Evaluation, outcome: str, words: str) -> None:
    """Some of the clinic's words are only a beginning."""
    known = evaluations.outcomes().get(outcome)
    if known is not None and known.must_change and seen.practitioner_id == actor.practitioner_id:
        patient = await accounts.patient(actor, seen.patient_id)
        check_changed(words, known.filled(patient.first_name, *scheduling.clinic_contact()))


async def _tell_of_question(actor: Actor, asked: Evaluation, now: datetime) -> None:
    newest = (await evaluations.requests_of(actor.scope, asked.id))[-1]
    await notifications.enqueue(
        "more-information", "patient", asked.patient_id, "information-request", newest.id, 1, now, now
    )


async def release(actor: Actor, evaluation_id: UUID, reason: str, version: int, now: datetime) -> Evaluation:
    """Give it back, so that somebody else can take it."""
    must_be_provider(actor)
    async with db.transaction():
        released = await evaluations.release(actor, evaluation_id, reason, version, now)
        await audit.record(actor, "release", _SUBJECT, released.id, now, patient_id=released.patient_id)
        return released


async def hand_over(
    actor: Actor, evaluation_id: UUID, to_id: UUID, reason: str, version: int, now: datetime
) -> Evaluation:
    """Give it to a colleague, who is told that there is something. Invalid `colleague` for one who cannot have it."""
    must_be_provider(actor)
    async with db.transaction():
        await _must_fit(actor, await evaluations.get(actor.scope, evaluation_id), to_id, now)
        handed = await evaluations.hand_over(actor, evaluation_id, to_id, reason, version, now)
        for account in await accounts.providers_to_alert(to_id):
            await notifications.enqueue(
                "evaluation-handed-over", "account", account.id, _SUBJECT, handed.id, handed.version, now, now
            )
        await audit.record(actor, "hand-over", _SUBJECT, handed.id, now, patient_id=handed.patient_id)
        return handed


async def _must_fit(actor: Actor, seen: Evaluation, to_id: UUID, now: datetime) -> None:
    """Of what one does not have oneself nothing is looked up: the hand-over itself says no to it."""
    if seen.practitioner_id == actor.practitioner_id:
        patient = await accounts.patient(actor, seen.patient_id)
        if to_id not in {one.id for one in await _colleagues(actor, patient, now)}:
            raise Invalid({"colleague": _("Choose somebody who may treat this patient where they are.")})
