"""A provider is away: the days off and the plan for their visits in one step."""

from litestar import get, post

from carepath.journey import absence
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import Replan
from carepath.web.coordinator import replan_views
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of

_WHO = _("Choose a provider.")


@get("/coordinator/absences")
async def show(request: Req) -> Answer:
    """Enter one; what waits for a decision."""
    return await _show(request, {}, None)


async def _show(request: Req, errors: dict[str, str], form: Form | None) -> Answer:
    found = await absence.absences(actor_of(request), clock.now())
    return page(
        request, "coordinator/absences.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, shown=replan_views.absences(found),
    )  # fmt: skip


@post("/coordinator/absences")
async def enter(request: Req) -> Answer:
    """Days off are entered and the visits on them planned; without any visit the provider's calendar is shown."""
    form = form_of(spot_of(request).fields)
    practitioner_id = form.uuid("practitioner", _WHO)
    first_on = form.day("first_on", _("Enter the first day."))
    last_on = form.day("last_on", None) or first_on
    try:
        form.check()
        assert first_on is not None
        assert last_on is not None
        made = await absence.plan(actor_of(request), practitioner_id, first_on, last_on, clock.now())
    except Invalid as problem:
        return await _show(request, problem.fields, form)
    return _to(made, f"/coordinator/hours/{practitioner_id}")


@post("/coordinator/absences/flagged")
async def plan_flagged(request: Req) -> Answer:
    """Plan all visits of a provider that do not stand any more."""
    form = form_of(spot_of(request).fields)
    practitioner_id = form.uuid("practitioner", _WHO)
    try:
        form.check()
    except Invalid as problem:
        return await _show(request, problem.fields, form)
    return _to(await absence.plan_flagged(actor_of(request), practitioner_id, clock.now()), "/coordinator/absences")


def _to(made: Replan | None, otherwise: str) -> Answer:
    return see_other(otherwise if made is None else f"/coordinator/replans/{made.id}")


ROUTES = [show, enter, plan_flagged]
