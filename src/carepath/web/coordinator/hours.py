"""A provider's open hours as the office keeps them, with the limits that only it sets."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import hours
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web import hours_pages as pages
from carepath.web.forms import form_of
from carepath.web.hours_pages import Whose
from carepath.web.pages import see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of

_PATH = "/coordinator/hours/{practitioner_id:uuid}"


def _of(practitioner_id: UUID) -> Whose:
    return Whose(practitioner_id, f"/coordinator/hours/{practitioner_id}", is_own=False)


@get(_PATH)
async def show(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """The week as it is open, and what differs on some days."""
    return await pages.show(request, _of(practitioner_id))


@get(f"{_PATH}/week")
async def edit_week(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """One dated week to edit."""
    return await pages.edit_week(request, _of(practitioner_id))


@post(_PATH)
async def set_week(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Save one week for its dates."""
    return await pages.set_week(request, _of(practitioner_id))


@post(f"{_PATH}/week/remove")
async def remove_week(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Take a dated week away."""
    return await pages.remove_week(request, _of(practitioner_id))


@post(f"{_PATH}/limits")
async def set_limits(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """How many visits a day and a week, and the share of those that anybody could have."""
    form = form_of(spot_of(request).fields)
    per_day, per_week = form.whole_or_none("max_per_day", 1, 200), form.whole_or_none("max_per_week", 1, 1000)
    weight = form.whole("weight", 1, 1000, _("Enter a number from 1 to 1000; 100 is a full share."))
    try:
        form.check()
        await hours.set_limits(actor_of(request), practitioner_id, per_day, per_week, weight, clock.now())
    except Invalid as problem:
        return await pages.show(request, _of(practitioner_id), problem.fields, form)
    return see_other(_of(practitioner_id).base)


@post(f"{_PATH}/exceptions")
async def add_exception(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Days off, extra hours or shortened days."""
    return await pages.add_exception(request, _of(practitioner_id))


@post(f"{_PATH}/exceptions/{{exception_id:uuid}}/remove")
async def remove_exception(request: Req, practitioner_id: FromPath[UUID], exception_id: FromPath[UUID]) -> Answer:
    """Take one away again."""
    return await pages.remove_exception(request, _of(practitioner_id), exception_id)


ROUTES = [show, edit_week, set_week, remove_week, set_limits, add_exception, remove_exception]
