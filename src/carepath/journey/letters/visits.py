"""Letters about consults: booked, moved, cancelled, coming up, offered."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from carepath.accounts import service as accounts
from carepath.journey.letters.desk import Desk, Opens, Outcome, Outcomes, Writer, singly
from carepath.journey.visit import LATE, late_version
from carepath.kit import when
from carepath.kit.actor import SYSTEM
from carepath.kit.words import _
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.service import Letter, Message, Skip, Superseded
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

_LINK_AFTER = timedelta(days=1)


async def _consults(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
    visits = await scheduling.visits(SYSTEM.scope, [m.subject_id for m in messages])
    dead = {m.id: why for m in messages if (why := _not_any_more(m, visits[m.subject_id], now))}
    live = [m for m in messages if m.id not in dead]
    patients = await accounts.patients(SYSTEM, [visits[m.subject_id].patient_id for m in live])
    opens = {
        m.id: Opens("appointment", one.end_at + _LINK_AFTER, one.patient_id, subject_id=one.id)
        for m in live
        if (one := visits[m.subject_id])
    }
    links = await desk.links(opens, now)
    letters: Outcomes = {}
    for m in live:
        visit = visits[m.subject_id]
        zone = patients[visit.patient_id].zone
        words = {
            "when": when.say(visit.start_at, zone),
            "day": when.say_day(visit.start_at, zone),
            "provider": visit.practitioner_name,
            "by_video": "yes" if visit.room else "",
        }
        letter = desk.to(patients[visit.patient_id], m, links[m.id], **words)
        letters[m.id] = letter if KINDS[m.kind].before else desk.with_invite(letter, visit, now)
    return dead | letters


def _not_any_more(message: Message, visit: Appointment, now: datetime) -> Skip | Superseded | None:
    wanted = "cancelled" if message.kind == "consult-cancelled" else "booked"
    if visit.version != message.subject_version or visit.status != wanted:
        return Superseded(_("the visit has changed since"))
    return Skip(_("the visit has begun")) if wanted == "booked" and visit.start_at <= now else None


async def _late(desk: Desk, message: Message, now: datetime) -> Outcome:
    """When to expect the provider. Of a visit that was moved, has ended or is later still, another letter tells."""
    found = await scheduling.get(SYSTEM.scope, message.subject_id)
    if late_version(found) != message.subject_version or found.status not in {"booked", "checked-in"}:
        return Superseded(_("the visit has changed since"))
    if found.end_at <= now:
        return Skip(_("the visit is over"))
    patient = await accounts.patient(SYSTEM, found.patient_id)
    opens = Opens("appointment", found.end_at + _LINK_AFTER, patient.id, subject_id=found.id)
    links = await desk.links({message.id: opens}, now)
    return desk.to(
        patient, message, links[message.id], when=when.say(found.expected_at, patient.zone),
        time=when.say_time(found.expected_at, patient.zone),
    )  # fmt: skip


async def _moved(desk: Desk, message: Message, now: datetime) -> Outcome:
    """All the new times of one patient in one letter; what was moved or cancelled since has a message of its own."""
    visits = await scheduling.moved_for(SYSTEM.scope, message.subject_id, message.recipient_id, now)
    if not visits:
        return Superseded(_("the visits have changed since"))
    patient = await accounts.patient(SYSTEM, message.recipient_id)
    times = [when.say(visit.start_at, patient.zone) for visit in visits]
    files = tuple(desk.invite(visit, patient.email, now) for visit in visits)
    return Letter(
        patient.email, patient.name, message.kind, patient.first_name, patient.zone, {"times": times},
        f"{desk.base_url}/home", more=files,
    )  # fmt: skip


async def _offer(desk: Desk, message: Message, now: datetime) -> Outcome:
    offer = await scheduling.offer_of(SYSTEM.scope, message.subject_id)
    if offer.outcome != "open" or offer.expires_at <= now:
        return Superseded(_("the offer has ended"))
    patient = await accounts.patient(SYSTEM, message.recipient_id)
    opens = Opens("appointment", offer.expires_at, patient.id, subject_id=offer.appointment_id)
    links = await desk.links({message.id: opens}, now)
    return desk.to(
        patient, message, links[message.id], when=when.say(offer.start_at, patient.zone),
        until=when.say(offer.expires_at, patient.zone), until_short=when.say_short(offer.expires_at, patient.zone),
    )  # fmt: skip


async def _ended(desk: Desk, message: Message, now: datetime) -> Outcome:
    offer = await scheduling.offer_of(SYSTEM.scope, message.subject_id)
    wanted = await scheduling.request(SYSTEM.scope, offer.request_id)
    if wanted.status in {"fulfilled", "withdrawn"}:
        return Superseded(_("they wait no more"))
    patient = await accounts.patient(SYSTEM, message.recipient_id)
    link = f"{desk.base_url}/requests/{wanted.id}"
    waits = "yes" if wanted.is_open else ""
    return desk.to(patient, message, link, when=when.say(offer.start_at, patient.zone), waits=waits)


WRITERS: dict[str, Writer] = {
    "appointment": _consults,
    "consult-offer": singly(_offer),
    "offer-ended": singly(_ended),
    "replan": singly(_moved),
    LATE: singly(_late),
}
