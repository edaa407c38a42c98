"""One evaluation."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import evaluate, visit
from carepath.kit import clock, when
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.words import _
from carepath.scheduling.rules.machine import TooEarly
from carepath.web.forms import form_of
from carepath.web.pages import see_other
from carepath.web.provider.evaluation_page import show_evaluation
from carepath.web.provider.row_words import too_early
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_VISIT = {"fulfil": visit.fulfil, "no-show": visit.no_show, "reverse-no-show": visit.reverse_no_show}


@get("/provider/evaluations/{evaluation_id:uuid}")
async def show(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Everything there is to judge by."""
    return await show_evaluation(request, evaluation_id, {}, None)


@post("/provider/evaluations/{evaluation_id:uuid}/visits/{appointment_id:uuid}")
async def record_visit(request: Req, evaluation_id: FromPath[UUID], appointment_id: FromPath[UUID]) -> Answer:
    """What happened at the consult."""
    form = form_of(spot_of(request).fields)
    happened = form.choice("happened", frozenset(_VISIT), _("Choose what happened."))
    try:
        form.check()
    except Invalid as problem:
        return await show_evaluation(request, evaluation_id, problem.fields, form)
    file = await evaluate.open_evaluation(actor_of(request), evaluation_id, clock.now())
    if appointment_id not in {one.id for one in file.visits}:
        raise NotFound  # a visit of somebody else, under this patient's evaluation
    try:
        await _VISIT[happened](actor_of(request), appointment_id, clock.now())
    except TooEarly as early:
        said = when.say_short(early.since, own_zone(request))
        raise Conflict(too_early(happened, said), early.code) from None
    return see_other(f"/provider/evaluations/{evaluation_id}")


ROUTES = [show, record_visit]
