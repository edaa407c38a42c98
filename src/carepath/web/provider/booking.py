"""A provider books a next visit for one of their own patients, in their own calendar."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import book, next_visit
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import Unbookable
from carepath.web.forms import form_of
from carepath.web.pages import page, see_other
from carepath.web.patient.slots import first_day
from carepath.web.slots import read_named_slot, slot_calendar
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of


@get("/provider/patients/{patient_id:uuid}/book")
async def choose(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """The provider's own free starts, in the provider's zone."""
    return await _show(request, patient_id, request.query_params.get("visit", ""), {}, 200)


async def _show(request: Req, patient_id: UUID, visit_type: str, errors: dict[str, str], status: int) -> Answer:
    now, zone = clock.now(), own_zone(request)
    found = await next_visit.times(actor_of(request), patient_id, visit_type, first_day(request, zone, now), zone, now)
    path = f"/provider/patients/{patient_id}"
    calendar = slot_calendar(
        found.offers,
        zone,
        found.first_on,
        now,
        f"{path}/book",
        query={"visit": found.visit_type},
        beyond=found.later,
        is_own=True,
    )
    return page(
        request, "provider/book.html", status=status, errors=errors, calendar=calendar, back=path,
        name=found.patient.name, theirs=when.zone_words(now, found.patient.zone), visit_type=found.visit_type,
        visit_types=[(one.code, one.name) for one in found.kinds],
    )  # fmt: skip


@post("/provider/patients/{patient_id:uuid}/book")
async def book_it(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Book; the patient gets the confirmation."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    kinds = frozenset(next_visit.kinds(actor))
    visit_type = form.choice("visit", kinds, _("Choose what kind of visit it is."))
    try:
        practitioner_id, start_at = read_named_slot(form)
        await book.book_for(actor, patient_id, practitioner_id, visit_type, start_at, clock.now())
    except Invalid as problem:
        return await _show(request, patient_id, visit_type, problem.fields, 422)
    except Unbookable as lost:
        return await _show(request, patient_id, visit_type, {"slot": lost.reason}, 409)
    return see_other(f"/provider/patients/{patient_id}")


ROUTES = [choose, book_it]
