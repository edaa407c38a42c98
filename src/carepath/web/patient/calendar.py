"""The patient's visits in their own calendar program."""

from litestar import get, post

from carepath.journey import publish
from carepath.kit import clock
from carepath.web import published_pages
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_PATH = "/home/calendar"


async def _show(request: Req, secret: str | None) -> Answer:
    visitor = spot_of(request).visitor
    zone = (visitor.zone if visitor else None) or "UTC"
    own = published_pages.view(await publish.address(actor_of(request)), _PATH, zone, secret)
    return page(request, "patient/calendar.html", own=own)


@get(_PATH, guards=[patients_only])
async def calendar(request: Req) -> Answer:
    """Whether there is an address, and how to get one."""
    return await _show(request, None)


@post(_PATH, guards=[patients_only], status_code=200)
async def make_address(request: Req) -> Answer:
    """A new secret address, shown this once."""
    base_url = product_of(request).settings.public_base_url
    return await _show(request, await publish.make(actor_of(request), base_url, clock.now()))


@post(f"{_PATH}/revoke", guards=[patients_only])
async def revoke(request: Req) -> Answer:
    """End the address."""
    await publish.revoke(actor_of(request), clock.now())
    return see_other(_PATH)


ROUTES = [calendar, make_address, revoke]
