"""Managing accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Account
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.journey import emergency, evaluate
from carepath.journey.emergency import Told
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Refused
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class Trail:
    """Whether every audit row's signature holds, and in words how many there are or which is the first bad one.
    `openings`: which records were opened in an emergency, by whom and until when."""

    holds: bool
    words: str
    openings: tuple[Told, ...]


def check_admin(actor: Actor) -> None:
    """Refused for anybody else."""
    if actor.role is not Role.ADMIN:
        raise Refused(_("This is for admins."))


async def staff(actor: Actor, now: datetime) -> list[Account]:
    """Who works here."""
    check_admin(actor)
    async with db.transaction():
        await audit.record(actor, "read", "account-list", None, now)
        return await accounts.accounts(actor)


async def verify_audit(actor: Actor, now: datetime) -> Trail:
    """Check the whole audit trail. Takes longer the longer the trail is, so it has a page of its own."""
    check_admin(actor)
    holds, words = await audit.verify()
    async with db.transaction():
        await audit.record(actor, "verify", "audit-trail", None, now, holds=holds)
        return Trail(holds, words, await emergency.newest(actor))


async def set_active(actor: Actor, account_id: UUID, is_active: bool, now: datetime) -> None:
    """Enable or disable. Whatever of a disabled provider's waits for somebody is everybody's, who are told of what is
    urgent: nobody would see it on a desk that nobody opens."""
    check_admin(actor)
    async with db.transaction():
        await accounts.set_active(actor, account_id, is_active, now)
        found = await accounts.account(account_id)
        if not is_active and found.practitioner_id is not None:
            for task in await evaluations.leave(actor, found.practitioner_id, now):
                await evaluate.tell_of_urgent(task, now)
                await audit.record(actor, "give-to-all", "urgent-task", task.id, now, patient_id=task.patient_id)
        await audit.record(actor, "enable" if is_active else "disable", "account", account_id, now)
