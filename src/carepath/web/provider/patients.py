"""Patients in maintenance: plan, trend, check-ins, signals."""

from datetime import date
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.followups.service import PlanDraft
from carepath.journey import maintain, signal, treat
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import patient_views as views
from carepath.web.provider.evaluations import zone_of
from carepath.web.wire import Answer, Req, actor_of, spot_of

_TURNS = frozenset({"pause", "resume", "end"})


@get("/provider/patients")
async def patients(request: Req) -> Answer:
    """All of one's own patients with a plan, and those who wait for one."""
    found, waiting = await maintain.patients(actor_of(request), request.query_params.get("after"), clock.now())
    rows = views.rows(found.rows, zone_of(request))
    return page(request, "provider/patients.html", rows=rows, waiting=waiting, after=found.after)


async def _show(request: Req, patient_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    file = await maintain.open_patient(actor_of(request), patient_id, clock.now())
    shown = views.maintenance(file, zone_of(request), clock.now())
    values = {**shown.plan_values, **(form.values if form else {})}
    return page(
        request, "provider/patient.html", status=422 if errors else 200, errors=errors, values=values, shown=shown
    )


@get("/provider/patients/{patient_id:uuid}")
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """One patient."""
    return await _show(request, patient_id, {}, None)


def _draft(form: Form) -> PlanDraft:
    days = _("Enter a number of days from 1 to 366.")
    draft = PlanDraft(
        form.text("route", 20), form.text("setting", 20), form.text("dose", 300),
        form.whole("interval_days", 1, 366, days), form.whole("check_in_every_days", 1, 366, days),
        form.text("goals", 1000), form.day("starts_on", _("Enter a date.")) or date.min,
    )  # fmt: skip
    form.check()
    return draft


@post("/provider/patients/{patient_id:uuid}/plan")
async def write_plan(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """A new plan, or the next version of the running one."""
    form, actor, now = form_of(spot_of(request).fields), actor_of(request), clock.now()
    try:
        draft = _draft(form)
        if form.has("plan_id"):
            plan_id = form.uuid("plan_id", _("Open the page again."))
            version = form.whole("version", 1, 10**6, _("Open the page again."))
            form.check()
            await treat.check_plan_of(actor, patient_id, plan_id)
            await treat.change_plan(actor, plan_id, draft, version, now)
        else:
            await treat.write_plan(actor, patient_id, draft, now)
    except Invalid as problem:
        return await _show(request, patient_id, problem.fields, form)
    return see_other(f"/provider/patients/{patient_id}")


@post("/provider/patients/{patient_id:uuid}/plan/turn")
async def turn_plan(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Pause, resume or end, with a reason."""
    form = form_of(spot_of(request).fields)
    plan_id = form.uuid("plan_id", _("Open the page again."))
    action = form.choice("turn", _TURNS, _("Choose what should happen with the plan."))
    reason = form.text("turn_reason", 1000, _("Write why."))
    try:
        form.check()
        await treat.check_plan_of(actor_of(request), patient_id, plan_id)
        await treat.turn_plan(actor_of(request), plan_id, action, reason, clock.now())
    except Invalid as problem:
        return await _show(request, patient_id, problem.fields, form)
    return see_other(f"/provider/patients/{patient_id}")


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


ROUTES = [patients, show, write_plan, turn_plan, acknowledge]
