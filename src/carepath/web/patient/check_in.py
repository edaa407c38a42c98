"""Answering a check-in, from the link in a mail or from one's page."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import check_in as answering
from carepath.kit import clock
from carepath.kit.words import _
from carepath.web.forms import BadRequest
from carepath.web.guards import limited_or_whole
from carepath.web.pages import page
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_guards = [limited_or_whole("check-in", "check_in_id")]


@get("/check-ins/{check_in_id:uuid}", guards=_guards)
async def show(request: Req, check_in_id: FromPath[UUID]) -> Answer:
    """The questions, or thanks when they are answered."""
    sets = product_of(request).intake.check_ins
    found = await answering.open_check_in(actor_of(request), sets, check_in_id, clock.now())
    return page(request, "patient/check_in.html", shown=found, is_done=not found.is_open, is_urgent=found.is_urgent)


@post("/check-ins/{check_in_id:uuid}", guards=_guards)
async def send(request: Req, check_in_id: FromPath[UUID]) -> Answer:
    """Send the answers; what is missing is named and everything typed is kept."""
    sets = product_of(request).intake.check_ins
    fields = spot_of(request).fields
    if "shown" not in fields:
        # Without it everything counts as not shown and keeps its saved answer: an empty form would send those.
        raise BadRequest(400, _("Open the page again."))
    done = await answering.answer(actor_of(request), sets, check_in_id, fields, clock.now())
    return page(
        request, "patient/check_in.html", status=422 if done.errors else 200, errors=done.errors, shown=done.page,
        is_done=done.is_done, is_urgent=done.is_urgent, is_told=done.is_told,
    )  # fmt: skip


ROUTES = [show, send]
