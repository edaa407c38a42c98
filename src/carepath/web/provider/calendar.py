"""A provider's own calendars: visits out of here, busy times into here."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import publish
from carepath.kit import clock
from carepath.kit.errors import NotFound
from carepath.web import busy_pages, published_pages
from carepath.web.forms import Form
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of

_PATH = "/provider/calendar"


def _me(request: Req) -> UUID:
    found = actor_of(request).practitioner_id
    if found is None:
        raise NotFound
    return found


async def _show(request: Req, errors: dict[str, str], form: Form | None, secret: str | None = None) -> Answer:
    shown = await busy_pages.shown(request, _me(request), f"{_PATH}/feeds", own_zone(request))
    own = published_pages.view(await publish.address(actor_of(request)), _PATH, own_zone(request), secret)
    return page(
        request, "provider/calendar.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, shown=shown, own=own,
    )  # fmt: skip


@get(_PATH)
async def calendar(request: Req) -> Answer:
    """Both directions."""
    return await _show(request, {}, None)


@post(_PATH, status_code=200)
async def make_address(request: Req) -> Answer:
    """A new secret address, shown this once."""
    base_url = product_of(request).settings.public_base_url
    return await _show(request, {}, None, await publish.make(actor_of(request), base_url, clock.now()))


@post(f"{_PATH}/revoke")
async def revoke(request: Req) -> Answer:
    """End the address."""
    await publish.revoke(actor_of(request), clock.now())
    return see_other(_PATH)


@post(f"{_PATH}/feeds")
async def add_address(request: Req) -> Answer:
    """One more calendar that says when one is busy, by its address."""
    errors, form = await busy_pages.add_address(request, _me(request))
    return await _show(request, errors, form) if errors else see_other(_PATH)


@post(f"{_PATH}/feeds/file")
async def add_file(request: Req) -> Answer:
    """One more, pasted."""
    errors, form = await busy_pages.add_file(request, _me(request))
    return await _show(request, errors, form) if errors else see_other(_PATH)


@post(f"{_PATH}/feeds/{{feed_id:uuid}}/remove")
async def remove(request: Req, feed_id: FromPath[UUID]) -> Answer:
    """Take one away."""
    await busy_pages.remove(request, _me(request), feed_id)
    return see_other(_PATH)


@post(f"{_PATH}/feeds/{{feed_id:uuid}}/read")
async def read_soon(request: Req, feed_id: FromPath[UUID]) -> Answer:
    """Read one again."""
    await busy_pages.read_soon(request, _me(request), feed_id)
    return see_other(_PATH)


ROUTES = [calendar, make_address, revoke, add_address, add_file, remove, read_soon]
