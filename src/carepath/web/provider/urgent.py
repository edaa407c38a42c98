"""Somebody needs a person today."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import evaluate
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider.row_words import told_words
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of


async def _show(request: Req, task_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    found = await evaluate.open_urgent(actor_of(request), task_id, clock.now())
    return page(
        request, "provider/urgent.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, found=found, task=found.task, patient=found.patient,
        opened=when.say_short(found.task.opened_at, own_zone(request)),
        due=when.say_short(found.task.due_at, own_zone(request)),
        told=told_words(found.task.escalations) if found.task.escalations else "",
    )  # fmt: skip


@get("/provider/urgent/{task_id:uuid}")
async def show(request: Req, task_id: FromPath[UUID]) -> Answer:
    """Who, why, and how to reach them."""
    return await _show(request, task_id, {}, None)


@post("/provider/urgent/{task_id:uuid}")
async def finish(request: Req, task_id: FromPath[UUID]) -> Answer:
    """Say what was done."""
    form = form_of(spot_of(request).fields)
    note = form.text("note", 2000)
    try:
        form.check()
        await evaluate.finish_urgent(actor_of(request), task_id, note, clock.now())
    except Invalid as problem:
        return await _show(request, task_id, problem.fields, form)
    return see_other("/provider")


ROUTES = [show, finish]
