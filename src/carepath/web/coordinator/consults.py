"""One consult: see, move, cancel with a reason."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import book, coordinate
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.scheduling.service import Unbookable
from carepath.web.coordinator import views
from carepath.web.coordinator.board import asked_day
from carepath.web.coordinator.booking import read_exception
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.slots import read_named_slot, slot_calendar
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of


@get("/coordinator/consults/{appointment_id:uuid}")
async def show(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Facts, history, and where it could move to."""
    return await _show(request, appointment_id, {}, None, 200)


async def _show(request: Req, appointment_id: UUID, errors: dict[str, str], form: Form | None, status: int) -> Answer:
    actor, now = actor_of(request), clock.now()
    found = await coordinate.consult(actor, appointment_id, now)
    shown, calendar = views.consult(found, own_zone(request), now), None
    if shown.can_change:
        zone, action = found.appointment.patient_zone, f"/coordinator/consults/{appointment_id}"
        first_on = coordinate.first_day(asked_day(request, "from", now), zone, now)
        offers = await coordinate.moves(actor, found.appointment, first_on, now)
        calendar = slot_calendar(offers, zone, first_on, now, action)
    return page(
        request, "coordinator/consult.html", status=status, errors=errors, values=form.values if form else {},
        shown=shown, calendar=calendar, providers=[(str(p.id), p.name) for p in found.practitioners],
    )  # fmt: skip


@post("/coordinator/consults/{appointment_id:uuid}/move")
async def move(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Move it; the patient is told."""
    form = form_of(spot_of(request).fields)
    reason = form.text("move_reason", 500)
    try:
        practitioner_id, start_at = read_named_slot(form)
        await book.move(actor_of(request), appointment_id, practitioner_id, start_at, clock.now(), reason=reason)
    except Invalid as problem:
        errors = {"move_reason" if name == "reason" else name: words for name, words in problem.fields.items()}
        return await _show(request, appointment_id, errors, form, 422)
    except Unbookable as lost:
        return await _show(request, appointment_id, {"slot": lost.reason}, form, 409)
    return see_other(f"/coordinator/consults/{appointment_id}")


@post("/coordinator/consults/{appointment_id:uuid}/exception")
async def move_as_exception(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Move it to a time that the calendar does not offer, with the reason why that is right."""
    form, actor, now = form_of(spot_of(request).fields), actor_of(request), clock.now()
    try:
        zone = (await book.visit_of(actor, appointment_id)).patient_zone
        practitioner_id, start_at, why = read_exception(form, zone)
        await book.move(actor, appointment_id, practitioner_id, start_at, now, override=why)
    except Invalid as problem:
        return await _show(request, appointment_id, problem.fields, form, 422)
    except Unbookable as lost:
        return await _show(request, appointment_id, {"at_time": lost.reason}, form, 409)
    return see_other(f"/coordinator/consults/{appointment_id}")


@post("/coordinator/consults/{appointment_id:uuid}/cancel")
async def cancel(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Cancel it; the patient is told, the reason stays in the history."""
    form = form_of(spot_of(request).fields)
    reason = form.text("reason", 500)
    try:
        form.check()
        coordinate.check_reason(reason)
        await book.cancel(actor_of(request), appointment_id, reason, clock.now())
    except Invalid as problem:
        return await _show(request, appointment_id, problem.fields, form, 422)
    return see_other(f"/coordinator/consults/{appointment_id}")


ROUTES = [show, move, move_as_exception, cancel]
