"""The week of all providers in a chosen zone."""

from datetime import date, datetime, timedelta

from litestar import get

from carepath.journey import call, coordinate, licenses
from carepath.kit import clock, when
from carepath.web import ahead_views
from carepath.web.coordinator import calendar_views
from carepath.web.forms import form_of
from carepath.web.pages import page
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of


def asked_day(request: Req, name: str, now: datetime) -> date | None:
    """A day from the address, if it is one within ten years."""
    asked = form_of({name: [request.query_params.get(name, "")]}).day(name, None)
    return asked if asked and abs((asked - now.date()).days) <= 3660 else None


@get("/coordinator")
async def board(request: Req) -> Answer:
    """Seven days from Monday."""
    now, asked = clock.now(), request.query_params.get("zone", "")
    zone = asked if when.is_zone(asked) else own_zone(request)
    day = asked_day(request, "week", now) or now.astimezone(when.zone(zone)).date()
    first_on = day - timedelta(days=day.weekday())
    found = await coordinate.board(actor_of(request), first_on, zone, now)
    shown = calendar_views.board(found, first_on, zone, now, product_of(request).clinic)
    warned = await licenses.changes_ahead(actor_of(request), now)
    changes = ahead_views.lines(warned, product_of(request).clinic)
    calls = await call.waiting(actor_of(request), now)
    return page(request, "coordinator/board.html", board=shown, changes=changes, calls=calls)


ROUTES = [board]
