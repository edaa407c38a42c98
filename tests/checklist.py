"""Everything that an approval asks for, done properly: for tests whose story is another one."""

from datetime import date, datetime
from uuid import UUID

from carepath.dev.checklist import see_to
from carepath.intake import catalogue
from carepath.intake import service as intakes
from carepath.journey import review
from carepath.kit.actor import Actor

__all__ = ["see_to", "sign_everything"]


async def sign_everything(patient: Actor, intake_id: UUID, now: datetime) -> None:
    """Every consent, of an intake that is still being filled in."""
    for text in catalogue.wanted_consents():
        given = {statement.id: "PW" for statement in text.statements}
        await intakes.sign(patient, intake_id, text, given, "Paula Winter", "test", now)


async def enter(
    actor: Actor, evaluation_id: UUID, item: str, now: datetime, on: date | None = None, **detail: str
) -> None:
    """One item."""
    await review.enter(actor, evaluation_id, item, True, on, detail, now)
