"""Entering a visit: where are you now? Without an answer that the rules agree with, there is no room."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import book, visit
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, Entrance
from carepath.web.forms import Form, form_of
from carepath.web.guards import limited_or_whole
from carepath.web.pages import page, see_other
from carepath.web.patient import views
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_guards = [limited_or_whole("appointment", "appointment_id")]
_CHOOSE = _("Choose the state you are in now.")


@dataclass(frozen=True, slots=True)
class DoorView:
    """What stands between the patient and the room. `said` names the state that they gave, `why_not` what is against
    it; `asks` shows the question, or beside an open room the way to correct its answer."""

    room: str | None
    opens: str
    said: str
    why_not: str
    call: str
    asks: bool


def door(appointment: Appointment, found: Entrance, clinic: Clinic) -> DoorView:
    """The entrance in words."""
    place = clinic.jurisdictions.get(appointment.located_in or "")
    said = place.name if place else appointment.located_in or ""
    return DoorView(
        appointment.room if found.state == "open" else None,
        _opens(found.opens_at, appointment.patient_zone) if found.state == "early" else "", said,
        _why_not(found, appointment.practitioner_name, said),
        _("Please call {clinic} at {phone}.").format(clinic=clinic.name, phone=clinic.phone),
        found.state in {"ask", "refused", "open"},
    )  # fmt: skip


def _opens(at: datetime, zone: str) -> str:
    return _("You can enter the video room here from {time}. We then ask which state you are in.").format(
        time=f"{when.say_time(at, zone)} {when.zone_words(at, zone)}"
    )


def _why_not(found: Entrance, provider: str, place: str) -> str:
    if found.refused is None:
        return ""
    if found.refused.code == "no-telehealth":
        words = _("The rules of {place} do not allow a video visit on that day, so this visit cannot take place there.")
    else:
        words = _("{provider} is not licensed in {place}, so this visit cannot take place while you are there.")
    return words.format(provider=provider, place=place)


def _late(appointment: Appointment, now: datetime) -> str:
    """What the provider said of being late, until the visit is over."""
    if not appointment.late_minutes or appointment.status not in {"booked", "checked-in"} or now >= appointment.end_at:
        return ""
    zone, at = appointment.patient_zone, appointment.expected_at
    return _("{provider} is running late. Your visit is expected to begin at about {time}.").format(
        provider=appointment.practitioner_name, time=f"{when.say_time(at, zone)} {when.zone_words(at, zone)}"
    )


@get("/visits/{appointment_id:uuid}", guards=_guards)
async def show(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """When, with whom, and how to join."""
    return await _show(request, appointment_id, {}, None)


async def _show(request: Req, appointment_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    actor, now, clinic = actor_of(request), clock.now(), product_of(request).clinic
    appointment = await book.visit_of(actor, appointment_id)
    if appointment.is_hold:
        return see_other(f"/{'offers' if appointment.request_id else 'holds'}/{appointment_id}")
    found = await visit.entrance(actor, appointment, now)
    states = [("", _("Choose a state")), *views.jurisdiction_options(clinic)]
    return page(
        request, "patient/visit.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, visit=views.visit(appointment, now),
        door=door(appointment, found, clinic), late=_late(appointment, now), states=states, is_whole=actor_of(request).limited_to is None,
    )  # fmt: skip


@post("/visits/{appointment_id:uuid}/location", guards=_guards)
async def say_where(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Say where one is. The page then has the room, or why not; saying it again corrects it."""
    form, clinic = form_of(spot_of(request).fields), product_of(request).clinic
    located_in = form.choice("located_in", frozenset(clinic.jurisdictions), _CHOOSE)
    try:
        form.check()
        await visit.check_in(actor_of(request), appointment_id, located_in, clock.now())
    except Invalid as problem:
        return await _show(request, appointment_id, problem.fields, form)
    return see_other(f"/visits/{appointment_id}")


ROUTES = [show, say_where]
