"""One's calendar address: as its owner sees it, and as calendar programs read it."""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromPath

from carepath.journey import publish
from carepath.journey.tell import desk_of
from carepath.kit import clock, when
from carepath.kit.actor import Actor, Role
from carepath.kit.errors import NotFound
from carepath.kit.words import _
from carepath.scheduling.service import CalendarAddress
from carepath.web.wire import Req, product_of, spot_of

_ENDING = ".ics"


@dataclass(frozen=True, slots=True)
class AddressView:
    """Whether there is one, since when, and when it was read. `secret` is the address itself, just after it was made."""

    action: str
    exists: bool
    facts: tuple[str, ...]
    secret: str | None


def view(found: CalendarAddress | None, action: str, zone: str, secret: str | None) -> AddressView:
    """The address in words."""
    if found is None:
        return AddressView(action, False, (), secret)
    made = _("Made {when}.").format(when=when.say_short(found.created_at, zone))
    read = _("No calendar has read it yet.")
    if found.read_at is not None:
        read = _("Last read about {when}.").format(when=when.say_short(found.read_at, zone))
    return AddressView(action, True, (made, read), secret)


@get("/calendar/{file:str}")
async def calendar_file(request: Req, file: FromPath[str]) -> Response[bytes]:
    """The visits behind a secret address. No cookie is asked for, and none helps."""
    if not file.endswith(_ENDING):
        raise NotFound
    product = product_of(request)
    reader = Actor(Role.ANONYMOUS, request_id=spot_of(request).request_id)
    desk = desk_of(product.settings.public_base_url, product.clinic)
    found = await publish.read(reader, file.removesuffix(_ENDING), desk, clock.now())
    headers = {"content-disposition": 'inline; filename="visits.ics"', "cache-control": "private, no-store"}
    return Response(found, media_type="text/calendar", headers=headers)


ROUTES = [calendar_file]
