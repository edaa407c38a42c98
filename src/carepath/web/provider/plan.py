"""The page of a treatment plan: what it says, its next version, its records, its turns."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.followups.closing import LIMIT, REASONS
from carepath.followups.service import Plan, Unseen
from carepath.journey import follow_up, treat
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import plan_form
from carepath.web.provider import plan_views as views
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_PATH = "/provider/patients/{patient_id:uuid}/plan"
_TURNS = frozenset({"pause", "resume", "end"})
_AGAIN = _("Open the page again.")


async def _show(request: Req, patient_id: UUID, problem: Invalid | None = None, form: Form | None = None) -> Answer:
    """What is beyond the clinic's limits is no error: it is shown beside its field, with a box to tick."""
    file = await treat.open_plan(actor_of(request), patient_id, clock.now())
    shown = views.plan(file, own_zone(request), clock.now(), form)
    unseen = problem.warnings if isinstance(problem, Unseen) else ()
    errors = problem.fields if problem and not unseen else {}
    return page(
        request, "provider/plan.html", status=422 if problem else 200, errors=errors, values=shown.values, shown=shown,
        warned=views.warned(unseen), is_sent=problem is not None,
    )  # fmt: skip


@get(_PATH)
async def show(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """The running plan, or the form of a first one."""
    return await _show(request, patient_id)


@post(_PATH)
async def write_plan(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """A new plan, or the next version of the running one."""
    form, actor, now = form_of(spot_of(request).fields), actor_of(request), clock.now()
    seen = frozenset(form.fields.get("seen", ()))
    try:
        if not form.has("plan_id"):
            await treat.write_plan(actor, patient_id, plan_form.read(form), now, seen)
            return see_other(_address(patient_id))
        plan_id, version = _which(form)
        reason = form.text("reason", 1000, _("Write why."))
        draft = plan_form.read(form)
        await treat.check_plan_of(actor, patient_id, plan_id)
        await treat.change_plan(actor, plan_id, draft, version, reason, now, seen)
    except Invalid as problem:
        return await _show(request, patient_id, problem, form)
    return see_other(_address(patient_id))


def _which(form: Form) -> tuple[UUID, int]:
    """The plan and the version that the page showed."""
    return form.uuid("plan_id", _AGAIN), form.whole("version", 1, 10**6, _AGAIN)


def _address(patient_id: UUID) -> str:
    return f"/provider/patients/{patient_id}/plan"


def _given(on: date | None) -> date:
    """A day that the form has checked to be there."""
    assert on is not None
    return on


Act = Callable[[UUID, int], Awaitable[Plan]]


async def _act(request: Req, patient_id: UUID, form: Form, act: Act) -> Answer:
    """Everything on the form is read by now: check it, see that the plan is this patient's, and do it."""
    plan_id, version = _which(form)
    try:
        form.check()
        await treat.check_plan_of(actor_of(request), patient_id, plan_id)
        await act(plan_id, version)
    except Invalid as problem:
        return await _show(request, patient_id, problem, form)
    return see_other(_address(patient_id))


@post(f"{_PATH}/turn")
async def turn_plan(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Pause, resume or end, with a reason."""
    form = form_of(spot_of(request).fields)
    action = form.choice("turn", _TURNS, _("Choose what should happen with the plan."))
    reason = form.text("turn_reason", 1000, _("Write why."))
    actor = actor_of(request)
    return await _act(
        request, patient_id, form, lambda plan_id, v: treat.turn_plan(actor, plan_id, action, reason, clock.now(), v)
    )


@post(f"{_PATH}/taper")
async def taper_plan(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Take the treatment back, with words of how and why."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    how, why = form.text("taper_how", 1000, _("Write how.")), form.text("taper_reason", 1000, _("Write why."))
    return await _act(
        request, patient_id, form, lambda plan_id, v: treat.taper_plan(actor, plan_id, how, v, why, clock.now())
    )


@post(f"{_PATH}/labs")
async def record_labs(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Labs were seen."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    on, due = form.day("labs_seen_on", _("Enter when you saw them.")), form.day("labs_next_on", None)
    return await _act(
        request, patient_id, form, lambda plan_id, v: treat.record_labs(actor, plan_id, _given(on), due, v, clock.now())
    )


@post(f"{_PATH}/pdmp")
async def record_pdmp(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """The prescription drug monitoring program was looked into."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    on, due = form.day("pdmp_checked_on", _("Enter when you checked it.")), form.day("pdmp_next_on", None)
    return await _act(
        request, patient_id, form, lambda plan_id, v: treat.record_pdmp(actor, plan_id, _given(on), due, v, clock.now())
    )


@post(f"{_PATH}/renew")
async def renew(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """The prescription was renewed."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    until = form.day("renewed_until", _("Enter how long it lasts."))
    return await _act(
        request, patient_id, form, lambda plan_id, v: treat.renew(actor, plan_id, _given(until), v, clock.now())
    )


@post(f"{_PATH}/check-in")
async def close_check_in(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Close a late check-in, with a reason."""
    form, actor = form_of(spot_of(request).fields), actor_of(request)
    check_in_id = form.uuid("check_in", _("Choose which one."))
    why = form.choice("close_reason", frozenset(REASONS), _("Choose why."))
    words = form.text("close_words", LIMIT, _("Write why.") if why == "other" else None)
    try:
        form.check()
        await follow_up.close_check_in(actor, patient_id, check_in_id, why, words, clock.now())
    except Invalid as problem:
        return await _show(request, patient_id, problem, form)
    return see_other(_address(patient_id))


ROUTES = [show, write_plan, turn_plan, taper_plan, record_labs, record_pdmp, renew, close_check_in]
