"""The patient's own page: what happens next."""

from dataclasses import dataclass
from datetime import datetime

from carepath.accounts import service as accounts
from carepath.accounts.people import Patient
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Decision, InformationRequest
from carepath.followups import service as followups
from carepath.followups.service import CheckIn, Plan
from carepath.intake import service as intakes
from carepath.intake.catalogue import wanted_consents
from carepath.intake.consents import Consent
from carepath.intake.queries import Intake
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import NotFound
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, ConsultRequest
from carepath.screening import service as screening


@dataclass(frozen=True, slots=True)
class Home:
    """All that a patient's own page shows."""

    patient: Patient
    intake_status: str | None
    may_book: bool
    evaluation_status: str | None
    decision: Decision | None
    visits: tuple[Appointment, ...]
    questions: tuple[InformationRequest, ...]
    check_in: CheckIn | None
    plan: Plan | None
    request: ConsultRequest | None
    to_sign: tuple[Consent, ...]


async def home(actor: Actor, now: datetime) -> Home:
    """The patient's own page. Looking at one's own data is recorded like any other look."""
    if actor.patient_id is None:
        raise NotFound
    async with db.transaction():
        patient = await accounts.patient(actor, actor.patient_id)
        await audit.record(actor, "read", "patient", patient.id, now, patient_id=patient.id)
        scope, intake = actor.scope, await intakes.newest(actor, patient.id)
        evaluation = await evaluations.newest_of_patient(scope, patient.id)
        check_ins = await followups.check_ins_of(scope, patient.id)
        outcome = await screening.outcome_of(scope, intake.id) if intake else None
        return Home(
            patient, intake.status if intake else None, outcome in {"eligible", "review"},
            evaluation.status if evaluation else None,
            await evaluations.decision_of(scope, evaluation.id) if evaluation else None,
            tuple(await scheduling.appointments_of(scope, patient.id)),
            tuple(await evaluations.open_questions(scope, patient.id)),
            next((c for c in check_ins if c.status in {"due", "overdue"}), None),
            await followups.plan_of(scope, patient.id),
            next((one for one in await scheduling.requests_of(scope, patient.id) if one.is_open), None),
            await _to_sign(actor, intake),
        )  # fmt: skip


async def _to_sign(actor: Actor, intake: Intake | None) -> tuple[Consent, ...]:
    """Texts that were worded anew since the answers were sent."""
    if intake is None or intake.status != "completed":
        return ()
    return tuple(await intakes.unsigned(actor, intake.id, wanted_consents()))
