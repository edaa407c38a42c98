"""Patients in maintenance: plan, trend, check-ins, signals."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from carepath.journey import maintain
from carepath.kit import clock
from carepath.web.forms import Form
from carepath.web.pages import page
from carepath.web.provider import patient_views as views
from carepath.web.wire import Answer, Req, actor_of, own_zone


@get("/provider/patients")
async def patients(request: Req) -> Answer:
    """All of one's own patients with a plan, and those who wait for one."""
    found, waiting = await maintain.patients(actor_of(request), request.query_params.get("after"), clock.now())
    rows = views.rows(found.rows, own_zone(request))
    return page(request, "provider/patients.html", rows=rows, waiting=waiting, after=found.after)


async def show_patient(request: Req, patient_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    """A patient's page, with what was typed and what is wrong with it."""
    file = await maintain.open_patient(actor_of(request), patient_id, clock.now())
    ticked = frozenset(form.fields.get("signal", [])) if form else frozenset[str]()
    shown = views.maintenance(file, own_zone(request), clock.now(), ticked, errors)
    values = form.values if form else {}
    return page(
        request, "provider/patient.html", status=422 if errors else 200, errors=errors, values=values, shown=shown
    )


@get("/provider/patients/{patient_id:uuid}")
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """One patient."""
    return await show_patient(request, patient_id, {}, None)


ROUTES = [patients, show]
