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
from carepath.web.coordinator import calendar_views
from carepath.web.coordinator.board import own_zone
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of

_KINDS = frozenset({"off", "extra"})
_ROWS = 7 * calendar_views.STRETCHES
_ALWAYS = date(2020, 1, 1)  # the page edits the standing week; dated changes are exceptions


@get("/coordinator/hours/{practitioner_id:uuid}")
async def show(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """The week as it is open, and what differs on some days."""
    return await _show(request, practitioner_id, {}, None)


async def _show(request: Req, practitioner_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    found = await coordinate.calendar(actor_of(request), practitioner_id, clock.now())
    shown = calendar_views.hours(found, own_zone(request))
    values = {**shown.values, **(form.values if form else {})}
    return page(
        request, "coordinator/hours.html", status=422 if errors else 200, errors=errors, values=values, shown=shown
    )


def _stretch(form: Form, row: int) -> HoursDraft | None:
    opens, closes = form.clock_time(f"opens_{row}", None), form.clock_time(f"closes_{row}", None)
    if f"opens_{row}" in form.problems or f"closes_{row}" in form.problems or (opens is None and closes is None):
        return None
    if opens is None or closes is None:
        form.problems[f"{'opens' if opens is None else 'closes'}_{row}"] = _("Enter both times, or neither.")
    elif closes <= opens:
        form.problems[f"closes_{row}"] = _("It must close after it opens.")
    else:
        return HoursDraft(row // calendar_views.STRETCHES, opens, closes, _ALWAYS, None)
    return None


def _overlaps(form: Form, stretches: list[HoursDraft | None]) -> None:
    """The second stretch of a day begins after the first has ended."""
    for row in range(1, _ROWS):
        one, two = stretches[row - 1], stretches[row]
        if one and two and one.weekday == two.weekday and two.opens < one.closes:
            form.problems[f"opens_{row}"] = _("This begins before the other hours of the day end.")


@post("/coordinator/hours/{practitioner_id:uuid}")
async def set_hours(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Replace the week. Booked consults stay; those outside are flagged on the board."""
    form, now = form_of(spot_of(request).fields), clock.now()
    if not any(form.has(f"{part}_{row}") for part in ("opens", "closes") for row in range(_ROWS)):
        # A week that is closed arrives as empty fields; a form without any would close it by accident.
        return await _show(request, practitioner_id, {"opens_0": _("Open the page again.")}, form)
    stretches = [_stretch(form, row) for row in range(_ROWS)]
    _overlaps(form, stretches)
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
    _check_span(form, kind, opens, closes)
    try:
        form.check()
        assert first_on is not None
        assert last_on is not None
        draft = ExceptionDraft(kind, first_on, last_on, opens, closes)
        await coordinate.add_exception(actor_of(request), practitioner_id, draft, clock.now())
    except Invalid as problem:
        return await _show(request, practitioner_id, problem.fields, form)
    return see_other(f"/coordinator/hours/{practitioner_id}")


def _check_span(form: Form, kind: str, opens: time | None, closes: time | None) -> None:
    """Extra hours need both times; days off need both or neither."""
    if kind == "extra" and opens is None:
        form.problems.setdefault("from_time", _("Extra hours need a start and an end."))
    elif opens is not None and closes is not None and closes <= opens:
        form.problems["to_time"] = _("It must end after it starts.")
    elif (opens is None) != (closes is None):
        missing = "from_time" if opens is None else "to_time"
        form.problems.setdefault(missing, _("Enter both times, or neither."))


@post("/coordinator/hours/{practitioner_id:uuid}/exceptions/{exception_id:uuid}/remove")
async def remove_exception(request: Req, practitioner_id: FromPath[UUID], exception_id: FromPath[UUID]) -> Answer:
    """Take one away again."""
    await coordinate.check_exception_of(actor_of(request), practitioner_id, exception_id)
    await coordinate.remove_exception(actor_of(request), exception_id, clock.now())
    return see_other(f"/coordinator/hours/{practitioner_id}")


ROUTES = [show, set_hours, add_exception, remove_exception]
