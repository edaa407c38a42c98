"""Signing in at a desk, as staff do, and the coordinator's desk with somebody to book for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from carepath.accounts.people import Patient
from carepath.kit import clock, db, limits
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from tests import cast
from tests.web.client import Browser

SLOT = re.compile(r'name="slot" value="([^"]+)"')


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
    """What a page says between its header and its footer; forms' random tokens left out, any word is in them some day."""
    found = re.search(r"<main.*?</main>", text, re.DOTALL)
    assert found is not None, text
    return re.sub(r'name="_csrf" value="[^"]*"', "", found[0])


@dataclass(frozen=True, slots=True)
class Desk:
    """A coordinator at work, a provider and somebody to book for."""

    browser: Browser
    doctor: cast.Staff
    paula: Patient

    @property
    def hours(self) -> str:
        assert self.doctor.practitioner is not None
        return f"/coordinator/hours/{self.doctor.practitioner.id}"

    @property
    def book(self) -> str:
        return f"/coordinator/book/{self.paula.id}"


async def open_desk(browser: Callable[[], Browser]) -> Desk:
    """A coordinator signed in, a provider with open hours, a patient."""
    made = Desk(browser(), await cast.provider(), await cast.patient())
    await sign_in(made.browser, await cast.coordinator())
    return made


async def count(table: str, where: str = "true") -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    assert found is not None
    return int(found["n"])


async def booked(desk: Desk, which: int = 0) -> Appointment:
    """Paula has a visit, booked over the page: not today, whatever the time of this day is."""
    page, a_day = await desk.browser.get(desk.book), clock.now() + timedelta(days=1)
    free = [one for one in SLOT.findall(page.text) if datetime.fromisoformat(one.partition("@")[2]) > a_day]
    page = await desk.browser.post(desk.book, {"visit": "evaluation", "slot": free[which]})
    assert page.url.path.startswith("/coordinator/consults/"), page.text
    return (await scheduling.appointments_of(SYSTEM.scope, desk.paula.id))[-1]


async def begins_in(visit_id: object, minutes: int = 10) -> None:
    """The visit begins that soon, so that its room can be entered. What else stands there makes way for it."""
    at = clock.now() + timedelta(minutes=minutes)
    await db.execute(
        """UPDATE appointment o SET status = 'cancelled' FROM appointment a
           WHERE a.id = {} AND o.id <> a.id AND o.practitioner_id = a.practitioner_id
             AND o.status IN ('proposed', 'booked', 'checked-in', 'fulfilled')
             AND o.occupied && tstzrange({}::timestamptz, {}::timestamptz + (upper(a.occupied) - lower(a.occupied)))""",
        visit_id, at, at,
    )  # fmt: skip
    await db.execute(
        """UPDATE appointment a SET start_at = b.start_at, end_at = b.start_at + (a.end_at - a.start_at),
           occupied = tstzrange(b.start_at, b.start_at + (upper(a.occupied) - lower(a.occupied)))
           FROM (SELECT {}::timestamptz AS start_at) b WHERE a.id = {}""",
        at, visit_id,
    )  # fmt: skip
