"""Messages as the office sees them, in words: to whom, in which state, why, and what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from carepath.journey.outbox import COUNTED_DAYS, Outbox, Sent
from carepath.kit import when
from carepath.kit.actor import Role
from carepath.kit.words import _
from carepath.notifications.rules.bounces import CAUSES
from carepath.notifications.rules.states import MESSAGE, WORDS
from carepath.notifications.service import Mark, Message, Wanted
from carepath.web.message_words import RECIPIENTS, kind_words, state_words

PATH = "/coordinator/messages"
STAFF_PATH = "/admin/staff-messages"
_ACTS = {"retry": _("Try again"), "send-again": _("Send again"), "stop": _("Do not send")}
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. `acts` are (action, words) of the buttons that would work now; `can_bounce` opens the form for one
    that came back. `visit` is the one it is about."""

    id: UUID
    kind: str
    copy: str
    to: str
    patient_id: UUID | None
    visit: UUID | None
    due: str
    state: str
    tone: str
    reason: str
    tries: int
    next_try: str
    acts: tuple[tuple[str, str], ...]
    can_bounce: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A state to look at, and how many there are in it, "" where nobody counted."""

    words: str
    count: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OutboxView:
    """A page of messages. `back` leads to what they are about."""

    title: str
    back: str
    back_words: str
    tabs: tuple[Tab, ...]
    counted: str
    zone: str
    rows: tuple[MessageView, ...]
    older: str
    newest: str


def _query(wanted: Wanted, path: str = PATH, **other: str) -> str:
    kept = {"patient": wanted.patient_id, "visit": wanted.visit_id, "status": wanted.state, **other}
    asked = urlencode({name: str(value) for name, value in kept.items() if value})
    return f"{path}?{asked}" if asked else path


def outbox(found: Outbox, wanted: Wanted, zone: str, now: datetime) -> OutboxView:
    """A page of messages, times in the reader's `zone`."""
    return _page(found, wanted, zone, now, _about(found, wanted, zone), PATH)


def to_staff(found: Outbox, wanted: Wanted, zone: str, now: datetime) -> OutboxView:
    """The same of messages to staff."""
    return _page(found, wanted, zone, now, (_("Mail to staff"), "", ""), STAFF_PATH)


def _page(
    found: Outbox, wanted: Wanted, zone: str, now: datetime, about: tuple[str, str, str], path: str
) -> OutboxView:  # fmt: skip
    days = _("Sent, not sent and replaced are counted over the last {n} days.").format(n=COUNTED_DAYS)
    return OutboxView(
        *about, _tabs(found.counts, wanted, path), days if found.counts else "", when.zone_words(now, zone),
        tuple(_row(one, found.names, zone) for one in found.messages),
        _query(wanted, path, before=mark_text(found.older)) if found.older else "",
        _query(wanted, path) if wanted.before else "",
    )  # fmt: skip


def _about(found: Outbox, wanted: Wanted, zone: str) -> tuple[str, str, str]:
    if found.person is None:
        return _("Messages"), "", ""
    patient_id, name = found.person
    if found.visit is not None:
        title = _("Messages about the visit of {name} on {day}")
        day = when.say_day(found.visit.start_at, zone)
        return title.format(name=name, day=day), f"/coordinator/consults/{found.visit.id}", _("The visit")
    return _("Messages to {name}").format(name=name), f"/coordinator/book/{patient_id}", name


def _tabs(counts: Mapping[str, int] | None, wanted: Wanted, path: str) -> tuple[Tab, ...]:
    every = Tab(_("All"), "", _query(wanted, path, status=""), wanted.state is None)
    return (every, *(
        Tab(words, f"{counts[state]:,}" if counts else "", _query(wanted, path, status=state), wanted.state == state)
        for state, words in WORDS.items()
    ))  # fmt: skip


def _row(m: Message, names: Mapping[UUID, str], zone: str) -> MessageView:
    state, tone = state_words(m)
    actions = MESSAGE.actions(m.status, Role.COORDINATOR)
    is_patient = m.recipient_kind == "patient"
    return MessageView(
        m.id, kind_words(m.kind), _("sent again, number {n}").format(n=m.copy) if m.copy else "",
        names.get(m.recipient_id) or RECIPIENTS[m.recipient_kind], m.recipient_id if is_patient else None,
        m.subject_id if m.subject == "appointment" else None, when.say_short(m.due_at, zone), state, tone, m.reason,
        m.attempts, _next_try(m, zone), tuple((a, words) for a, words in _ACTS.items() if a in actions),
        "bounce" in actions,
    )  # fmt: skip


def _next_try(m: Message, zone: str) -> str:
    return when.say_short(m.next_try_at, zone) if m.status == "queued" and m.next_try_at > m.due_at else ""


@dataclass(frozen=True, slots=True)
class SentView:
    """One message with all that is known of it, and the causes to choose from when it came back."""

    row: MessageView
    facts: tuple[tuple[str, str], ...]
    causes: tuple[tuple[str, str], ...]


def sent(found: Sent, zone: str, now: datetime) -> SentView:
    """One message, times in the reader's `zone`."""
    m = found.message
    moments = (
        (_("Due"), m.due_at), (_("Next try"), m.next_try_at if _next_try(m, zone) else None), (_("Sent"), m.sent_at),
        (_("Came back"), m.bounced_at), (_("Of use until"), m.useful_until),
        (_("The visit begins"), found.visit.start_at if found.visit else None),
    )  # fmt: skip
    facts = ((_("To"), found.name or RECIPIENTS[m.recipient_kind]), (_("Tries"), str(m.attempts)))
    times = tuple((words, when.say_short(at, zone)) for words, at in moments if at is not None)
    return SentView(
        _row(m, {m.recipient_id: found.name}, zone), (*facts, *times, (_("Times in"), when.zone_words(now, zone))),
        tuple((code, f"{words} ({code})") for code, words in CAUSES.items()),
    )  # fmt: skip


def mark_text(mark: Mark) -> str:
    """A place in the list, as an address holds it."""
    return f"{(mark.created_at - _ZERO) // timedelta(microseconds=1)}-{mark.id.hex}"


def mark_of(text: str) -> Mark | None:
    """Back again; None for anything else."""
    micros, _dash, name = text.partition("-")
    if not (micros.isascii() and micros.isdigit() and len(micros) <= 17 and len(name) == 32):
        return None
    try:
        return Mark(_ZERO + timedelta(microseconds=int(micros)), UUID(name))
    except (ValueError, OverflowError):
        return None
