"""Patients in maintenance: plan, trend, check-ins, signals."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import maintain, signal
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import patient_views as views
from carepath.web.provider.evaluations import zone_of
from carepath.web.wire import Answer, Req, actor_of, spot_of


@get("/provider/patients")
async def patients(request: Req) -> Answer:
    """All of one's own patients with a plan, and those who wait for one."""
    found, waiting = await maintain.patients(actor_of(request), clock.now())
    return page(request, "provider/patients.html", rows=views.rows(found, zone_of(request)), waiting=waiting)


async def _show(request: Req, patient_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    file = await maintain.open_patient(actor_of(request), patient_id, clock.now())
    shown = views.maintenance(file, zone_of(request), clock.now())
    values = form.values if form else {}
    return page(
        request, "provider/patient.html", status=422 if errors else 200, errors=errors, values=values, shown=shown
    )


@get("/provider/patients/{patient_id:uuid}")
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """One patient."""
    return await _show(request, patient_id, {}, None)


@post("/provider/signals/{signal_id:uuid}")
async def acknowledge(request: Req, signal_id: FromPath[UUID]) -> Answer:
    """A signal was looked at."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    patient_id = await signal.patient_of_signal(actor, signal_id)
    note = form.text("note", 2000)
    try:
        form.check()
        await signal.acknowledge(actor, signal_id, note, clock.now())
    except Invalid as problem:
        renamed = {f"note-{signal_id}": words for words in problem.fields.values()}
        return await _show(request, patient_id, renamed, form)
    return see_other(f"/provider/patients/{patient_id}")


ROUTES = [patients, show, acknowledge]
