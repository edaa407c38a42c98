"""Letters about getting in, what the provider asks or decides, and how the patient is doing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from carepath.accounts import rules as account_rules
from carepath.accounts import service as accounts
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.intake import service as intakes
from carepath.journey.letters.desk import Desk, Opens, Outcome, Outcomes, Writer, singly
from carepath.kit.actor import SYSTEM
from carepath.kit.words import _
from carepath.notifications.service import Letter, Message, Superseded
from carepath.worklists import unfinished

_CHECK_IN_LINK = timedelta(days=30)


async def _prove_address(desk: Desk, message: Message, now: datetime) -> Outcome:
    intake = await intakes.get(SYSTEM, message.subject_id)
    if intake.status != "draft" or not intake.email:
        return Superseded(_("the address was proved already"))
    opens = Opens("apply", now + account_rules.SIGN_IN_LINK, intake_id=intake.id)
    links = await desk.links({message.id: opens}, now)
    name = f"{intake.first_name} {intake.last_name}"
    return Letter(intake.email, name, message.kind, intake.first_name or "", intake.zone, {}, links[message.id])


async def _nudges(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
    last = await unfinished.last_answers(SYSTEM.scope, [m.subject_id for m in messages])
    gone_on = {m.id for m in messages if m.subject_id in last and last[m.subject_id] > m.due_at}
    live = [m for m in messages if m.subject_id in last and m.id not in gone_on]
    patients = await accounts.patients(SYSTEM, [m.recipient_id for m in live])
    letters: Outcomes = {m.id: Superseded(_("it was sent or withdrawn")) for m in messages}
    letters |= {one: Superseded(_("they have gone on with it since")) for one in gone_on}
    return letters | {m.id: desk.to(patients[m.recipient_id], m, f"{desk.base_url}/home") for m in live}


async def _sign_in(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
    patients = await accounts.patients(SYSTEM, [m.recipient_id for m in messages])
    until = now + account_rules.SIGN_IN_LINK
    links = await desk.links({m.id: Opens("sign-in", until, m.recipient_id) for m in messages}, now)
    return {m.id: desk.to(patients[m.recipient_id], m, links[m.id]) for m in messages}


async def _question(desk: Desk, message: Message, now: datetime) -> Outcome:
    if not await evaluations.is_waited_for(message.subject_id):
        return Superseded(_("it was answered already, or nobody waits for it any more"))
    patient = await accounts.patient(SYSTEM, message.recipient_id)
    return desk.to(patient, message, f"{desk.base_url}/questions/{message.subject_id}")


async def _decisions(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
    patients = await accounts.patients(SYSTEM, [m.recipient_id for m in messages])
    return {m.id: desk.to(patients[m.recipient_id], m, f"{desk.base_url}/home") for m in messages}


async def _check_ins(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
    found = await followups.check_ins(SYSTEM.scope, [m.subject_id for m in messages])
    live = [m for m in messages if found[m.subject_id].status in {"due", "overdue"}]
    patients = await accounts.patients(SYSTEM, [found[m.subject_id].patient_id for m in live])
    until = now + _CHECK_IN_LINK
    opens = {m.id: Opens("check-in", until, found[m.subject_id].patient_id, subject_id=m.subject_id) for m in live}
    links = await desk.links(opens, now)
    letters: Outcomes = {m.id: Superseded(_("it was answered or closed already")) for m in messages}
    return letters | {m.id: desk.to(patients[found[m.subject_id].patient_id], m, links[m.id]) for m in live}


WRITERS: dict[str, Writer] = {
    "intake": singly(_prove_address),
    "intake-unfinished": _nudges,
    "sign-in": _sign_in,
    "information-request": singly(_question),
    "evaluation": _decisions,
    "check-in": _check_ins,
}
