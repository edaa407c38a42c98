"""A patient over time: the drawn course, the same in numbers, and its export for another clinician."""

import asyncio
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from carepath.journey import timeline
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import page
from carepath.web.provider import timeline_views
from carepath.web.provider.timeline_views import HOWS, RANGES, Asked, Sheet
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of, spot_of

_PATH = "/provider/patients/{patient_id:uuid}/timeline"


async def _show(request: Req, patient_id: UUID, asked: Asked, errors: dict[str, str], form: Form | None) -> Answer:
    now = clock.now()
    file = await timeline.timeline(actor_of(request), patient_id, now)
    shown = timeline_views.shown(file, asked, own_zone(request), now)
    return page(
        request, "provider/timeline.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {"how": "print"}, shown=shown,
    )  # fmt: skip


@get(_PATH)
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """The course, as much of it as is asked for."""
    asked = request.query_params
    return await _show(request, patient_id, Asked.of(asked.get("range", ""), asked.getall("track", [])), {}, None)


@post(f"{_PATH}/export", status_code=200)
async def export(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """All tracks, to print or as a file. Who gets it and why is asked first."""
    form, now = form_of(spot_of(request).fields), clock.now()
    span = form.choice("range", frozenset(RANGES), _("Choose a time."))
    to_whom, why = form.text("to_whom", 200, _("Write who gets it.")), form.text("why", 500, _("Write why."))
    how = form.choice("how", frozenset(HOWS), _("Choose paper or a file."))
    asked = Asked.of(span)
    try:
        form.check()
    except Invalid as problem:
        return await _show(request, patient_id, asked, problem.fields, form)
    file = await timeline.export(actor_of(request), patient_id, to_whom, why, how, now)
    visitor, clinic = spot_of(request).visitor, product_of(request).clinic
    made = _("{when} by {who}").format(when=when.say(now, own_zone(request)), who=visitor.name if visitor else "")
    sheet = Sheet(
        now, clinic.name, clinic.phone, to_whom, made, timeline_views.shown(file, asked, own_zone(request), now)
    )
    if how == "print":
        return page(request, "provider/timeline_print.html", sheet=sheet)
    # Drawing letters takes a moment: other requests are answered meanwhile.
    made_file = await asyncio.to_thread(_drawn, sheet)
    headers = {"content-disposition": 'attachment; filename="course.pdf"'}
    return Response(made_file, media_type="application/pdf", headers=headers)


def _drawn(sheet: Sheet) -> bytes:
    # What draws letters is read by who exports, not by every process at its start.
    from carepath.web.provider import timeline_pdf

    return timeline_pdf.pdf(sheet)


ROUTES = [show, export]
