"""A question from the provider."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import evaluate
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.web.forms import form_of
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of


@get("/questions/{request_id:uuid}", guards=[patients_only])
async def show(request: Req, request_id: FromPath[UUID]) -> Answer:
    """The question, and the answer once given."""
    asked = await evaluate.question(actor_of(request), request_id, clock.now())
    return page(request, "patient/question.html", asked=asked)


@post("/questions/{request_id:uuid}", guards=[patients_only])
async def answer(request: Req, request_id: FromPath[UUID]) -> Answer:
    """Answer it, once."""
    actor, form, now = actor_of(request), form_of(spot_of(request).fields), clock.now()
    text = form.text("answer", 2000)
    try:
        form.check()
        await evaluate.answer(actor, request_id, text, now)
    except Invalid as problem:
        asked = await evaluate.question(actor, request_id, now)
        return page(
            request, "patient/question.html", status=422, errors=problem.fields, values=form.values, asked=asked
        )
    return see_other("/home")


ROUTES = [show, answer]
