"""The SQL behind the pages of messages. Coordinators keep those to patients and applicants. Those to staff are not theirs
to see, as one of them may tell of an emergency: admins keep them, who know no patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.notifications.queries import COLUMNS, Message, message

_TO_PATIENTS, _TO_STAFF = "recipient_kind <> 'account'", "recipient_kind = 'account'"
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


def _kept_by(scope: Scope) -> str:
    """Which messages this role keeps."""
    if scope.is_system or scope.role is Role.COORDINATOR:
        return _TO_PATIENTS
    if scope.role is Role.ADMIN:
        return _TO_STAFF
    raise NotFound


def listing(scope: Scope, wanted: Wanted, limit: int) -> tuple[str, list[object]]:
    """The statement for one page of the list, the newest first, and its arguments."""
    where, args = [_kept_by(scope)], list[object]()
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
    sql, args = listing(scope, wanted, limit)
    return [message(r) for r in await db.records(sql, *args)]


def counting(scope: Scope) -> str:
    """The statement that counts them by state: all that are open or failed, and since when those that are done."""
    ours = _kept_by(scope)
    opened = (
        f"SELECT '{state}' AS state, count(*) AS n FROM message WHERE {_STATES[state]} AND {ours}" for state in _OPEN
    )
    return " UNION ALL ".join(opened) + (
        f" UNION ALL SELECT status, count(*) FROM message WHERE created_at >= {{}} AND {ours}"
        f" AND status IN {_CLOSED} GROUP BY status"
    )


async def counts(scope: Scope, since: datetime) -> dict[str, int]:
    """How many messages are in each state: all of those that are open or failed; of those that are done, only what
    was written `since`, as they become millions."""
    found = await db.records(counting(scope), since)
    return {**dict.fromkeys(_STATES, 0), **{r["state"]: r["n"] for r in found}}


async def failed(scope: Scope) -> int:
    """How many wait for somebody to look at them."""
    sql = f"SELECT count(*) AS n FROM message WHERE {_STATES['failed']} AND {_kept_by(scope)}"
    (found,) = await db.records(sql)
    return int(found["n"])


async def get(scope: Scope, message_id: UUID) -> Message:
    """One message. NotFound if there is none, or somebody else keeps it."""
    return _one(await db.records(f"SELECT {COLUMNS} FROM message WHERE id = {{}} AND {_kept_by(scope)}", message_id))


async def lock(scope: Scope, message_id: UUID) -> Message:
    """The same, locked for a decision."""
    sql = f"SELECT {COLUMNS} FROM message WHERE id = {{}} AND {_kept_by(scope)} FOR UPDATE"
    return _one(await db.records(sql, message_id))


def _one(found: Sequence[object]) -> Message:
    if not found:
        raise NotFound
    return message(found[0])


_FAMILY = """FROM message m JOIN message asked USING (subject, subject_id, subject_version, kind, recipient_id)
             WHERE asked.id = {{}} AND asked.{kept} ORDER BY m.copy"""


async def lock_copies(scope: Scope, message_id: UUID) -> list[Message]:
    """A message with everything that was sent again of it, in that order, locked. NotFound without any."""
    family = _FAMILY.format(kept=_kept_by(scope))
    # Read once more after the lock: a copy that another decision made meanwhile is in no snapshot taken before.
    await db.execute(f"SELECT m.id {family} FOR UPDATE OF m", message_id)
    columns = ", ".join(f"m.{name.strip()}" for name in COLUMNS.split(","))
    found = [message(r) for r in await db.records(f"SELECT {columns} {family}", message_id)]
    if not found:
        raise NotFound
    return found


async def insert_copy(scope: Scope, of: Message, number: int, useful_until: datetime, now: datetime) -> UUID:
    """Queue a message again as a row, and so a mail, of its own. Somebody waits for it."""
    _kept_by(scope)
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
    _kept_by(scope)
    await db.execute(
        """UPDATE message SET status = 'queued', reason = '', attempts = 0, losses = 0, next_try_at = {},
           sent_at = NULL, bounced_at = NULL, updated_at = {} WHERE id = {}""",
        now, now, message_id,
    )  # fmt: skip


async def stop(scope: Scope, message_id: UUID, reason: str, now: datetime) -> None:
    """Nobody sends it any more."""
    _kept_by(scope)
    await db.execute(
        "UPDATE message SET status = 'skipped', reason = {}, updated_at = {} WHERE id = {}", reason, now, message_id
    )


async def bounce(scope: Scope, message_id: UUID, reason: str, now: datetime) -> None:
    """It was sent, and came back."""
    _kept_by(scope)
    await db.execute(
        "UPDATE message SET status = 'failed', reason = {}, bounced_at = {}, updated_at = {} WHERE id = {}",
        reason, now, now, message_id,
    )  # fmt: skip
