"""Managing accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.accounts.people import Account
from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import Refused
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class Overview:
    """All staff accounts, and whether every audit row's signature holds."""

    accounts: list[Account]
    audit_holds: bool
    audit_words: str


def _admin(actor: Actor) -> None:
    if actor.role is not Role.ADMIN:
        raise Refused(_("This is for admins."))


async def overview(actor: Actor, now: datetime) -> Overview:
    """Who works here."""
    _admin(actor)
    holds, words = await audit.verify()
    async with db.transaction():
        await audit.record(actor, "read", "account-list", None, now)
        return Overview(await accounts.accounts(actor), holds, words)


async def set_active(actor: Actor, account_id: UUID, is_active: bool, now: datetime) -> None:
    """Enable or disable."""
    _admin(actor)
    async with db.transaction():
        await accounts.set_active(actor, account_id, is_active, now)
        await audit.record(actor, "enable" if is_active else "disable", "account", account_id, now)
