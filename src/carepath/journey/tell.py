"""The worker's rounds of sending, and calendar files on demand."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.journey.letters import care, staff, visits
from carepath.journey.letters.desk import Desk
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import NotFound
from carepath.notifications import service as notifications
from carepath.notifications.service import DrainReport, Moment, Post, Printer, Transport
from carepath.notifications.wording import Wording
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import Clinic

WRITERS = {**visits.WRITERS, **care.WRITERS, **staff.WRITERS}


def desk_of(base_url: str, clinic: Clinic) -> Desk:
    """Whoever writes letters for this clinic."""
    return Desk(base_url, clinic, WRITERS)


def printer_of(base_url: str, clinic: Clinic, templates: Path, own: Path | None) -> Printer:
    """Whoever puts letters into envelopes for this clinic. `own` is its folder of wordings, if it has one."""
    wording = Wording(templates, own, clinic.name, clinic.phone)
    return Printer(wording, clinic.name, clinic.email, urlsplit(base_url).hostname or "localhost")


def post_of(base_url: str, clinic: Clinic, printer: Printer, smtp_url: str, needs_tls: bool) -> Post:
    """All that a round of sending needs."""
    return Post(desk_of(base_url, clinic), Transport(smtp_url, needs_tls, printer), notifications.times().quiet)


async def invite_of(actor: Actor, desk: Desk, appointment_id: UUID, now: datetime) -> bytes:
    """The calendar file of one's own consult, as the mail carries it. NotFound for what is no visit (yet)."""
    appointment = await scheduling.get(actor.scope, appointment_id)
    if appointment.is_hold:
        raise NotFound
    patient = await accounts.patient(SYSTEM, appointment.patient_id)
    return desk.invite(appointment, patient.email, now)


async def drain(post: Post, moment: Moment) -> DrainReport:
    """Send what is due. Safe with none, one or many of them running."""
    return await notifications.drain(moment, post)


async def drain_lost(post: Post, moment: Moment) -> DrainReport:
    """Send one message whose worker was lost."""
    return await notifications.drain_lost(moment, post)


async def drain_slow(post: Post, moment: Moment) -> DrainReport:
    """Send a few to a mail domain that is slow."""
    return await notifications.drain_slow(moment, post)
