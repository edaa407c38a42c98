"""Booking for a patient."""

from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import book, coordinate
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import Unbookable
from carepath.web.coordinator import views
from carepath.web.coordinator.board import asked_day
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.slots import ANYBODY, read_slot, slot_calendar
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of


@get("/coordinator/book")
async def choose_patient(request: Req) -> Answer:
    """Whom for."""
    found = await coordinate.patients(actor_of(request), clock.now())
    return page(request, "coordinator/patients.html", rows=views.patients(found))


@get("/coordinator/book/{patient_id:uuid}")
async def choose_time(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Free starts, in the patient's zone."""
    return await _show(request, patient_id, request.query_params.get("visit", "evaluation"), {}, None, 200)


async def _show(
    request: Req, patient_id: UUID, visit_type: str, errors: dict[str, str], form: Form | None, status: int
) -> Answer:
    clinic, now = product_of(request).clinic, clock.now()
    visit_type = visit_type if visit_type in clinic.visit_types else "evaluation"
    found = await coordinate.choose(actor_of(request), patient_id, visit_type, asked_day(request, "from", now), now)
    patient, merged = found.patient, request.query_params.get("with") == ANYBODY
    query = {"visit": visit_type} | ({"with": ANYBODY} if merged else {})
    action = f"/coordinator/book/{patient_id}"
    calendar = slot_calendar(
        found.offers, patient.zone, found.first_on, now, action, query=query, merged=merged, beyond=found.later
    )
    return page(
        request, "coordinator/book.html", status=status, errors=errors, values=form.values if form else {},
        calendar=calendar, patient=patient, merged=merged, zone_words=when.zone_words(now, patient.zone),
        why=[(w.practitioner_name, w.words) for w in found.why], visit_type=visit_type,
        providers=[(str(p.id), p.name) for p in found.practitioners],
        visit_types=[(v.code, v.name) for v in found.kinds],
    )  # fmt: skip


def _kind(request: Req, form: Form) -> str:
    kinds = frozenset(product_of(request).clinic.visit_types)
    return form.choice("visit", kinds, _("Choose what kind of visit it is."))


@post("/coordinator/book/{patient_id:uuid}")
async def book_it(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Book; the patient gets the confirmation."""
    form = form_of(spot_of(request).fields)
    visit_type = _kind(request, form)
    try:
        practitioner_id, start_at = read_slot(form, anybody=True)
        booked = await book.book_for(actor_of(request), patient_id, practitioner_id, visit_type, start_at, clock.now())
    except Invalid as problem:
        return await _show(request, patient_id, visit_type, problem.fields, form, 422)
    except Unbookable as lost:
        return await _show(request, patient_id, visit_type, {"slot": lost.reason}, form, 409)
    return see_other(f"/coordinator/consults/{booked.id}")


@post("/coordinator/book/{patient_id:uuid}/exception")
async def book_as_exception(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Book a time that the calendar does not offer, with the reason why it is right. What protects patients stays:
    a license, and time that is taken."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    visit_type = _kind(request, form)
    try:
        zone = await coordinate.zone_of(actor, patient_id)
        practitioner_id, start_at, reason = read_exception(form, zone)
        booked = await book.book_for(
            actor, patient_id, practitioner_id, visit_type, start_at, clock.now(), override=reason
        )
    except Invalid as problem:
        return await _show(request, patient_id, visit_type, problem.fields, form, 422)
    except Unbookable as lost:
        return await _show(request, patient_id, visit_type, {"at_time": lost.reason}, form, 409)
    return see_other(f"/coordinator/consults/{booked.id}")


def read_exception(form: Form, zone: str) -> tuple[UUID, datetime, str]:
    """Provider, start and reason of a time that is not offered; the time is wall time of `zone`. Invalid names what
    is wrong."""
    practitioner_id = form.uuid("provider", _("Choose a provider."))
    on = form.day("at_day", _("Enter the day."))
    at = form.clock_time("at_time", _("Enter the time."))
    reason = form.text("why", 500, _("Write why this time is right."))
    start_at = when.instant(on, at, zone) if on and at and 2000 <= on.year < 2200 else None
    if on and at and start_at is None:
        form.problems["at_time"] = _("The clocks jump over this time on that day.")
    form.check()
    assert start_at is not None
    return practitioner_id, start_at, reason


ROUTES = [choose_patient, choose_time, book_it, book_as_exception]
