"""Somebody does not want mails of one kind any more, or wants them again. The address in the mail is enough."""

from datetime import datetime

from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.notifications import unwanted
from carepath.notifications.unwanted import Choice


async def look(token: str) -> Choice:
    """What the address is about. Changes nothing."""
    return await unwanted.choice(token)


async def choose(actor: Actor, token: str, is_wanted: bool, now: datetime) -> Choice:
    """Stop or resume; NotFound for an address that is not ours."""
    async with db.transaction():
        found = await unwanted.choose(token, is_wanted, now)
        patient_id = found.recipient_id if found.recipient_kind == "patient" else None
        await audit.record(
            actor, "want-mail" if is_wanted else "refuse-mail", "message", found.message_id, now,
            patient_id=patient_id, kind=found.kind,
        )  # fmt: skip
        return found
