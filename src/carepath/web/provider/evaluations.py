"""One evaluation."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import evaluate, visit
from carepath.kit import clock
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import views
from carepath.web.wire import Answer, Req, actor_of, spot_of

_VISIT = {"fulfil": visit.fulfil, "no-show": visit.no_show, "reverse-no-show": visit.reverse_no_show}


def zone_of(request: Req) -> str:
    """The provider's own zone."""
    visitor = spot_of(request).visitor
    return (visitor.zone if visitor else None) or "UTC"


async def _show(request: Req, evaluation_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    file = await evaluate.open_evaluation(actor_of(request), evaluation_id, clock.now())
    shown = views.evaluation(file, zone_of(request), clock.now())
    return page(
        request, "provider/evaluation.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, shown=shown,
    )  # fmt: skip


@get("/provider/evaluations/{evaluation_id:uuid}")
async def show(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Everything there is to judge by."""
    return await _show(request, evaluation_id, {}, None)


@post("/provider/evaluations/{evaluation_id:uuid}/claim")
async def claim(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Take it."""
    await evaluate.claim(actor_of(request), evaluation_id, clock.now())
    return see_other(f"/provider/evaluations/{evaluation_id}")


@post("/provider/evaluations/{evaluation_id:uuid}/decide")
async def decide(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Decide. A colleague's or the patient's change meanwhile is told, not overwritten."""
    form = form_of(spot_of(request).fields)
    outcome, reason = form.text("outcome", 20), form.text("reason", 2000)
    words, version = form.text("patient_words", 2000), form.whole("version", 1, 10**6, _("Open the page again."))
    try:
        form.check()
        await evaluate.decide(actor_of(request), evaluation_id, outcome, reason, words, version, clock.now())
    except Invalid as problem:
        return await _show(request, evaluation_id, problem.fields, form)
    return see_other(f"/provider/evaluations/{evaluation_id}")


@post("/provider/evaluations/{evaluation_id:uuid}/ask")
async def ask(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """A question to the patient."""
    form = form_of(spot_of(request).fields)
    text = form.text("question", 2000)
    try:
        form.check()
        await evaluate.ask(actor_of(request), evaluation_id, text, clock.now())
    except Invalid as problem:
        return await _show(request, evaluation_id, problem.fields, form)
    return see_other(f"/provider/evaluations/{evaluation_id}")


@post("/provider/evaluations/{evaluation_id:uuid}/visits/{appointment_id:uuid}")
async def record_visit(request: Req, evaluation_id: FromPath[UUID], appointment_id: FromPath[UUID]) -> Answer:
    """What happened at the consult."""
    form = form_of(spot_of(request).fields)
    happened = form.choice("happened", frozenset(_VISIT), _("Choose what happened."))
    try:
        form.check()
    except Invalid as problem:
        return await _show(request, evaluation_id, problem.fields, form)
    file = await evaluate.open_evaluation(actor_of(request), evaluation_id, clock.now())
    if appointment_id not in {one.id for one in file.visits}:
        raise NotFound  # a visit of somebody else, under this patient's evaluation
    await _VISIT[happened](actor_of(request), appointment_id, clock.now())
    return see_other(f"/provider/evaluations/{evaluation_id}")


ROUTES = [show, claim, decide, ask, record_visit]
