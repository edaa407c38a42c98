"""Signing in at a desk, as staff do."""

import re

import pyotp

from carepath.kit import db, limits
from tests import cast
from tests.web.client import Browser


async def sign_in(browser: Browser, member: cast.Staff) -> Browser:
    """Password, then code. The same code works again, so that tests need not wait for the next."""
    limits._State.local.clear()
    await db.execute("UPDATE account SET totp_last_step = 0")
    await browser.get("/staff/sign-in")
    page = await browser.post("/staff/sign-in", {"email": member.account.email, "password": cast.PASSWORD})
    assert page.url.path == "/staff/code", page.text
    page = await browser.post("/staff/code", {"code": pyotp.TOTP(cast.TOTP).now()})
    assert page.status_code == 200, page.text
    return browser


def main_of(text: str) -> str:
    """What a page says between its header and its footer."""
    found = re.search(r"<main.*?</main>", text, re.DOTALL)
    assert found is not None, text
    return found[0]
