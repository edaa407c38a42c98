"""Choosing a time: free starts in the patient's own zone, a hold of ten minutes, the booking."""

from datetime import date, datetime, timedelta
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import book
from carepath.kit import clock, when
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.scheduling.service import Unbookable
from carepath.web.forms import form_of
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.patient import slot_choice, views
from carepath.web.slots import nearest_calendar, read_slot
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of


def first_day(request: Req, zone: str, now: datetime) -> date:
    """The first day to show: today in the patient's zone, or the one asked for if it is a date not long past."""
    today = now.astimezone(when.zone(zone)).date()
    asked = form_of({"from": [request.query_params.get("from", "")]}).day("from", None)
    return min(max(asked, today), today + timedelta(days=366)) if asked else today


@get("/slots", guards=[patients_only])
async def slots(request: Req) -> Answer:
    """Two weeks of free starts."""
    return await _choose(request, {}, 200)


@post("/slots", guards=[patients_only])
async def hold(request: Req) -> Answer:
    """Hold one. When somebody was faster, the page comes back with what is still free."""
    form = form_of(spot_of(request).fields)
    visit_type = form.text("visit", 60) or book.FIRST_VISIT
    if visit_type not in product_of(request).clinic.visit_types:
        form.problems["visit"] = _("Choose what kind of visit it is.")
    try:
        practitioner_id, start_at = read_slot(form, anybody=True)
        held = await book.hold(actor_of(request), practitioner_id, start_at, clock.now(), visit_type)
    except Invalid as problem:
        return await _choose(request, problem.fields, 422)
    except Unbookable as lost:
        return await _lost(request, lost, visit_type)
    return see_other(f"/holds/{held.id}")


async def _lost(request: Req, lost: Unbookable, visit_type: str) -> Answer:
    """Somebody was faster: what is nearest, without another search; all the rest is one step away."""
    visitor = spot_of(request).visitor
    choice = await slot_choice.read(request, [], visit_type)
    zone, query = (visitor.zone if visitor else None) or "UTC", str(request.url.query)
    calendar = nearest_calendar(lost.alternatives, zone, clock.now(), "/slots", query)
    errors = {"slot": views.why_not(lost)}
    return page(request, "patient/slots.html", status=409, errors=errors, calendar=calendar, moving=None, choice=choice)


async def _choose(request: Req, errors: dict[str, str], status: int) -> Answer:
    visitor, now, actor = spot_of(request).visitor, clock.now(), actor_of(request)
    zone = (visitor.zone if visitor else None) or "UTC"
    first_on = first_day(request, zone, now)
    choice = await slot_choice.read(request, await book.kinds(actor))
    found = await book.look(actor, first_on, now, None, choice.wanted)
    calendar = choice.calendar(found, zone, first_on, now, "/slots")
    return page(
        request, "patient/slots.html", status=status, errors=errors, calendar=calendar, moving=None, choice=choice
    )


@get("/holds/{appointment_id:uuid}", guards=[patients_only])
async def held(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """The held time, counted down."""
    appointment = await book.visit_of(actor_of(request), appointment_id)
    if not appointment.is_hold or appointment.request_id is not None:
        return see_other(f"/visits/{appointment.id}")
    return page(request, "patient/hold.html", visit=views.visit(appointment, clock.now()))


@post("/holds/{appointment_id:uuid}/confirm", guards=[patients_only])
async def confirm(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Book it."""
    actor = actor_of(request)
    try:
        booked = await book.confirm(actor, appointment_id, clock.now())
    except Unbookable as lost:
        return await _lost(request, lost, (await book.visit_of(actor, appointment_id)).visit_type)
    except Conflict as late:
        if late.code not in {"hold-expired", "cancelled"}:
            raise
        return await _choose(request, {"slot": late.reason}, 409)
    return see_other(f"/visits/{booked.id}")


@post("/holds/{appointment_id:uuid}/release", guards=[patients_only])
async def release(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Let it go and choose another."""
    await book.release(actor_of(request), appointment_id, clock.now())
    return see_other("/slots")


ROUTES = [slots, hold, held, confirm, release]
