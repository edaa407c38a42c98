"""Pages are opened, too: what people follow and type passes through web processes, which write logs as well."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from carepath.accounts import sessions
from carepath.kit import clock
from tests.browser.stack import Stack
from tests.web.client import Browser


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered. `is_echo`: it may show what was typed, as forms do that come back."""

    what: str
    status: int
    body: str
    is_echo: bool = False


async def follow(stack: Stack, texts: Iterable[str]) -> list[Page]:
    """Every link of these mails, in the hands of whoever has the mail."""
    browser = Browser(stack.base)
    links = sorted({link for text in texts for link in re.findall(r"http://localhost:\d+/\S+", text)})
    try:
        return [Page(link, (answer := await browser.get(link)).status_code, answer.text) for link in links]
    finally:
        await browser.http.aclose()


async def ask_for_link(stack: Stack, address: str) -> list[Page]:
    """Somebody signs in, mistypes, and ends up nowhere; their address is in the form, the referrer and the URL."""
    browser, pages = Browser(stack.base), []
    try:
        await browser.get("/sign-in")
        for typed in (address, f"{address} {address}", f"{address}\0"):
            answer = await browser.post("/sign-in", {"email": typed}, {"referer": f"{stack.base}/{address}"})
            pages.append(Page(f"sign-in with {len(typed)} letters", answer.status_code, answer.text, is_echo=True))
        lost = await browser.get(f"/{address}?for={address}")
        return [*pages, Page("nowhere", lost.status_code, lost.text)]
    finally:
        await browser.http.aclose()


async def break_down(stack: Stack, patient_id: UUID) -> Page:
    """The home of a patient whose row cannot be opened."""
    browser = Browser(stack.base)
    token = await sessions.open_for_patient(patient_id, "", clock.now())
    browser.http.cookies.set("carepath", token)
    try:
        answer = await browser.get("/home")
        return Page("a page that fails", answer.status_code, answer.text)
    finally:
        await browser.http.aclose()
