"""`Idempotency-Key` on any write: a retry gets the answer of the first, and nothing is done twice."""

import hashlib
import re
from typing import Any

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from carepath.accounts import answers
from carepath.accounts.answers import Answer
from carepath.kit import clock
from carepath.kit.words import _
from carepath.web.forms import BadRequest
from carepath.web.gate import SAFE
from carepath.web.wire import Spot

_KEY = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")
# What makes an answer this one. Cookies belong to the moment and are set anew, or not at all.
_KEPT = frozenset({"content-type", "location", "content-security-policy", "content-disposition"})


class Idempotent(ASGIMiddleware):
    """Stands behind the gate: what it sees is well-formed and comes from our own page or a client with a token."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Litestar calls this for every route."""
        given = [value for name, value in scope["headers"] if name.lower() == b"idempotency-key"]
        if not given or str(scope.get("method", "GET")) in SAFE:
            await next_app(scope, receive, send)
            return
        key, spot = given[0].decode("latin-1").strip(), scope["state"]["carepath"]
        if len(given) > 1 or not _KEY.fullmatch(key):
            raise BadRequest(400, _("Idempotency-Key is one line of 1 to 255 plain letters, digits and signs."))

        async def work() -> Answer:
            return await _recorded(scope, receive, next_app)

        await _play(await answers.once(_holder(spot), key, _fingerprint(scope, spot), work, clock.now()), send)


def _holder(spot: Spot) -> str:
    """Whose key it is: a person's, whatever session they come in; before anybody is known, a browser's."""
    person = spot.visitor.actor.author_id if spot.visitor else None
    return str(person) if person else f"browser {spot.token or spot.browser}"


def _fingerprint(scope: Scope, spot: Spot) -> bytes:
    """What was asked. The token of the page it was asked from does not count: a retry may come from a fresh one."""
    digest = hashlib.sha256()
    fields = sorted((name, value) for name, values in spot.fields.items() if name != "_csrf" for value in values)
    asked = [str(scope.get("method")), str(scope["path"]), scope["query_string"].decode("latin-1")]
    files = [file for name in sorted(spot.files) for file in spot.files[name]]
    parts = [text.encode("utf-8", "surrogatepass") for text in (*asked, *(text for field in fields for text in field))]
    for raw in (*parts, *files):
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()


async def _recorded(scope: Scope, receive: Receive, next_app: ASGIApp) -> Answer:
    """The product's answer, caught on its way out."""
    status, headers, body = 500, dict[str, str](), bytearray()

    async def catch(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await next_app(scope, receive, catch)
    kept = {name: value for name, value in headers.items() if name in _KEPT}
    return Answer(status, kept, bytes(body), passes=status == 429 or "retry-after" in headers)


async def _play(answer: Answer, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.passes:
        headers.append((b"retry-after", b"1"))
    if answer.is_repeat:
        headers.append((b"idempotency-replayed", b"true"))
    start: Any = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
