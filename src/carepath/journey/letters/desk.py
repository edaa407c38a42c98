"""Writes letters, many at a time: ten thousand reminders are read in a few hundred statements."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from carepath.accounts import sessions
from carepath.accounts.people import Account, Link, Patient
from carepath.kit.ids import new_id
from carepath.kit.words import _
from carepath.notifications import calendar, unwanted
from carepath.notifications.calendar import Entry, Organizer
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.service import Letter, Message, Skip, Superseded, Written
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment

Outcome = Letter | Skip | Superseded
Outcomes = dict[UUID, Outcome]
Writer = Callable[["Desk", Sequence[Message], datetime], Awaitable[Outcomes]]


@dataclass(frozen=True, slots=True)
class Opens:
    """What a link in a letter opens, and until when."""

    purpose: str
    until: datetime
    patient_id: UUID | None = None
    intake_id: UUID | None = None
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """`base_url` is where links point; `clinic` signs; `writers` know kinds of messages by name, or all that are about
    one subject by the subject's."""

    base_url: str
    clinic: Clinic
    writers: Mapping[str, Writer]

    async def letters(self, messages: Sequence[Message], now: datetime) -> Mapping[UUID, Written]:
        """The letter for each due message, or why it is not sent any more. Where some of a kind cannot be written,
        the others are written one by one, so that a bad row stops nobody else's."""
        found: dict[UUID, Written] = {}
        groups: dict[str, list[Message]] = {}
        for message in messages:
            groups.setdefault(message.kind if message.kind in self.writers else message.subject, []).append(message)
        for name, group in groups.items():
            found |= await self._group(name, group, now)
        return found

    async def _group(self, name: str, group: Sequence[Message], now: datetime) -> dict[UUID, Written]:
        try:
            return {**await self.writers[name](self, group, now)}
        except Exception as problem:
            if len(group) == 1:
                return {group[0].id: problem}
        found: dict[UUID, Written] = {}
        for message in group:
            found |= await self._group(name, [message], now)
        return found

    async def links(self, opens: Mapping[UUID, Opens], now: datetime) -> dict[UUID, str]:
        """For each message an address that opens one thing; the same for every sending of this message."""
        tokens = {message_id: sessions.link_token(one.purpose, message_id) for message_id, one in opens.items()}
        kept = [
            (Link(new_id(), one.purpose, one.patient_id, one.intake_id, one.subject_id), tokens[message_id], one.until)
            for message_id, one in opens.items()
        ]
        await sessions.store_links(kept, now)
        return {message_id: f"{self.base_url}/link/{token}" for message_id, token in tokens.items()}

    def to(self, patient: Patient, message: Message, link: str, **context: str | Sequence[str]) -> Letter:
        """A letter to a patient."""
        return Letter(
            patient.email, patient.name, message.kind, patient.first_name, patient.zone, context, link,
            stop_link=self._stop_link(message),
        )  # fmt: skip

    def to_account(self, account: Account, message: Message, page: str, **context: str | Sequence[str]) -> Letter:
        """A letter to one of the clinic's own people."""
        return Letter(
            account.email, account.name, message.kind, account.name, account.zone, context, f"{self.base_url}{page}",
            stop_link=self._stop_link(message),
        )  # fmt: skip

    def _stop_link(self, message: Message) -> str:
        return f"{self.base_url}/stop/{unwanted.token_of(message.id)}" if KINDS[message.kind].optional else ""

    def with_invite(self, letter: Letter, appointment: Appointment, now: datetime) -> Letter:
        """The letter with the calendar file of the consult that it is about."""
        method = "CANCEL" if appointment.status == "cancelled" else "REQUEST"
        return replace(letter, ics=self.invite(appointment, letter.to_address, now), ics_method=method)

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


def singly(write: Callable[[Desk, Message, datetime], Awaitable[Outcome]]) -> Writer:
    """For kinds of which few are ever due at once: one letter at a time."""

    async def each(desk: Desk, messages: Sequence[Message], now: datetime) -> Outcomes:
        return {message.id: await write(desk, message, now) for message in messages}

    return each
