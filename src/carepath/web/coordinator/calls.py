"""Whom to call, and what came of it. Not a word of why anybody is treated."""

from dataclasses import dataclass
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import call
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of
from carepath.worklists.calls import CallRow

_OUTCOMES = frozenset({"called", "not-reached"})


@dataclass(frozen=True, slots=True)
class CallView:
    """Somebody to call; `there` is their own time of day now, `tries` what was tried before."""

    id: UUID
    name: str
    phone: str | None
    email: str
    late: str
    there: str
    tries: str


def _view(row: CallRow, zone: str) -> CallView:
    tries = ""
    if row.tries and row.tried_at:
        words = _("Not reached so far: {n} times, last {when}.")
        tries = words.format(n=row.tries, when=when.say_short(row.tried_at, zone))
    late = _("Answers wanted since {day}").format(day=when.say_day(row.late_since, zone))
    now = clock.now()
    there = f"{when.say_time(now, row.zone)} {when.zone_words(now, row.zone)}"
    return CallView(row.call_id, row.name, row.phone, row.email, late, there, tries)


async def _show(request: Req, errors: dict[str, str], form: Form | None, about: UUID | None) -> Answer:
    found = await call.to_make(actor_of(request), clock.now())
    return page(
        request, "coordinator/calls.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, about=about, rows=[_view(one, own_zone(request)) for one in found],
    )  # fmt: skip


@get("/coordinator/calls")
async def show(request: Req) -> Answer:
    """All of them, those that wait longest first."""
    return await _show(request, {}, None, None)


@post("/coordinator/calls/{call_id:uuid}")
async def record(request: Req, call_id: FromPath[UUID]) -> Answer:
    """Called, or not reached."""
    form = form_of(spot_of(request).fields)
    outcome = form.choice("outcome", _OUTCOMES, _("Say whether you reached them."))
    note = form.text("note", 1000)
    try:
        form.check()
        await call.record(actor_of(request), call_id, outcome == "called", note, clock.now())
    except Invalid as problem:
        renamed = {f"{name}-{call_id}": words for name, words in problem.fields.items()}
        return await _show(request, renamed, form, call_id)
    return see_other("/coordinator/calls")


ROUTES = [show, record]
