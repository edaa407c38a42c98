"""The log of dosing sessions: read, written, corrected."""

import re
from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.followups.rules import plans
from carepath.journey import dose
from carepath.journey.dose import SessionPage
from carepath.kit import clock, when
from carepath.kit.errors import Invalid, NotFound
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import session_form, session_views
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of, spot_of

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@get("/provider/patients/{patient_id:uuid}/sessions")
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Every session of one's own patient, each side's reports and their versions."""
    sets = product_of(request).intake.check_ins
    file = await dose.open_sessions(actor_of(request), sets, patient_id, clock.now())
    return page(request, "provider/sessions.html", shown=session_views.view(file, own_zone(request)))


@get("/provider/patients/{patient_id:uuid}/sessions/new")
async def new(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """An empty form, about a visit if the address names one."""
    return await _new(request, patient_id, _asked_visit(request), {}, None)


def _asked_visit(request: Req) -> UUID | None:
    asked = request.query_params.get("visit", "")
    if asked and not _UUID.fullmatch(asked):
        raise NotFound
    return UUID(asked) if asked else None


async def _new(
    request: Req, patient_id: UUID, visit_id: UUID | None, errors: dict[str, str], form: Form | None
) -> Answer:
    now, sets = clock.now(), product_of(request).intake.check_ins
    found = await dose.new_session(actor_of(request), sets, patient_id, visit_id, now)
    return _form(request, found, f"/provider/patients/{patient_id}/sessions/new", errors, form, now)


def _form(
    request: Req, found: SessionPage, action: str, errors: dict[str, str], form: Form | None, now: datetime
) -> Answer:
    values = {**session_form.start(found, own_zone(request), now), **(form.values if form else {})}
    return page(
        request, "provider/session_form.html", status=422 if errors else 200, errors=errors, values=values,
        action=action, back=f"/provider/patients/{found.patient.id}/sessions", name=found.patient.name,
        is_correction=found.report is not None, effects=found.effects, chosen=session_form.chosen(found, form),
        routes=[*plans.ROUTES.items()], vitals=session_form.VITALS,
        zone=when.zone_words(now, own_zone(request)), **session_form.CHOICES,
    )  # fmt: skip


@post("/provider/patients/{patient_id:uuid}/sessions/new")
async def record(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Write it down."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    visit_id, sets = session_form.visit_of(form), product_of(request).intake.check_ins
    try:
        draft = session_form.read(form, own_zone(request))
        await dose.record(actor, sets, patient_id, draft, visit_id, clock.now())
    except Invalid as problem:
        kept = None if "visit" in problem.fields else visit_id
        return await _new(request, patient_id, kept, problem.fields, form)
    return see_other(f"/provider/patients/{patient_id}/sessions")


_CORRECT = "/provider/patients/{patient_id:uuid}/sessions/{session_id:uuid}/correct"


@get(_CORRECT)
async def show_report(request: Req, patient_id: FromPath[UUID], session_id: FromPath[UUID]) -> Answer:
    """One's own report, to be replaced by another."""
    return await _correct(request, patient_id, session_id, {}, None)


async def _correct(
    request: Req, patient_id: UUID, session_id: UUID, errors: dict[str, str], form: Form | None
) -> Answer:
    now, sets = clock.now(), product_of(request).intake.check_ins
    found = await dose.open_report(actor_of(request), sets, patient_id, session_id, now)
    action = f"/provider/patients/{patient_id}/sessions/{session_id}/correct"
    return _form(request, found, action, errors, form, now)


@post(_CORRECT)
async def correct(request: Req, patient_id: FromPath[UUID], session_id: FromPath[UUID]) -> Answer:
    """A new version, with a reason; the old one stays readable."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    reason, sets = form.text("reason", 500), product_of(request).intake.check_ins
    try:
        draft = session_form.read(form, own_zone(request))
        await dose.correct(actor, sets, patient_id, session_id, draft, reason, clock.now())
    except Invalid as problem:
        return await _correct(request, patient_id, session_id, problem.fields, form)
    return see_other(f"/provider/patients/{patient_id}/sessions")


ROUTES = [show, new, record, show_report, correct]
