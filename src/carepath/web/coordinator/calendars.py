"""A provider's calendars outside of ours, kept by the office."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.web import busy_pages
from carepath.web.forms import Form
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, own_zone

_PATH = "/coordinator/hours/{practitioner_id:uuid}/calendars"


def _base(practitioner_id: UUID) -> str:
    return f"/coordinator/hours/{practitioner_id}/calendars"


async def _show(request: Req, practitioner_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    shown = await busy_pages.shown(request, practitioner_id, _base(practitioner_id), own_zone(request))
    back = f"/coordinator/hours/{practitioner_id}"
    return page(
        request, "coordinator/calendars.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, shown=shown, back=back,
    )  # fmt: skip


@get(_PATH)
async def calendars(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Which there are, and how reading them goes."""
    return await _show(request, practitioner_id, {}, None)


@post(_PATH)
async def add_address(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """One more, by its address."""
    errors, form = await busy_pages.add_address(request, practitioner_id)
    return await _show(request, practitioner_id, errors, form) if errors else see_other(_base(practitioner_id))


@post(f"{_PATH}/file")
async def add_file(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """One more, pasted."""
    errors, form = await busy_pages.add_file(request, practitioner_id)
    return await _show(request, practitioner_id, errors, form) if errors else see_other(_base(practitioner_id))


@post(f"{_PATH}/{{feed_id:uuid}}/remove")
async def remove(request: Req, practitioner_id: FromPath[UUID], feed_id: FromPath[UUID]) -> Answer:
    """Take one away."""
    await busy_pages.remove(request, practitioner_id, feed_id)
    return see_other(_base(practitioner_id))


@post(f"{_PATH}/{{feed_id:uuid}}/read")
async def read_soon(request: Req, practitioner_id: FromPath[UUID], feed_id: FromPath[UUID]) -> Answer:
    """Read one again."""
    await busy_pages.read_soon(request, practitioner_id, feed_id)
    return see_other(_base(practitioner_id))


ROUTES = [calendars, add_address, add_file, remove, read_soon]
