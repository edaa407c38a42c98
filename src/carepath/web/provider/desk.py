"""The desk: whom to look at first, and the whole list of follow-ups."""

from litestar import get

from carepath.journey import desk as journey
from carepath.journey import licenses
from carepath.kit import clock
from carepath.web import ahead_views
from carepath.web.pages import page
from carepath.web.provider import desk_views as views
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of


@get("/provider")
async def desk(request: Req) -> Answer:
    """The beginning of each list."""
    now = clock.now()
    found = await journey.dashboard(actor_of(request), own_zone(request), now)
    warned = await licenses.changes_ahead(actor_of(request), now)
    changes = ahead_views.lines(warned, product_of(request).clinic)
    return page(request, "provider/desk.html", desk=views.desk(found, own_zone(request), now), changes=changes)


@get("/provider/follow-ups")
async def follow_ups(request: Req) -> Answer:
    """All of one list, a page at a time."""
    now, shown, after = clock.now(), request.query_params.get("show", "all"), request.query_params.get("after")
    found = await journey.list_follow_ups(actor_of(request), shown, after, now)
    view = views.follow_ups(
        found.page.rows, found.counts, shown, found.page.after, after is None, own_zone(request), now
    )  # fmt: skip
    return page(request, "provider/follow_ups.html", shown=view)


ROUTES = [desk, follow_ups]
