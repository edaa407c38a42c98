"""Reading the record of somebody whom one does not look after; and what of one's own patients was read so."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.accounts.emergencies import LASTS, LEAST, MOST
from carepath.journey import emergency
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web import opened_words
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import emergency_views as views
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_PATH = "/provider/patients/{patient_id:uuid}/emergency"


async def _show(request: Req, patient_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    """The record while it is open, the form while it is not; one's own patient has a page without either."""
    actor, now, zone = actor_of(request), clock.now(), own_zone(request)
    door = await emergency.door(actor, patient_id, now)
    if door.is_own:
        return see_other(f"/provider/patients/{patient_id}")
    if door.running is not None:
        record = await emergency.read(actor, patient_id, now)
        return page(request, "provider/emergency_record.html", shown=views.record(record, zone, now))
    return page(
        request, "provider/emergency.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, patient_id=patient_id, name=door.name, ended=views.ended(door, zone),
        hours=LASTS.total_seconds() // 3600, least=LEAST, most=MOST,
    )  # fmt: skip


@get(_PATH)
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """What opening it means, or the record."""
    return await _show(request, patient_id, {}, None)


@post(_PATH)
async def open_it(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Say why, and read."""
    form = form_of(spot_of(request).fields)
    reason = form.text("reason", MOST, _("Write why you need to read this record."))
    try:
        form.check()
        await emergency.open_record(actor_of(request), patient_id, reason, clock.now())
    except Invalid as problem:
        return await _show(request, patient_id, problem.fields, form)
    return see_other(f"/provider/patients/{patient_id}/emergency")


@get("/provider/opened")
async def opened(request: Req) -> Answer:
    """Where the mail about it leads: which of one's own patients, by whom, why."""
    now = clock.now()
    found = await emergency.of_own_patients(actor_of(request), now)
    return page(request, "provider/opened.html", opened=opened_words.lines(found, own_zone(request), now))


ROUTES = [show, open_it, opened]
