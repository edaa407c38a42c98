"""A provider keeps their own open hours. Whose they are is who is signed in: no address names anybody."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.kit.errors import NotFound
from carepath.web import hours_pages as pages
from carepath.web.hours_pages import Whose
from carepath.web.wire import Answer, Req, actor_of

_PATH = "/provider/hours"


def _mine(request: Req) -> Whose:
    found = actor_of(request).practitioner_id
    if found is None:
        raise NotFound
    return Whose(found, _PATH, is_own=True)


@get(_PATH)
async def show(request: Req) -> Answer:
    """The week as it is open, and what differs on some days."""
    return await pages.show(request, _mine(request))


@get(f"{_PATH}/week")
async def edit_week(request: Req) -> Answer:
    """One dated week to edit."""
    return await pages.edit_week(request, _mine(request))


@post(_PATH)
async def set_week(request: Req) -> Answer:
    """Save one week for its dates."""
    return await pages.set_week(request, _mine(request))


@post(f"{_PATH}/week/remove")
async def remove_week(request: Req) -> Answer:
    """Take a dated week away."""
    return await pages.remove_week(request, _mine(request))


@post(f"{_PATH}/exceptions")
async def add_exception(request: Req) -> Answer:
    """Time off, extra hours or shortened days."""
    return await pages.add_exception(request, _mine(request))


@post(f"{_PATH}/exceptions/{{exception_id:uuid}}/remove")
async def remove_exception(request: Req, exception_id: FromPath[UUID]) -> Answer:
    """Take one away again. Somebody else's is not there."""
    return await pages.remove_exception(request, _mine(request), exception_id)


ROUTES = [show, edit_week, set_week, remove_week, add_exception, remove_exception]
