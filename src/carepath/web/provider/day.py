"""My day: consults in order, their doors, and what happened at them."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import day as journey
from carepath.journey import digest, visit
from carepath.kit import clock
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.scheduling.rules.machine import TooEarly
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.provider import day_views
from carepath.web.provider.row_words import too_early
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of, spot_of

_VISIT = {"fulfil": visit.fulfil, "no-show": visit.no_show, "reverse-no-show": visit.reverse_no_show}
_AGAIN = _("Open the page again.")


@get("/provider/day")
async def show(request: Req) -> Answer:
    """Today in one's own zone, or another day."""
    form = form_of({"on": request.query_params.getall("on", [""])})
    asked = form.day("on", None)
    form.check()
    return await _show(request, asked or digest.today(own_zone(request), clock.now()), {}, 200)


async def _show(request: Req, on: date, errors: dict[str, str], status: int) -> Answer:
    zone, now = own_zone(request), clock.now()
    found = await journey.my_day(actor_of(request), on, zone, now)
    shown = day_views.day(found, on, zone, product_of(request).clinic, now)
    return page(request, "provider/day.html", status=status, errors=errors, shown=shown)


@post("/provider/day/{appointment_id:uuid}/happened")
async def happened(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """It took place, the patient did not come, or they came after all."""
    form = form_of(spot_of(request).fields)
    what = form.choice("happened", frozenset(_VISIT), _("Choose what happened."))

    async def work() -> None:
        try:
            await _VISIT[what](actor_of(request), appointment_id, clock.now())
        except TooEarly as early:
            said = day_views.said_today(early.since, own_zone(request), clock.now())
            raise Conflict(too_early(what, said), early.code) from None

    return await _answered(request, appointment_id, form, work)


@post("/provider/day/{appointment_id:uuid}/late")
async def late(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """The patient of this visit is told to expect one later."""
    form = form_of(spot_of(request).fields)
    minutes, version = (
        form.whole("minutes", 1, 120, _("Choose by how much you are late.")),
        form.whole("version", 1, 10**6, _AGAIN),
    )

    async def work() -> None:
        await visit.late(actor_of(request), appointment_id, version, minutes, clock.now())

    return await _answered(request, appointment_id, form, work)


async def _answered(
    request: Req, appointment_id: UUID, form: Form, work: Callable[[], Awaitable[None]]
) -> Answer:  # fmt: skip
    """Back to the day that the form was on; what does not go is said beside the visit."""
    on = form.day("on", _AGAIN)
    try:
        form.check()
        assert on is not None
        await work()
    except Invalid as problem:
        words = " ".join(problem.fields.values())
        return await _show(request, _near(request, on), {f"visit-{appointment_id}": words}, 422)
    except Conflict as refused:
        return await _show(request, _near(request, on), {f"visit-{appointment_id}": refused.reason}, 409)
    return see_other(f"/provider/day?on={on.isoformat()}")


def _near(request: Req, on: date | None) -> date:
    """The day to show again: that of the form if it is one, otherwise today."""
    today = digest.today(own_zone(request), clock.now())
    return on if on is not None and abs(on - today) <= journey.REACH else today


ROUTES = [show, happened, late]
