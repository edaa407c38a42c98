"""The SQL behind the coordinators' page of messages. Messages to staff are not theirs to see: one of them may tell of
an emergency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.notifications.queries import COLUMNS, Message, message

_OURS = "recipient_kind <> 'account'"
# Exactly the predicates of the partial indexes, so that they serve.
_STATES = {
    "queued": "status = 'queued' AND attempts = 0",
    "retrying": "status = 'queued' AND attempts > 0",
    **{name: f"status = '{name}'" for name in ("sending", "sent", "failed", "skipped", "superseded")},
}
_OPEN = ("queued", "retrying", "sending", "failed")
_CLOSED = ("sent", "skipped", "superseded")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the list: that of one message, by when it was written."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages to list: of a state, to a patient, about a visit, written before the one at a mark."""

    state: str | None = None
    patient_id: UUID | None = None
    visit_id: UUID | None = None
    before: Mark | None = None


def _desk(scope: Scope) -> None:
    if not (scope.is_system or scope.role is Role.COORDINATOR):
        raise NotFound


def listing(wanted: Wanted, limit: int) -> tuple[str, list[object]]:
    """The statement for one page of the list, the newest first, and its arguments."""
    where, args = [_OURS], list[object]()
    if wanted.state is not None:
        where.append(_STATES[wanted.state])
    if wanted.patient_id is not None:
        where.append("recipient_kind = 'patient' AND recipient_id = {}")
        args.append(wanted.patient_id)
    if wanted.visit_id is not None:  # an offer is about the visit that it may become, and has its id
        where.append("subject IN ('appointment', 'consult-offer') AND subject_id = {}")
        args.append(wanted.visit_id)
    if wanted.before is not None:
        where.append("(created_at, id) < ({}, {})")
        args += [wanted.before.created_at, wanted.before.id]
    sql = f"SELECT {COLUMNS} FROM message WHERE {' AND '.join(where)} ORDER BY created_at DESC, id DESC LIMIT {{}}"
    return sql, [*args, limit]


async def recent(scope: Scope, wanted: Wanted, limit: int) -> list[Message]:
    """One page of the list."""
    _desk(scope)
    sql, args = listing(wanted, limit)
    return [message(r) for r in await db.records(sql, *args)]


COUNTS = " UNION ALL ".join(
    f"SELECT '{state}' AS state, count(*) AS n FROM message WHERE {_STATES[state]} AND {_OURS}" for state in _OPEN
) + (
    f" UNION ALL SELECT status, count(*) FROM message WHERE created_at >= {{}} AND {_OURS}"
    f" AND status IN {_CLOSED} GROUP BY status"
)


async def counts(scope: Scope, since: datetime) -> dict[str, int]:
    """How many messages are in each state: all of those that are open or failed; of those that are done, only what
    was written `since`, as they become millions."""
    _desk(scope)
    found = await db.records(COUNTS, since)
    return {**dict.fromkeys(_STATES, 0), **{r["state"]: r["n"] for r in found}}


async def failed(scope: Scope) -> int:
    """How many wait for somebody to look at them."""
    _desk(scope)
    (found,) = await db.records(f"SELECT count(*) AS n FROM message WHERE {_STATES['failed']} AND {_OURS}")
    return int(found["n"])


async def get(scope: Scope, message_id: UUID) -> Message:
    """One message. NotFound if there is none, or it is one to staff."""
    _desk(scope)
    return _one(await db.records(f"SELECT {COLUMNS} FROM message WHERE id = {{}} AND {_OURS}", message_id))


async def lock(scope: Scope, message_id: UUID) -> Message:
    """The same, locked for a decision."""
    _desk(scope)
    return _one(await db.records(f"SELECT {COLUMNS} FROM message WHERE id = {{}} AND {_OURS} FOR UPDATE", message_id))


def _one(found: Sequence[object]) -> Message:
    if not found:
        raise NotFound
    return message(found[0])


_FAMILY = f"""FROM message m JOIN message asked USING (subject, subject_id, subject_version, kind, recipient_id)
              WHERE asked.id = {{}} AND asked.{_OURS} ORDER BY m.copy"""


async def lock_copies(scope: Scope, message_id: UUID) -> list[Message]:
    """A message with everything that was sent again of it, in that order, locked. NotFound without any."""
    _desk(scope)
    # Read once more after the lock: a copy that another decision made meanwhile is in no snapshot taken before.
    await db.execute(f"SELECT m.id {_FAMILY} FOR UPDATE OF m", message_id)
    columns = ", ".join(f"m.{name.strip()}" for name in COLUMNS.split(","))
    found = [message(r) for r in await db.records(f"SELECT {columns} {_FAMILY}", message_id)]
    if not found:
        raise NotFound
    return found


async def insert_copy(scope: Scope, of: Message, number: int, useful_until: datetime, now: datetime) -> UUID:
    """Queue a message again as a row, and so a mail, of its own. Somebody waits for it."""
    _desk(scope)
    made = new_id()
    await db.execute(
        """INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at,
           useful_until, urgency, status, next_try_at, created_at, updated_at, copy)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, 0, 'queued', {}, {}, {}, {})""",
        made, of.kind, of.recipient_kind, of.recipient_id, of.subject, of.subject_id, of.subject_version, now,
        useful_until, now, now, now, number,
    )  # fmt: skip
    return made


async def requeue(scope: Scope, message_id: UUID, now: datetime) -> None:
    """Give a failed message a fresh set of tries."""
    _desk(scope)
    await db.execute(
        """UPDATE message SET status = 'queued', reason = '', attempts = 0, losses = 0, next_try_at = {},
           sent_at = NULL, bounced_at = NULL, updated_at = {} WHERE id = {}""",
        now, now, message_id,
    )  # fmt: skip


async def stop(scope: Scope, message_id: UUID, reason: str, now: datetime) -> None:
    """Nobody sends it any more."""
    _desk(scope)
    await db.execute(
        "UPDATE message SET status = 'skipped', reason = {}, updated_at = {} WHERE id = {}", reason, now, message_id
    )


async def bounce(scope: Scope, message_id: UUID, reason: str, now: datetime) -> None:
    """It was sent, and came back."""
    _desk(scope)
    await db.execute(
        "UPDATE message SET status = 'failed', reason = {}, bounced_at = {}, updated_at = {} WHERE id = {}",
        reason, now, now, message_id,
    )  # fmt: skip
