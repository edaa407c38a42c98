"""Booking for a patient."""

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
from carepath.web.forms import form_of
from carepath.web.pages import page, see_other
from carepath.web.patient.slots import read_slot
from carepath.web.patient.views import slot_calendar
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of


@get("/coordinator/book")
async def choose_patient(request: Req) -> Answer:
    """Whom for."""
    found = await coordinate.patients(actor_of(request), clock.now())
    return page(request, "coordinator/patients.html", rows=views.patients(found))


@get("/coordinator/book/{patient_id:uuid}")
async def choose_time(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Free starts, in the patient's zone."""
    return await _show(request, patient_id, request.query_params.get("visit", "evaluation"), {}, 200)


async def _show(request: Req, patient_id: UUID, visit_type: str, errors: dict[str, str], status: int) -> Answer:
    clinic, now = product_of(request).clinic, clock.now()
    visit_type = visit_type if visit_type in clinic.visit_types else "evaluation"
    found = await coordinate.choose(actor_of(request), patient_id, visit_type, asked_day(request, "from", now), now)
    patient = found.patient
    calendar = slot_calendar(found.offers, patient.zone, found.first_on, now, f"/coordinator/book/{patient_id}")
    return page(
        request, "coordinator/book.html", status=status, errors=errors, calendar=calendar, patient=patient,
        zone_words=when.zone_words(now, patient.zone), why=[(w.practitioner_name, w.words) for w in found.why],
        visit_type=visit_type, visit_types=[(code, v.name) for code, v in clinic.visit_types.items()],
    )  # fmt: skip


@post("/coordinator/book/{patient_id:uuid}")
async def book_it(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Book; the patient gets the confirmation."""
    form = form_of(spot_of(request).fields)
    kinds = frozenset(product_of(request).clinic.visit_types)
    visit_type = form.choice("visit", kinds, _("Choose what kind of visit it is."))
    try:
        practitioner_id, start_at = read_slot(form)
        booked = await book.book_for(actor_of(request), patient_id, practitioner_id, visit_type, start_at, clock.now())
    except Invalid as problem:
        return await _show(request, patient_id, visit_type, problem.fields, 422)
    except Unbookable as lost:
        return await _show(request, patient_id, visit_type, {"slot": lost.reason}, 409)
    return see_other(f"/coordinator/consults/{booked.id}")


ROUTES = [choose_patient, choose_time, book_it]
