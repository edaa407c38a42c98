"""The whole product running: a provider adds a calendar on a page, the worker's own tick reads it, and says how it went."""

import asyncio
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyotp

from tests.browser.stack import Stack, running
from tests.servers import Stranger, answer, stranger

_LONGEST = 90  # seconds; ticks come every twenty


async def signed_in(stack: Stack, http: httpx.AsyncClient) -> None:
    """As a provider of the demo clinic."""
    who = next(one for one in stack.runtime["sign_ins"] if one["role"] == "provider")
    await posted(http, "/staff/sign-in", {"email": who["email"], "password": who["password"]})
    page = await http.post(
        "/staff/code", data={"_csrf": await token(http, "/staff/code"), "code": pyotp.TOTP(who["totp_secret"]).now()}
    )
    assert page.status_code == 200, page.text


async def token(http: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', (await http.get(path)).text)
    assert found is not None
    return found[1]


async def posted(http: httpx.AsyncClient, path: str, fields: dict[str, str], page: str | None = None) -> httpx.Response:
    return await http.post(path, data={"_csrf": await token(http, page or path), **fields})


async def until(http: httpx.AsyncClient, words: str) -> str:
    """The calendar page once it says so."""
    for _ in range(_LONGEST // 2):
        page = await http.get("/provider/calendar")
        if words in page.text:
            return page.text
        await asyncio.sleep(2)
    raise AssertionError(f"{words!r} did not come")


def busy_tomorrow() -> bytes:
    start = datetime.now(UTC) + timedelta(days=1)
    event = f"BEGIN:VEVENT\r\nUID:a\r\nDTSTART:{start:%Y%m%dT%H%M00Z}\r\nDURATION:PT1H\r\nEND:VEVENT"
    return answer(f"BEGIN:VCALENDAR\r\n{event}\r\nEND:VCALENDAR\r\n".encode())


async def through(stack: Stack, other: Stranger) -> None:
    async with httpx.AsyncClient(base_url=stack.base, follow_redirects=True) as http:
        await signed_in(stack, http)
        page = "/provider/calendar"
        await posted(http, f"{page}/feeds", {"url": other.url, "name": "Practice"}, page)
        assert "Busy times kept from it: 1" in await until(http, "Last read")
        other.reply = answer(b"", "404 Gone")
        (action,) = re.findall(r'action="([^"]+/read)"', (await http.get(page)).text)
        await posted(http, action, {}, page)
        text = await until(http, "The server answers 404")
        assert "Busy times kept from it: 1" in text


async def test_the_worker_reads_what_a_provider_adds_and_tells_when_it_fails():
    with tempfile.TemporaryDirectory(prefix="carepath-calendars-") as name:
        async with stranger(busy_tomorrow()) as other:
            starting = running(Path(name))
            stack = await asyncio.to_thread(starting.__enter__)
            try:
                await through(stack, other)
            finally:
                await asyncio.to_thread(starting.__exit__, None, None, None)
