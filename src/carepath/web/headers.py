"""The outermost layer: refuses foreign hosts, and puts the same safe headers on every answer.

It wraps the whole application, so that errors, unknown addresses and static files are covered too.
"""

import secrets
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from carepath.settings import Settings
from carepath.web import cookies
from carepath.web.wire import Spot, place

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_FIXED = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), interest-cohort=()",
    b"x-frame-options": b"DENY",
}
_STATIC_CACHE = b"public, max-age=3600"


class Headers:
    """ASGI application around the product."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on; add headers and pending cookies to their answers."""
        if str(scope["type"]) != "http":
            await self.app(scope, receive, send)
            return
        spot = Spot(secrets.token_hex(8))
        place(scope, spot)
        if not self._is_our_host(scope):
            await _refuse_host(send, self._extra(scope, spot, b""))
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                known = {name.lower() for name, _ in given}
                policy = next((value for name, value in given if name.lower() == b"content-security-policy"), b"")
                extra = self._extra(scope, spot, policy)
                message["headers"] = given + [
                    (name, value) for name, value in extra if name not in known or name == b"set-cookie"
                ]
            await send(message)

        await self.app(scope, receive, with_headers)

    def _is_our_host(self, scope: Scope) -> bool:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        return name in {allowed.lower() for allowed in self.settings.allowed_hosts}

    def _extra(self, scope: Scope, spot: Spot, policy: bytes) -> list[tuple[bytes, bytes]]:
        is_static = scope["path"].startswith("/static/")
        extra = list(_FIXED.items())
        extra.append((b"content-security-policy", policy or CONTENT_POLICY.encode()))
        extra.append((b"cache-control", _STATIC_CACHE if is_static else b"no-store"))
        extra.append((b"x-request-id", spot.request_id.encode()))
        if self.settings.is_https:
            extra.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        for name, value in spot.new_cookies.items():
            extra.append((b"set-cookie", cookies.line(self.settings, name, value)))
        for name in spot.dropped:
            extra.append((b"set-cookie", cookies.line(self.settings, name, None)))
        return extra


async def _refuse_host(send: Send, extra: list[tuple[bytes, bytes]]) -> None:
    body = b"This address is not served here.\n"
    start: Any = {
        "type": "http.response.start",
        "status": 400,
        "headers": [(b"content-type", b"text/plain; charset=utf-8"), *extra],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
