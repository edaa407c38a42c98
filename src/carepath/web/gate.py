"""Every request to a route passes here: who visits, is the form well-formed, did our own page send it."""

from typing import Any
from urllib.parse import urlsplit

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from carepath.accounts import sessions
from carepath.kit import clock, crypto
from carepath.kit.errors import CarepathError
from carepath.kit.words import _
from carepath.settings import Settings
from carepath.web import cookies, one_click
from carepath.web.forms import BadRequest, parse_urlencoded
from carepath.web.uploads import is_multipart, parse_multipart
from carepath.web.wire import Spot, place

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 256 * 1024
# What comes back from mail servers is handed in as a file; everything else is typed or pasted.
UPLOADS = frozenset({"/coordinator/messages/reports"})
# A pasted questionnaire or mail is longer than any answer. Sign-in and token are checked as everywhere.
LARGER = dict.fromkeys(("/admin/questionnaires", *UPLOADS), 900 * 1024)


class Forged(CarepathError):
    """An unsafe request that did not come from one of our own pages."""


class Gate(ASGIMiddleware):
    """Loads the visitor, reads the form once, checks the CSRF token on every unsafe method but one request
    of mail programs (`one_click`)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.session_cookie, self.browser_cookie = cookies.names(settings)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Litestar calls this for every route."""
        spot: Spot = scope.get("state", {}).get("carepath") or Spot("")
        place(scope, spot)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        await self._meet(spot, headers)
        if str(scope.get("method", "GET")) not in SAFE:
            self._check_origin(headers)
            path, kind = str(scope.get("path")), headers.get("content-type", "")
            body = await _body(headers, receive, LARGER.get(path, MAX_BODY))
            if one_click.is_meant(path, body, kind):
                spot.fields = one_click.FIELDS
            else:
                self._read(spot, path, body, kind)
                self._check_token(spot, headers)
            receive = _replay(body)
        await next_app(scope, receive, send)

    def _read(self, spot: Spot, path: str, body: bytes, kind: str) -> None:
        if path in UPLOADS and is_multipart(kind):
            spot.fields, spot.files = parse_multipart(body, kind)
        else:
            spot.fields = parse_urlencoded(body, kind)

    async def _meet(self, spot: Spot, headers: dict[str, str]) -> None:
        found = cookies.parse(headers.get("cookie", ""))
        spot.browser = found.get(self.browser_cookie)
        token = found.get(self.session_cookie)
        if token:
            spot.visitor = await sessions.visitor(token, spot.request_id, clock.now())
            if spot.visitor is not None:
                spot.token = token
            else:
                spot.dropped.append(self.session_cookie)

    def _check_origin(self, headers: dict[str, str]) -> None:
        """Browsers say where a form came from; somebody else's page is refused before its body is read."""
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            raise Forged(_("This form was sent from another site."))
        # Under `no-referrer` browsers send "null" for our own forms too; the token below still has to match.
        origin = headers.get("origin", "null")
        if origin != "null" and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            raise Forged(_("This form was sent from another site."))

    def _check_token(self, spot: Spot, headers: dict[str, str]) -> None:
        holder = spot.token or spot.browser
        sent = headers.get("x-csrf-token") or next(iter(spot.fields.get("_csrf", [])), "")
        if not holder or not sent or not crypto.same(sent, csrf_token(holder)):
            raise Forged(_("This page was open too long, or you signed in or out meanwhile. Open it again and retry."))


def csrf_token(holder: str) -> str:
    """The token that belongs to one session or one browser, and to no other."""
    return crypto.sign("csrf", holder)


async def _body(headers: dict[str, str], receive: Receive, most: int) -> bytes:
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        raise BadRequest(413, _("That is more than one form can hold."))
    chunks, size = [], 0
    while True:
        message: Any = await receive()
        if message["type"] != "http.request":
            raise BadRequest(400, _("The connection ended before the form was complete."))
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise BadRequest(413, _("That is more than one form can hold."))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes) -> Receive:
    """A `receive` that hands out a body that was read already."""
    pending: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return pending.pop() if pending else {"type": "http.disconnect"}

    return receive
