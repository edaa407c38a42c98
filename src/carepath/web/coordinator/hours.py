"""A provider's open hours and days off."""

from datetime import date, time
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import coordinate
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import ExceptionDraft, HoursDraft
from carepath.web.coordinator import views
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of

_KINDS = frozenset({"off", "extra"})
_ROWS = 14  # two stretches for each weekday
_ALWAYS = date(2020, 1, 1)  # the page edits the standing week; dated changes are exceptions


@get("/coordinator/hours/{practitioner_id:uuid}")
async def show(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """The week as it is open, and what differs on some days."""
    return await _show(request, practitioner_id, {}, None)


async def _show(request: Req, practitioner_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    found = await coordinate.calendar(actor_of(request), practitioner_id, clock.now())
    shown = views.hours(found)
    values = {**shown.values, **(form.values if form else {})}
    return page(
        request, "coordinator/hours.html", status=422 if errors else 200, errors=errors, values=values, shown=shown
    )


def _stretch(form: Form, row: int) -> HoursDraft | None:
    opens, closes = form.clock_time(f"opens_{row}", None), form.clock_time(f"closes_{row}", None)
    if f"opens_{row}" in form.problems or f"closes_{row}" in form.problems or (opens is None and closes is None):
        return None
    if opens is None or closes is None:
        form.problems[f"opens_{row}"] = _("Enter both times, or neither.")
    elif closes <= opens:
        form.problems[f"closes_{row}"] = _("It must close after it opens.")
    else:
        return HoursDraft(row // 2, opens, closes, _ALWAYS, None)
    return None


@post("/coordinator/hours/{practitioner_id:uuid}")
async def set_hours(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Replace the week. Booked consults stay; those outside are flagged on the board."""
    form, now = form_of(spot_of(request).fields), clock.now()
    stretches = [_stretch(form, row) for row in range(_ROWS)]
    try:
        form.check()
        hours = [stretch for stretch in stretches if stretch is not None]
        await coordinate.set_hours(actor_of(request), practitioner_id, hours, now)
    except Invalid as problem:
        return await _show(request, practitioner_id, problem.fields, form)
    return see_other(f"/coordinator/hours/{practitioner_id}")


@post("/coordinator/hours/{practitioner_id:uuid}/exceptions")
async def add_exception(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Days off, or extra hours on some days."""
    form = form_of(spot_of(request).fields)
    kind = form.choice("kind", _KINDS, _("Choose days off or extra hours."))
    first_on = form.day("first_on", _("Enter the first day."))
    last_on = form.day("last_on", None) or first_on
    opens, closes = form.clock_time("from_time", None), form.clock_time("to_time", None)
    if kind == "extra" and not (opens and closes):
        form.problems.setdefault("from_time", _("Extra hours need a start and an end."))
    try:
        form.check()
        assert first_on is not None
        assert last_on is not None
        draft = ExceptionDraft(kind, first_on, last_on, _both(opens, closes), _both(closes, opens))
        await coordinate.add_exception(actor_of(request), practitioner_id, draft, clock.now())
    except Invalid as problem:
        return await _show(request, practitioner_id, problem.fields, form)
    return see_other(f"/coordinator/hours/{practitioner_id}")


def _both(one: time | None, other: time | None) -> time | None:
    """A time counts only together with the other."""
    return one if one and other else None


@post("/coordinator/hours/{practitioner_id:uuid}/exceptions/{exception_id:uuid}/remove")
async def remove_exception(request: Req, practitioner_id: FromPath[UUID], exception_id: FromPath[UUID]) -> Answer:
    """Take one away again."""
    await coordinate.remove_exception(actor_of(request), exception_id, clock.now())
    return see_other(f"/coordinator/hours/{practitioner_id}")


ROUTES = [show, set_hours, add_exception, remove_exception]
