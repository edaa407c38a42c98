"""What each message says at the moment it leaves, and the worker's round of sending.

A message row holds ids only. Just before sending, its subject is read again: what was moved,
cancelled, answered or has begun is not told any more.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.accounts import rules as account_rules
from carepath.accounts import service as accounts
from carepath.accounts import sessions
from carepath.accounts.people import Link, Patient
from carepath.evaluations import service as evaluations
from carepath.followups import service as followups
from carepath.intake import service as intakes
from carepath.kit import when
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.ids import new_id
from carepath.kit.words import _
from carepath.notifications import calendar
from carepath.notifications import service as notifications
from carepath.notifications.calendar import Entry, Organizer
from carepath.notifications.mail import Letter
from carepath.notifications.service import DrainReport, Message, Skip, Superseded
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment

Outcome = Letter | Skip | Superseded
_VISIT_LINK_AFTER = timedelta(days=1)
_CHECK_IN_LINK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Desk:
    """Writes letters. `base_url` is where links point; `clinic` signs them."""

    base_url: str
    clinic: Clinic

    async def letter(self, message: Message, now: datetime) -> Outcome:
        """The letter for a due message, or why it is not sent any more."""
        return await _WRITERS[message.subject](self, message, now)

    async def _link(
        self, message: Message, purpose: str, now: datetime, until: datetime, patient_id: UUID | None = None,
        intake_id: UUID | None = None, subject_id: UUID | None = None,
    ) -> str:  # fmt: skip
        """An address that opens one thing; the same for every sending of this message."""
        token = sessions.link_token(purpose, message.id)
        await sessions.store_link(Link(new_id(), purpose, patient_id, intake_id, subject_id), token, now, until)
        return f"{self.base_url}/link/{token}"

    def _to(self, patient: Patient, message: Message, link: str, **context: str) -> Letter:
        return Letter(
            patient.email, patient.name, message.kind, patient.first_name, patient.zone, context, link, None, None
        )

    async def _prove_address(self, message: Message, now: datetime) -> Outcome:
        intake = await intakes.get(SYSTEM, message.subject_id)
        if intake.status != "draft" or not intake.email:
            return Superseded(_("the address was proved already"))
        until = now + account_rules.SIGN_IN_LINK
        link = await self._link(message, "apply", now, until, intake_id=intake.id)
        name = f"{intake.first_name} {intake.last_name}"
        return Letter(intake.email, name, message.kind, intake.first_name or "", intake.zone, {}, link, None, None)

    async def _sign_in(self, message: Message, now: datetime) -> Outcome:
        patient = await accounts.patient(SYSTEM, message.recipient_id)
        until = now + account_rules.SIGN_IN_LINK
        link = await self._link(message, "sign-in", now, until, patient_id=patient.id)
        return self._to(patient, message, link)

    async def _consult(self, message: Message, now: datetime) -> Outcome:
        appointment = await scheduling.get(SYSTEM.scope, message.subject_id)
        wanted = "cancelled" if message.kind == "consult-cancelled" else "booked"
        if appointment.version != message.subject_version or appointment.status != wanted:
            return Superseded(_("the visit has changed since"))
        if wanted == "booked" and appointment.start_at <= now:
            return Skip(_("the visit has begun"))
        patient = await accounts.patient(SYSTEM, appointment.patient_id)
        until = appointment.end_at + _VISIT_LINK_AFTER
        link = await self._link(message, "appointment", now, until, patient.id, subject_id=appointment.id)
        words = {
            "when": when.say(appointment.start_at, patient.zone),
            "day": when.say_day(appointment.start_at, patient.zone),
            "provider": appointment.practitioner_name,
        }
        letter = self._to(patient, message, link, **words)
        return letter if message.kind.startswith("consult-reminder") else self._with_invite(letter, appointment, now)

    def _with_invite(self, letter: Letter, appointment: Appointment, now: datetime) -> Letter:
        method = "CANCEL" if appointment.status == "cancelled" else "REQUEST"
        file = self.invite(appointment, letter.to_address, now)
        return Letter(
            letter.to_address, letter.to_name, letter.kind, letter.first_name, letter.zone, letter.context,
            letter.link, file, method,
        )  # fmt: skip

    def invite(self, appointment: Appointment, attendee: str, now: datetime) -> bytes:
        """The calendar file of a consult: same UID for life, SEQUENCE from its version, no clinical word."""
        words = _("Video visit with {clinic}") if appointment.room else _("Visit with {clinic}")
        entry = self.entry(appointment, words.format(clinic=self.clinic.name), "/home")
        return calendar.invite(entry, Organizer(self.clinic.name, self.clinic.email), attendee, now)

    def entry(self, appointment: Appointment, summary: str, page: str) -> Entry:
        """A consult as mails and feeds show it: who takes part, what for and in which room are not in it."""
        return Entry(
            calendar.uid(appointment.id, self.base_url), appointment.version - 1, appointment.start_at,
            appointment.end_at, appointment.status == "cancelled", appointment.updated_at, summary,
            f"{self.base_url}{page}",
        )  # fmt: skip

    async def _consults(self, message: Message, now: datetime) -> Outcome:
        """All the new times of one patient in one letter; what was moved or cancelled since has a message of its own."""
        visits = await scheduling.moved_for(SYSTEM.scope, message.subject_id, message.recipient_id, now)
        if not visits:
            return Superseded(_("the visits have changed since"))
        patient = await accounts.patient(SYSTEM, message.recipient_id)
        times = [when.say(visit.start_at, patient.zone) for visit in visits]
        files = tuple(self.invite(visit, patient.email, now) for visit in visits)
        return Letter(
            patient.email, patient.name, message.kind, patient.first_name, patient.zone, {"times": times},
            f"{self.base_url}/home", None, None, files,
        )  # fmt: skip

    async def _offer(self, message: Message, now: datetime) -> Outcome:
        offer = await scheduling.offer_of(SYSTEM.scope, message.subject_id)
        if offer.outcome != "open" or offer.expires_at <= now:
            return Superseded(_("the offer has ended"))
        patient = await accounts.patient(SYSTEM, message.recipient_id)
        link = await self._link(
            message, "appointment", now, offer.expires_at, patient.id, subject_id=offer.appointment_id
        )
        words = {
            "when": when.say(offer.start_at, patient.zone),
            "until": when.say(offer.expires_at, patient.zone),
            "until_short": when.say_short(offer.expires_at, patient.zone),
        }
        return self._to(patient, message, link, **words)

    async def _question(self, message: Message, now: datetime) -> Outcome:
        if await evaluations.is_answered(SYSTEM.scope, message.subject_id):
            return Superseded(_("it was answered already"))
        patient = await accounts.patient(SYSTEM, message.recipient_id)
        return self._to(patient, message, f"{self.base_url}/questions/{message.subject_id}")

    async def _decision(self, message: Message, now: datetime) -> Outcome:
        patient = await accounts.patient(SYSTEM, message.recipient_id)
        return self._to(patient, message, f"{self.base_url}/home")

    async def _check_in(self, message: Message, now: datetime) -> Outcome:
        check_in = await followups.get_check_in(SYSTEM.scope, message.subject_id)
        if check_in.status not in {"due", "overdue"}:
            return Superseded(_("it was answered or closed already"))
        patient = await accounts.patient(SYSTEM, check_in.patient_id)
        until = now + _CHECK_IN_LINK
        link = await self._link(message, "check-in", now, until, patient.id, subject_id=check_in.id)
        return self._to(patient, message, link)

    async def _urgent(self, message: Message, now: datetime) -> Outcome:
        account = await accounts.account(message.recipient_id)
        link = f"{self.base_url}/provider"
        return Letter(account.email, account.name, message.kind, account.name, account.zone, {}, link, None, None)


_Writer = Callable[[Desk, Message, datetime], Awaitable[Outcome]]
_WRITERS: dict[str, _Writer] = {
    "intake": Desk._prove_address,
    "sign-in": Desk._sign_in,
    "appointment": Desk._consult,
    "consult-offer": Desk._offer,
    "replan": Desk._consults,
    "information-request": Desk._question,
    "evaluation": Desk._decision,
    "check-in": Desk._check_in,
    "urgent-task": Desk._urgent,
}


async def invite_of(actor: Actor, desk: Desk, appointment_id: UUID, now: datetime) -> bytes:
    """The calendar file of one's own consult, as the mail carries it."""
    appointment = await scheduling.get(actor.scope, appointment_id)
    patient = await accounts.patient(SYSTEM, appointment.patient_id)
    return desk.invite(appointment, patient.email, now)


async def drain(desk: Desk, transport: notifications.Transport, now: datetime) -> DrainReport:
    """Send what is due. Safe with none, one or many of them running."""
    return await notifications.drain(now, desk, transport)
