"""All SQL over what recipients said no to, but the worker's look at it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Choice:
    """A message that its recipient has in hands, and whether they want no more of its kind."""

    message_id: UUID
    kind: str
    recipient_kind: str
    recipient_id: UUID
    is_stopped: bool


async def of_message(scope: Scope, message_id: UUID) -> Choice | None:
    """What the recipient of this message chose about its kind."""
    if not scope.is_system:
        raise NotFound
    found = await db.row(
        """SELECT m.id AS message_id, m.kind, m.recipient_kind, m.recipient_id, u.id IS NOT NULL AS is_stopped
           FROM message m LEFT JOIN unwanted_mail u ON u.recipient_id = m.recipient_id AND u.kind = m.kind
           WHERE m.id = {}""",
        message_id,
    )
    return Choice(**found) if found else None


async def stop(scope: Scope, choice: Choice, now: datetime) -> None:
    """No more of this kind; the same again changes nothing."""
    if not scope.is_system:
        raise NotFound
    await db.execute(
        """INSERT INTO unwanted_mail (id, recipient_kind, recipient_id, kind, created_at) VALUES ({}, {}, {}, {}, {})
           ON CONFLICT (recipient_id, kind) DO NOTHING""",
        new_id(), choice.recipient_kind, choice.recipient_id, choice.kind, now,
    )  # fmt: skip


async def resume(scope: Scope, choice: Choice) -> None:
    """This kind is wanted again."""
    if not scope.is_system:
        raise NotFound
    await db.execute(
        "DELETE FROM unwanted_mail WHERE recipient_id = {} AND kind = {}", choice.recipient_id, choice.kind
    )
