"""What stands between an evaluation and “suitable”: the checklist, and findings that nobody has gone on in spite of."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from carepath.audit import service as audit
from carepath.evaluations import checking, overriding, page_catalogue
from carepath.evaluations import service as evaluations
from carepath.evaluations.rules.checklist import LOCATION, Basis, Entry, Known, Line, Pressure, newest_pressure
from carepath.evaluations.service import Evaluation
from carepath.intake import catalogue as intake_catalogue
from carepath.intake import service as intakes
from carepath.kit import db, when
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Response
from carepath.scheduling import service as scheduling
from carepath.screening import service as screening
from carepath.screening.service import Finding

_SUBJECT = "evaluation"


@dataclass(frozen=True, slots=True)
class Blocking:
    """What is in the way of “suitable”: open items of the checklist, and stops without a reason to go on."""

    lines: tuple[Line, ...]
    stops: tuple[Finding, ...]

    @property
    def reasons(self) -> list[str]:
        """In sentences; empty when nothing is."""
        stops = [
            _("Stop: {words} Override it with a reason first.").format(words=one.provider_words) for one in self.stops
        ]
        return [*(line.words for line in self.lines if not line.is_done), *stops]


async def open_items(actor: Actor, evaluation: Evaluation, now: datetime) -> list[str]:
    """Why this evaluation cannot be decided as suitable yet; empty when nothing is in the way."""
    return (await blocking(actor, evaluation, await known(actor, evaluation, now))).reasons


async def blocking(actor: Actor, evaluation: Evaluation, found: Known) -> Blocking:
    """The same, in parts."""
    verdict = await screening.verdict_of(actor.scope, evaluation.intake_id)
    gone_on = await overriding.overrides(actor.scope, evaluation.id)
    stops = [
        one for one in (verdict.findings if verdict else ()) if one.outcome == "stop" and one.rule_id not in gone_on
    ]
    return Blocking(checking.lines(found), tuple(stops))


async def known(actor: Actor, evaluation: Evaluation, now: datetime) -> Known:
    """All that the checklist is worked out from. Days are those of the provider's own zone."""
    if evaluation.practitioner_id is None:
        raise NotFound
    person = await scheduling.practitioner(actor.scope, evaluation.practitioner_id)
    today = now.astimezone(when.zone(person.zone)).date()
    entries = await checking.entries(actor.scope, evaluation.id)
    unsigned = await intakes.unsigned(actor, evaluation.intake_id, intake_catalogue.wanted_consents())
    responses = await questionnaires.responses_of(actor.scope, "intake", evaluation.intake_id)
    licences = await scheduling.licences_of(actor.scope, person.id)
    held = frozenset(
        one.jurisdiction
        for one in licences
        if one.valid_from <= today and (one.valid_until is None or today <= one.valid_until)
    )
    where = entries.get(LOCATION)
    state = where.detail.get("state", "") if where and where.is_done else ""
    found = Known(
        today, entries, tuple(one.title for one in unsigned), _pressure(responses, person.zone), held,
        _basis(state, today),
    )  # fmt: skip
    return replace(found, alarms=_alarms(newest_pressure(found)))


def _alarms(pressure: Pressure | None) -> tuple[str, ...]:
    """What the screening rules would have raised at once had the patient sent this reading with the intake."""
    if pressure is None:
        return ()
    limits = page_catalogue.page().checklist
    given = {
        limits.systolic: pressure.systolic, limits.diastolic: pressure.diastolic, limits.heart_rate: pressure.heart_rate
    }  # fmt: skip
    return tuple(one.provider_words for one in screening.alarms_of(given))


def _pressure(responses: list[Response], zone: str) -> Pressure | None:
    """The reading of the intake, on the day it was sent; None unless all three numbers are there."""
    limits = page_catalogue.page().checklist
    for one in responses:
        given = [one.answers.get(link_id, ()) for link_id in (limits.systolic, limits.diastolic, limits.heart_rate)]
        numbers = [values[0] for values in given if values and isinstance(values[0], int)]
        if len(numbers) == len(given) and one.completed_at is not None:
            upper, lower, rate = numbers
            return Pressure(upper, lower, rate, one.completed_at.astimezone(when.zone(zone)).date())
    return None


def _basis(state: str, today: date) -> Basis | None:
    """The rule of the state where the patient says they are."""
    found = scheduling.prescribing(state, today) if state else None
    return Basis(found[1], found[0].needs_review, found[0].words) if found else None


async def _mine(actor: Actor, evaluation_id: UUID) -> Evaluation:
    """An evaluation of this provider. Refused for no provider, NotFound for anybody else's or nobody's."""
    if actor.role is not Role.PROVIDER or actor.practitioner_id is None:
        raise Refused(_("This is for providers."))
    found = await evaluations.get(actor.scope, evaluation_id)
    if found.practitioner_id != actor.practitioner_id:
        raise NotFound
    return found


async def enter(actor: Actor, evaluation_id: UUID, item: str, is_done: bool, on: date | None, detail: dict[str, str],
                now: datetime) -> None:  # fmt: skip
    """Say that an item of the checklist was seen to, or take that back. `on` is today where it is not given."""
    async with db.transaction():
        evaluation = await _mine(actor, evaluation_id)
        facts = await known(actor, evaluation, now)
        entry = Entry(item, is_done, on or facts.today, detail)
        await checking.enter(actor, evaluation.id, entry, facts, now)
        await audit.record(
            actor, "check" if is_done else "uncheck", _SUBJECT, evaluation.id, now, patient_id=evaluation.patient_id,
            item=item,
        )  # fmt: skip


async def override(actor: Actor, evaluation_id: UUID, rule_id: str, reason: str, now: datetime) -> None:
    """Go on in spite of a finding, with a reason. Invalid for a rule that found nothing here."""
    async with db.transaction():
        evaluation = await _mine(actor, evaluation_id)
        verdict = await screening.verdict_of(actor.scope, evaluation.intake_id)
        fired = {one.rule_id: one for one in (verdict.findings if verdict else ())}
        finding = fired.get(rule_id)
        if finding is None or finding.outcome not in overriding.OUTCOMES:
            raise Invalid({"rule": _("Choose one of these findings.")})
        await overriding.override(actor, evaluation.id, rule_id, finding.rule_version, reason, now)
        await audit.record(
            actor, "override", _SUBJECT, evaluation.id, now, patient_id=evaluation.patient_id, outcome=finding.outcome
        )
