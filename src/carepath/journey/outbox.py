"""Messages as coordinators see those to patients, and admins those to staff: to whom and in which state, never what is
said; and what may be done with one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.notifications.rules import bounces
from carepath.notifications.service import Mark, Message, Wanted
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment

PAGE = 50
COUNTED_DAYS = 7
_SUBJECT = "message"


@dataclass(frozen=True, slots=True)
class Outbox:
    """A page of messages, the newest first; `older` is where the next begins, None on the last. `names` are the
    patients they go to. `counts` by state are None where only a patient's or a visit's are listed: `person` is whose,
    `visit` the one they are about."""

    messages: list[Message]
    names: dict[UUID, str]
    older: Mark | None
    counts: dict[str, int] | None
    person: tuple[UUID, str] | None
    visit: Appointment | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One message, the name of the patient that it goes to, and the visit that it is about."""

    message: Message
    name: str
    visit: Appointment | None


def _coordinator(actor: Actor) -> None:
    if actor.role is not Role.COORDINATOR:
        raise Refused(_("This is for coordinators."))


def _keeper(actor: Actor) -> None:
    if actor.role not in {Role.COORDINATOR, Role.ADMIN}:
        raise Refused(_("This is for coordinators and admins."))


async def look(actor: Actor, wanted: Wanted, now: datetime) -> Outbox:
    """One page. NotFound when there is no such patient or visit."""
    _coordinator(actor)
    async with db.transaction():
        visit = await scheduling.get(actor.scope, wanted.visit_id) if wanted.visit_id else None
        whose = wanted.patient_id or (visit.patient_id if visit else None)
        person = (whose, (await accounts.patient(actor, whose)).name) if whose else None
        found = await notifications.recent(actor, wanted, PAGE + 1)
        shown = found[:PAGE]
        older = Mark(shown[-1].created_at, shown[-1].id) if len(found) > PAGE else None
        await audit.record(actor, "read", "message-list", None, now, patient_id=whose, rows=len(shown))
        since = now - timedelta(days=COUNTED_DAYS)
        counts = None if whose else await notifications.counts(actor, since)
        return Outbox(shown, await _names(shown), older, counts, person, visit)


async def _names(found: Iterable[Message]) -> dict[UUID, str]:
    people = await accounts.patients(SYSTEM, [m.recipient_id for m in found if m.recipient_kind == "patient"])
    return {one.id: one.name for one in people.values()}


async def open_message(actor: Actor, message_id: UUID, now: datetime) -> Sent:
    """One message. NotFound for one to staff, too."""
    _coordinator(actor)
    async with db.transaction():
        message = await notifications.get(actor, message_id)
        name = (await _names([message])).get(message.recipient_id, "")
        is_visit = message.subject == "appointment"
        visit = await scheduling.get(actor.scope, message.subject_id) if is_visit else None
        await audit.record(actor, "read", _SUBJECT, message.id, now, patient_id=_whose(message))
        return Sent(message, name, visit)


async def look_at_staff(actor: Actor, wanted: Wanted, now: datetime) -> Outbox:
    """One page of the messages to staff. `names` are theirs."""
    if actor.role is not Role.ADMIN:
        raise Refused(_("This is for admins."))
    async with db.transaction():
        found = await notifications.recent(actor, wanted, PAGE + 1)
        shown = found[:PAGE]
        older = Mark(shown[-1].created_at, shown[-1].id) if len(found) > PAGE else None
        await audit.record(actor, "read", "message-list", None, now, rows=len(shown))
        names = {one.id: one.name for one in await accounts.accounts(actor)}
        counts = await notifications.counts(actor, now - timedelta(days=COUNTED_DAYS))
        return Outbox(shown, names, older, counts, None, None)


def _whose(message: Message) -> UUID | None:
    return message.recipient_id if message.recipient_kind == "patient" else None


async def retry(actor: Actor, message_id: UUID, now: datetime) -> None:
    """Try a failed message again."""
    _keeper(actor)
    async with db.transaction():
        message = await notifications.retry(actor, message_id, now)
        await audit.record(actor, "retry", _SUBJECT, message_id, now, patient_id=_whose(message))


async def stop(actor: Actor, message_id: UUID, now: datetime) -> None:
    """Leave a waiting message unsent."""
    _keeper(actor)
    async with db.transaction():
        message = await notifications.stop(actor, message_id, now)
        await audit.record(actor, "stop", _SUBJECT, message_id, now, patient_id=_whose(message))


async def send_again(actor: Actor, message_id: UUID, now: datetime) -> UUID:
    """Send it once more as a mail of its own; answers the copy's id."""
    _keeper(actor)
    async with db.transaction():
        message, made = await notifications.send_again(actor, message_id, now)
        await audit.record(actor, "send-again", _SUBJECT, message_id, now, patient_id=_whose(message), copy=str(made))
        return made


async def bounce(actor: Actor, message_id: UUID, cause: str, code: str, now: datetime) -> None:
    """A coordinator saw it come back: one of the known causes, or the `code` that the mail server gave."""
    _coordinator(actor)
    match = bounces.CODE.fullmatch(code)
    if code and (match is None or match[1] == "2"):
        raise Invalid({"code": _("Write the code as the report gives it, such as 5.1.1, or leave this empty.")})
    async with db.transaction():
        message = await notifications.bounce(actor, message_id, code or bounces.CAUSES[cause], now)
        await audit.record(
            actor, "bounce", _SUBJECT, message_id, now, patient_id=_whose(message), code=code or cause, source="staff"
        )  # fmt: skip


async def read_report(actor: Actor, raw: bytes, host: str, now: datetime) -> tuple[Message, str]:
    """A mail server's report on one of our mails: the message and what became of it, failed, delayed or delivered. Only
    failed changes anything. Invalid says what the report lacks; Conflict when it did come back already."""
    _coordinator(actor)
    report = bounces.read(raw, host)
    async with db.transaction():
        try:
            message = await notifications.get(actor, report.message_id)
        except NotFound:
            raise Invalid({bounces.FIELD: _("Message-ID: we have sent no such mail.")}) from None
        if report.outcome == "failed":
            await notifications.bounce(actor, message.id, report.code, now)
        act = "bounce" if report.outcome == "failed" else "read-report"
        await audit.record(
            actor, act, _SUBJECT, message.id, now, patient_id=_whose(message), code=report.code, source="report",
            outcome=report.outcome,
        )  # fmt: skip
        return message, report.outcome
