"""Mail to staff with its states: an alarm that did not leave must be seen by somebody."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import outbox
from carepath.kit import clock
from carepath.kit.actor import Actor
from carepath.kit.errors import NotFound
from carepath.notifications.rules.states import WORDS
from carepath.notifications.service import Wanted
from carepath.web.coordinator import message_views as views
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone

_ACTS: dict[str, Callable[[Actor, UUID, datetime], Awaitable[object]]] = {
    "retry": outbox.retry, "stop": outbox.stop, "send-again": outbox.send_again,
}  # fmt: skip


@get(views.STAFF_PATH)
async def show(request: Req) -> Answer:
    """Newest first: all, or of one state."""
    asked, now = request.query_params, clock.now()
    state = asked.get("status", "")
    wanted = Wanted(state if state in WORDS else None, before=views.mark_of(asked.get("before", "")))
    found = await outbox.look_at_staff(actor_of(request), wanted, now)
    return page(request, "admin/staff_messages.html", shown=views.to_staff(found, wanted, own_zone(request), now))


@post(f"{views.STAFF_PATH}/{{message_id:uuid}}/{{act:str}}")
async def decide(request: Req, message_id: FromPath[UUID], act: FromPath[str]) -> Answer:
    """Try again, leave unsent, or send once more."""
    if act not in _ACTS:
        raise NotFound
    await _ACTS[act](actor_of(request), message_id, clock.now())
    return see_other(views.STAFF_PATH)


ROUTES = [show, decide]
