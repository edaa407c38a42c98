"""Every message with its state, and a second chance for failed ones."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import coordinate
from carepath.kit import clock
from carepath.web.coordinator import views
from carepath.web.coordinator.board import own_zone
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of


@get("/coordinator/messages")
async def show(request: Req) -> Answer:
    """Newest first, of one state or all."""
    asked = request.query_params.get("status", "")
    status = asked if asked in views.MESSAGE_STATES else None
    found, counts = await coordinate.messages(actor_of(request), status, clock.now())
    shown = views.messages(found, own_zone(request))
    return page(
        request, "coordinator/messages.html", rows=shown, counts=counts, chosen=status, states=views.MESSAGE_STATES
    )


@post("/coordinator/messages/{message_id:uuid}/retry")
async def retry(request: Req, message_id: FromPath[UUID]) -> Answer:
    """Try again."""
    await coordinate.retry_message(actor_of(request), message_id, clock.now())
    return see_other("/coordinator/messages")


ROUTES = [show, retry]
