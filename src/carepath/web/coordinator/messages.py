"""Messages with their states, and what may be done with one."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import outbox
from carepath.kit import clock
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.words import _
from carepath.notifications.rules.bounces import CAUSES
from carepath.notifications.rules.states import WORDS
from carepath.notifications.service import Wanted
from carepath.web.coordinator import message_views as views
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_ONE = "/coordinator/messages/{message_id:uuid}"


def _wanted(request: Req) -> Wanted:
    asked = request.query_params
    state = asked.get("status", "")
    return Wanted(
        state if state in WORDS else None, _id(request, "patient"), _id(request, "visit"),
        views.mark_of(asked.get("before", "")),
    )  # fmt: skip


def _id(request: Req, name: str) -> UUID | None:
    """Whose or what messages are about. Everybody's must not be shown where somebody's were meant."""
    asked = form_of({name: [request.query_params.get(name, "")]})
    if not asked.has(name) or not asked.text(name):
        return None
    found = asked.uuid(name, "")
    if asked.problems:
        raise NotFound
    return found


@get("/coordinator/messages")
async def show(request: Req) -> Answer:
    """Newest first: all, of one state, to one patient, or about one visit."""
    now, wanted = clock.now(), _wanted(request)
    found = await outbox.look(actor_of(request), wanted, now)
    return page(request, "coordinator/messages.html", shown=views.outbox(found, wanted, own_zone(request), now))


@get(_ONE)
async def one(request: Req, message_id: FromPath[UUID]) -> Answer:
    """One message."""
    return await _one(request, message_id, {}, None)


async def _one(request: Req, message_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    now = clock.now()
    found = await outbox.open_message(actor_of(request), message_id, now)
    return page(
        request, "coordinator/message.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, shown=views.sent(found, own_zone(request), now),
    )  # fmt: skip


@post(f"{_ONE}/retry")
async def retry(request: Req, message_id: FromPath[UUID]) -> Answer:
    """Try again."""
    await outbox.retry(actor_of(request), message_id, clock.now())
    return see_other(f"/coordinator/messages/{message_id}")


@post(f"{_ONE}/stop")
async def stop(request: Req, message_id: FromPath[UUID]) -> Answer:
    """Leave it unsent."""
    await outbox.stop(actor_of(request), message_id, clock.now())
    return see_other(f"/coordinator/messages/{message_id}")


@post(f"{_ONE}/send-again")
async def send_again(request: Req, message_id: FromPath[UUID]) -> Answer:
    """One more of it, shown at once."""
    made = await outbox.send_again(actor_of(request), message_id, clock.now())
    return see_other(f"/coordinator/messages/{made}")


@post(f"{_ONE}/bounce")
async def bounce(request: Req, message_id: FromPath[UUID]) -> Answer:
    """It came back, and why: a known cause, or the code."""
    form = form_of(spot_of(request).fields)
    cause = form.choice("cause", frozenset(CAUSES), _("Choose why it came back."))
    code = form.text("code", 11)
    try:
        form.check()
        await outbox.bounce(actor_of(request), message_id, cause, code, clock.now())
    except Invalid as problem:
        return await _one(request, message_id, problem.fields, form)
    return see_other(f"/coordinator/messages/{message_id}")


ROUTES = [show, one, retry, stop, send_again, bounce]
