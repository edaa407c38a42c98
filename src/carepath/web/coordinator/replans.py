"""One plan for the visits of a provider who is away: accept it whole or in part, plan again, dismiss."""

from collections.abc import Collection, Mapping
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import absence
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import NotCarriedOut
from carepath.web.coordinator import replan_views
from carepath.web.forms import form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of


@get("/coordinator/replans/{replan_id:uuid}")
async def show(request: Req, replan_id: FromPath[UUID]) -> Answer:
    """Where each visit was and would go."""
    return await _show(request, replan_id, {}, None, {}, 200)


async def _show(
    request: Req, replan_id: UUID, errors: Mapping[str, str], ticked: Collection[UUID] | None,
    reasons: Mapping[UUID, str], status: int,
) -> Answer:  # fmt: skip
    found = await absence.proposal(actor_of(request), replan_id, clock.now())
    shown = replan_views.proposal(found, own_zone(request), clock.now(), ticked, reasons)
    return page(request, "coordinator/replan.html", status=status, errors=errors, shown=shown)


@post("/coordinator/replans/{replan_id:uuid}/accept")
async def accept(request: Req, replan_id: FromPath[UUID]) -> Answer:
    """Carry out what is ticked; the patients are told. If one of them cannot be had any more, none is moved."""
    form = form_of(spot_of(request).fields)
    chosen = form.uuids("visit", _("Tick at least one visit."))
    try:
        form.check()
        await absence.carry_out(actor_of(request), replan_id, chosen, clock.now())
    except Invalid as problem:
        errors = {"visit": " ".join(problem.fields.values())}
        return await _show(request, replan_id, errors, chosen, {}, 422)
    except NotCarriedOut as lost:
        left = set(chosen) - set(lost.reasons)
        return await _show(request, replan_id, {"visit": lost.reason}, left, lost.reasons, 409)
    return see_other(f"/coordinator/replans/{replan_id}")


@post("/coordinator/replans/{replan_id:uuid}/again")
async def plan_again(request: Req, replan_id: FromPath[UUID]) -> Answer:
    """A new plan for the visits that still wait, on today's calendar."""
    made = await absence.plan_again(actor_of(request), replan_id, clock.now())
    return see_other(f"/coordinator/replans/{made.id if made else replan_id}")


@post("/coordinator/replans/{replan_id:uuid}/dismiss")
async def dismiss(request: Req, replan_id: FromPath[UUID]) -> Answer:
    """Leave every visit where it is."""
    await absence.dismiss(actor_of(request), replan_id, clock.now())
    return see_other(f"/coordinator/replans/{replan_id}")


ROUTES = [show, accept, plan_again, dismiss]
