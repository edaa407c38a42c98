"""One visit: move it, cancel it, take it into one's calendar. Seeing and entering it is `arrival`."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from carepath.journey import book, tell
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import Unbookable
from carepath.web.forms import form_of
from carepath.web.guards import limited_or_whole
from carepath.web.pages import page, see_other
from carepath.web.patient import slot_choice, views
from carepath.web.patient.slots import first_day
from carepath.web.slots import nearest_calendar, read_named_slot
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_guards = [limited_or_whole("appointment", "appointment_id")]


@get("/visits/{appointment_id:uuid}/move", guards=_guards)
async def choose_again(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Free starts to move to."""
    return await _choose(request, appointment_id, {}, 200)


@post("/visits/{appointment_id:uuid}/move", guards=_guards)
async def move(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Move. The old time stays booked until the new one is."""
    try:
        practitioner_id, start_at = read_named_slot(form_of(spot_of(request).fields))
        await book.move(actor_of(request), appointment_id, practitioner_id, start_at, clock.now())
    except Invalid as problem:
        return await _choose(request, appointment_id, problem.fields, 422)
    except Unbookable as lost:
        return await _lost(request, appointment_id, lost)
    return see_other(f"/visits/{appointment_id}")


async def _lost(request: Req, appointment_id: UUID, lost: Unbookable) -> Answer:
    """Somebody was faster: what is nearest, and the way to all other times."""
    now, appointment = clock.now(), await book.visit_of(actor_of(request), appointment_id)
    choice = await slot_choice.read(request, [], appointment.visit_type)
    action, query = f"/visits/{appointment_id}/move", str(request.url.query)
    calendar = nearest_calendar(lost.alternatives, appointment.patient_zone, now, action, query)
    errors, moving = {"slot": views.why_not(lost)}, views.visit(appointment, now)
    return page(
        request, "patient/slots.html", status=409, errors=errors, calendar=calendar, moving=moving, choice=choice
    )


async def _choose(request: Req, appointment_id: UUID, errors: dict[str, str], status: int) -> Answer:
    actor, now = actor_of(request), clock.now()
    appointment = await book.visit_of(actor, appointment_id)
    zone = appointment.patient_zone
    first_on = first_day(request, zone, now)
    choice = await slot_choice.read(request, [], appointment.visit_type)
    found = await book.look(actor, first_on, now, appointment_id, choice.wanted)
    calendar = choice.calendar(found, zone, first_on, now, f"/visits/{appointment_id}/move")
    moving = views.visit(appointment, now)
    return page(
        request, "patient/slots.html", status=status, errors=errors, calendar=calendar, moving=moving, choice=choice
    )


@get("/visits/{appointment_id:uuid}/cancel", guards=_guards)
async def ask_to_cancel(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Cancelling asks once."""
    appointment = await book.visit_of(actor_of(request), appointment_id)
    return page(request, "patient/cancel.html", visit=views.visit(appointment, clock.now()))


@post("/visits/{appointment_id:uuid}/cancel", guards=_guards)
async def cancel(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Cancel. A reason is welcome and not needed."""
    form = form_of(spot_of(request).fields)
    reason = form.text("reason", 500) or _("The patient gave no reason.")
    try:
        form.check()
        await book.cancel(actor_of(request), appointment_id, reason, clock.now())
    except Invalid as problem:
        appointment = await book.visit_of(actor_of(request), appointment_id)
        shown = views.visit(appointment, clock.now())
        return page(request, "patient/cancel.html", status=422, errors=problem.fields, values=form.values, visit=shown)
    return see_other(f"/visits/{appointment_id}")


@get("/visits/{appointment_id:uuid}/invite.ics", guards=_guards)
async def invite(request: Req, appointment_id: FromPath[UUID]) -> Response[bytes]:
    """The same calendar file that the mail carries."""
    product = product_of(request)
    desk = tell.desk_of(product.settings.public_base_url, product.clinic)
    file = await tell.invite_of(actor_of(request), desk, appointment_id, clock.now())
    headers = {"content-disposition": 'attachment; filename="visit.ics"'}
    return Response(file, media_type="text/calendar", headers=headers)


ROUTES = [choose_again, move, ask_to_cancel, cancel, invite]
