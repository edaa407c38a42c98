"""A plain HTTP client against the real application, in the test's own event loop or in a process of its own: a browser
without JavaScript."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from carepath.app import Application

_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')


class Browser:
    """Keeps cookies, follows redirects, and takes the CSRF token from the last page it saw."""

    def __init__(self, where: Application | str) -> None:
        """`where`: the application itself, or the address of a process that serves it."""
        if isinstance(where, str):
            self.http = httpx.AsyncClient(base_url=where, follow_redirects=True, timeout=60)
        else:
            transport = httpx.ASGITransport(app=where, raise_app_exceptions=False)  # type: ignore[arg-type]
            self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", follow_redirects=True)
        self.token = ""

    async def get(self, path: str, **options: Mapping[str, str]) -> httpx.Response:
        """Open a page."""
        return self._seen(await self.http.get(path, **options))  # type: ignore[arg-type]

    async def post(
        self, path: str, fields: Mapping[str, str | list[str]] | None = None,
        headers: Mapping[str, str | bytes] | None = None, **options: object,
    ) -> httpx.Response:  # fmt: skip
        """Send a form as the page would, with its token unless the fields bring one."""
        pairs = {"_csrf": self.token, **(fields or {})}
        body = urlencode(pairs, doseq=True)
        sent = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._seen(await self.http.post(path, content=body, headers=sent, **options))  # type: ignore[arg-type]

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = _TOKEN.search(answer.text)
        if found:
            self.token = found[1]
        return answer
