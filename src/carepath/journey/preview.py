"""Every message as its recipient would see it, for admins: nobody's, from the printer that sends."""

from dataclasses import dataclass
from datetime import datetime

from carepath.audit import service as audit
from carepath.journey.administer import check_admin
from carepath.journey.letters import samples
from carepath.journey.letters.desk import Desk
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.errors import NotFound
from carepath.notifications.rules.kinds import KINDS, Kind
from carepath.notifications.service import Printed, Printer


@dataclass(frozen=True, slots=True)
class Sample:
    """One kind with its words. `own` are the parts that are the clinic's own, `files` its calendar files."""

    kind: Kind
    printed: Printed
    own: tuple[str, ...]
    files: tuple[bytes, ...]


async def every(actor: Actor, printer: Printer, desk: Desk, now: datetime) -> list[Sample]:
    """Every kind that there is."""
    check_admin(actor)
    async with db.transaction():
        await audit.record(actor, "read", "message-wording", None, now)
    return [_sample(printer, desk, kind) for kind in KINDS.values()]


async def one(actor: Actor, printer: Printer, desk: Desk, name: str, now: datetime) -> Sample:
    """One kind. NotFound when there is none of that name."""
    check_admin(actor)
    if name not in KINDS:
        raise NotFound
    async with db.transaction():
        await audit.record(actor, "read", "message-wording", None, now, kind=name)
    return _sample(printer, desk, KINDS[name])


def _sample(printer: Printer, desk: Desk, kind: Kind) -> Sample:
    letter = samples.letter(desk, kind.name)
    files = (*((letter.ics,) if letter.ics is not None else ()), *letter.more)
    return Sample(kind, printer.words(letter), printer.wording.own_parts(kind.folder), files)
