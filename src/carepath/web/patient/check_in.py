"""Answering a check-in, from the link in a mail or from one's page."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.followups.service import CheckIn
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
    if not found.is_open:
        return _over(request, found.check_in, 200)
    return page(request, "patient/check_in.html", shown=found, is_done=False, is_urgent=found.is_urgent)


def _over(request: Req, found: CheckIn, status: int, is_urgent: bool = False, is_told: bool = False) -> Answer:
    """It was answered, or nobody needs an answer any more. `status` 409: what was just sent came too late."""
    return page(
        request, "patient/check_in_over.html", status=status, is_closed=found.status == "cancelled",
        is_urgent=is_urgent, is_told=is_told, is_late=status == 409,
    )  # fmt: skip


@post("/check-ins/{check_in_id:uuid}", guards=_guards)
async def send(request: Req, check_in_id: FromPath[UUID]) -> Answer:
    """Send the answers; what is missing is named and everything typed is kept."""
    sets = product_of(request).intake.check_ins
    fields = spot_of(request).fields
    if "shown" not in fields:
        # Without it everything counts as not shown and keeps its saved answer: an empty form would send those.
        raise BadRequest(400, _("Open the page again."))
    try:
        done = await answering.answer(actor_of(request), sets, check_in_id, fields, clock.now())
    except answering.Over as over:
        return _over(request, over.found, 409, over.is_urgent, over.is_told)
    return page(
        request, "patient/check_in.html", status=422 if done.errors else 200, errors=done.errors, shown=done.page,
        is_done=done.is_done, is_urgent=done.is_urgent, is_told=done.is_told,
    )  # fmt: skip


ROUTES = [show, send]
