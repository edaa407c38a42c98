"""One provider's open hours, for whoever keeps them: the week now, dated weeks to come, what differs on some days."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from carepath.journey import hours
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import ExceptionDraft
from carepath.web.coordinator import hours_views, week_form
from carepath.web.coordinator.calendar_views import place
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_KINDS = frozenset({"off", "extra", "shortened"})
_OPEN_AGAIN = _("Open the page again.")


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose hours, and where their pages are. `is_own`: they keep them themselves."""

    id: UUID
    base: str
    is_own: bool


async def show(
    request: Req, whose: Whose, errors: dict[str, str] | None = None, form: Form | None = None
) -> Answer:  # fmt: skip
    """The week as it is open, and what differs on some days."""
    found = await hours.calendar(actor_of(request), whose.id, clock.now())
    shown = hours_views.hours(found, own_zone(request))
    values = {**shown.week.values, **shown.limits, **(form.values if form else {})}
    return page(
        request, "coordinator/hours.html", status=422 if errors else 200, errors=errors, values=values, shown=shown,
        whose=whose,
    )  # fmt: skip


async def edit_week(request: Req, whose: Whose) -> Answer:
    """One dated week to edit, or a new one for the asked dates, filled with what holds there now."""
    form = form_of({name: request.query_params.getall(name, [""]) for name in ("from_on", "until_on")})
    first_on, last_on = form.day("from_on", _("Enter the first day of the new week.")), form.day("until_on", None)
    try:
        form.check()
        assert first_on is not None
        return await _edit(request, whose, (first_on, last_on), {}, None)
    except Invalid as problem:
        return await show(request, whose, _renamed(problem, {"first_on": "from_on", "last_on": "until_on"}), form)


def _renamed(problem: Invalid, names: dict[str, str]) -> dict[str, str]:
    """What is wrong, by the names of the form's own fields."""
    return {names.get(name, name): words for name, words in problem.fields.items()}


async def _edit(
    request: Req, whose: Whose, dates: tuple[date, date | None], errors: dict[str, str], form: Form | None
) -> Answer:
    found, week = await hours.week_to_edit(actor_of(request), whose.id, *dates, clock.now())
    shown, person = hours_views.week_form(week), found.practitioner
    return page(
        request, "coordinator/week.html", status=422 if errors else 200, errors=errors, week=shown,
        values={**shown.values, **(form.values if form else {})}, whose=whose,
        name=hours_views.person_words(person), place=place(person.zone),
        is_new=week.first_on not in {one.first_on for one in found.weeks},
    )  # fmt: skip


async def set_week(request: Req, whose: Whose) -> Answer:
    """Save one week for its dates; all other dates keep theirs. Booked visits stay; those outside are flagged."""
    form = form_of(spot_of(request).fields)
    first_on, last_on = form.day("week_from", _OPEN_AGAIN), form.day("week_until", None)
    if not week_form.has_fields(form):
        form.problems["opens_0_0"] = _OPEN_AGAIN
    lines = week_form.read(form, first_on or date.min, last_on)
    try:
        form.check()
        assert first_on is not None
        await hours.set_week(actor_of(request), whose.id, first_on, last_on, lines, clock.now())
    except Invalid as problem:
        errors = _renamed(problem, {"first_on": "week_from", "last_on": "week_from"})
        return await _again(request, whose, (first_on, last_on), errors, form)
    return see_other(whose.base)


async def _again(
    request: Req, whose: Whose, dates: tuple[date | None, date | None], errors: dict[str, str], form: Form
) -> Answer:
    """The page that the form was on: a dated week's own, or the one with the week that holds now."""
    found = await hours.calendar(actor_of(request), whose.id, clock.now())
    if dates[0] is not None and dates[0] != found.weeks[0].first_on and "week_from" not in errors:
        try:
            return await _edit(request, whose, (dates[0], dates[1]), errors, form)
        except Invalid as problem:  # an old window: that week is over by now
            errors = {**errors, **_renamed(problem, {"first_on": "week_from", "last_on": "week_from"})}
    return await show(request, whose, errors, form)


async def remove_week(request: Req, whose: Whose) -> Answer:
    """Take a dated week away: the one before it goes on."""
    form = form_of(spot_of(request).fields)
    first_on = form.day("week_from", _OPEN_AGAIN)
    try:
        form.check()
        assert first_on is not None
        await hours.remove_week(actor_of(request), whose.id, first_on, clock.now())
    except Invalid as problem:
        return await show(request, whose, _renamed(problem, {"first_on": "week_from"}))
    return see_other(whose.base)


async def add_exception(request: Req, whose: Whose) -> Answer:
    """Days off, extra hours or shortened days."""
    form = form_of(spot_of(request).fields)
    kind = form.choice("kind", _KINDS, _("Choose days off, extra hours or shortened days."))
    first_on = form.day("first_on", _("Enter the first day."))
    last_on = form.day("last_on", None) or first_on
    opens, closes = form.clock_time("from_time", None), form.clock_time("to_time", None)
    _check_span(form, kind, opens, closes)
    try:
        form.check()
        assert first_on is not None
        assert last_on is not None
        draft = ExceptionDraft(kind, first_on, last_on, opens, closes)
        await hours.add_exception(actor_of(request), whose.id, draft, clock.now())
    except Invalid as problem:
        return await show(request, whose, problem.fields, form)
    return see_other(whose.base)


def _check_span(form: Form, kind: str, opens: time | None, closes: time | None) -> None:
    """Extra hours and shortened days need both times; days off need both or neither."""
    if kind == "extra" and opens is None:
        form.problems.setdefault("from_time", _("Extra hours need a start and an end."))
    elif kind == "shortened" and opens is None:
        form.problems.setdefault("from_time", _("A shortened day needs a start and an end."))
    elif opens is not None and closes is not None and closes <= opens:
        form.problems["to_time"] = _("It must end after it starts.")
    elif (opens is None) != (closes is None):
        missing = "from_time" if opens is None else "to_time"
        form.problems.setdefault(missing, _("Enter both times, or neither."))


async def remove_exception(request: Req, whose: Whose, exception_id: UUID) -> Answer:
    """Take one away again."""
    await hours.remove_exception(actor_of(request), whose.id, exception_id, clock.now())
    return see_other(whose.base)
