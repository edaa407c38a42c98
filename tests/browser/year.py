"""A year of one patient's treatment: its calendar, the two browsers of those who live it, and what they do there."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from carepath.kit import clock
from tests.browser import planless
from tests.browser.stack import ROOT, Stack, link_in, wait
from tests.browser.test_journey import in_thread, press, sign_in

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ASKED, SIGN_IN = "A few questions", "link to sign in"
# The numbers of the questions that have no answer yet.
LEFT = "[...document.querySelectorAll('fieldset')].flatMap((one, n) => one.querySelector(':checked') ? [] : [n])"
Page = Any  # Playwright's own types come with its import, which waits until a browser is there.


class Year:
    """`desk` is the provider's, `phone` the patient's. Day 0 is when the plan is written."""

    def __init__(self, stack: Stack, browser: Any, pictures: Path) -> None:
        self.stack, self.pictures, self.faults = stack, pictures, list[str]()
        self.asked = self.stops = 0
        who = json.loads(self._said())
        self.patient, self.name, self.email = f"/provider/patients/{who['id']}", who["name"], who["email"]
        self.provider, self.zone = who["provider"], ZoneInfo(who["zone"])
        self.begins = self.now().astimezone(self.zone).date()
        self.desk, self.phone = (self._page(browser, size) for size in (DESK, PHONE))

    def _page(self, browser: Any, size: dict[str, int]) -> Page:
        """What goes wrong on it without being seen is a fault: a script's error, a foreign host, an answer of 5xx."""
        page = browser.new_context(viewport=size, reduced_motion="reduce").new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("response", lambda got: self.faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
        page.on("request", lambda one: None if self._is_ours(one.url) else self.faults.append(one.url))
        return page

    def _failed(self, request: Any) -> None:
        """What a browser gives up because it goes on to the next page is no fault."""
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure} {request.url}")

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.stack.base, "data:"))

    def _said(self) -> str:
        command = [sys.executable, "-m", "tests.browser.planless"]
        done = subprocess.run(
            command, env=self.stack.environment(), check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        return done.stdout

    def now(self) -> datetime:
        """The product's time."""
        moved = self.stack.data_dir / "clock.json"
        seconds = json.loads(moved.read_text())["offset_seconds"] if moved.exists() else 0
        return clock.wall() + timedelta(seconds=seconds)

    def day(self, number: int) -> date:
        """A day of this year."""
        return self.begins + timedelta(days=number)

    def go_to(self, number: int) -> None:
        """To a day at noon, for web, worker and beat together. Each time a little later: what is counted in days from
        the last answers has come by then, however long they took."""
        self.stops += 1
        noon = datetime.combine(self.begins, time(12), self.zone).astimezone(UTC)
        goal = noon + timedelta(days=number, minutes=15 * self.stops)  # elapsed days: clocks may change between
        self.stack.travel(f"+{int((goal - self.now()).total_seconds() // 60) + 1}m")

    def enter(self) -> Page:
        """The provider signs in: nobody is still signed in from weeks ago."""
        servers = (self.stack.runtime["database_url"], self.stack.runtime["redis_url"])
        in_thread(lambda: asyncio.run(planless.forget(*servers)))  # the browser's own loop runs in this one
        sign_in(self.stack, self.desk, "provider", self.provider)
        return self.desk

    def see(self, path: str = "") -> str:
        """What a page of the patient's says to the provider."""
        self.desk.goto(self.stack.base + self.patient + path)
        return str(self.desk.inner_text("main"))

    def row(self) -> Any:
        """The patient's line on the provider's desk."""
        self.desk.goto(f"{self.stack.base}/provider")
        follow = self.desk.locator("section", has=self.desk.locator("#follow"))
        return follow.locator("li", has_text=self.name)

    def mailed(self) -> int:
        """How often the patient was asked how they are, without the reminders."""
        return sum(ASKED in str(mail["Subject"]) for mail in self.stack.mails(self.email))

    def called(self) -> str:
        """Opens the check-in by the link that was mailed; what the patient reads."""
        self.asked += 1
        wait(lambda: self.mailed() >= self.asked, f"check-in {self.asked} by mail", 60)
        mail = next(one for one in reversed(self.stack.mails(self.email)) if ASKED in str(one["Subject"]))
        self.link = link_in(mail)
        self.phone.goto(self.link)
        press(self.phone, "Continue")
        assert "/check-ins/" in self.phone.url, self.phone.url
        return str(self.phone.inner_text("main"))

    def answer(self, given: dict[str, str]) -> str:
        """Answers by question, each of the mildest where nothing is `given`; what the patient reads after sending."""
        for _round in range(2):  # what an answer asks for comes after it
            self._fill(given)
            press(self.phone, "Send")
            if (title := self.phone.inner_text("h1")) == "Thank you":
                break
        text = str(self.phone.inner_text("main"))
        assert title == "Thank you", text
        return text

    def _fill(self, given: dict[str, str]) -> None:
        for words, answer in given.items():
            field = self.phone.locator("fieldset", has=self.phone.locator("legend", has_text=words))
            if field.count():
                field.first.locator("label.option").get_by_text(answer, exact=True).first.click()
        mildest(self.phone)

    def at_home(self) -> str:
        """The patient asks for a link to sign in, gets it and opens their page; what it says."""
        had = len(self._links())
        self.phone.goto(f"{self.stack.base}/sign-in")
        self.phone.fill("#email", self.email)
        self.phone.click("main button")
        wait(lambda: len(self._links()) > had, "the link to sign in", 60)
        self.phone.goto(link_in(self._links()[-1]))
        press(self.phone, "Continue")
        return str(self.phone.inner_text("main"))

    def _links(self) -> list[EmailMessage]:
        return [one for one in self.stack.mails(self.email) if SIGN_IN in str(one["Subject"])]

    def picture(self, page: Page, name: str) -> None:
        """The whole page, as it is and, of the desk's, as wide as a phone."""
        page.screenshot(path=self.pictures / f"{name}-{page.viewport_size['width']}.png", full_page=True)
        if page is self.desk:
            page.set_viewport_size(PHONE)
            page.screenshot(path=self.pictures / f"{name}-390.png", full_page=True)
            page.set_viewport_size(DESK)


def mildest(page: Page) -> None:
    """Nothing new and nothing bad, where no answer is given yet and one is wanted."""
    mild = ("None of these", "None", "No", "Never", "Not at all", "No problem", "This does not apply to me")
    fields = page.locator("fieldset")
    for number in page.evaluate(LEFT):
        labels = fields.nth(number).locator("label.option")
        words = [one.strip() for one in labels.all_inner_texts()]
        if found := next((one for one in mild if one in words), None):
            labels.nth(words.index(found)).click()
    for box in page.locator("input[inputmode=decimal]:visible").all():
        label = page.locator(f"label[for='{box.get_attribute('id')}']").inner_text()
        if not box.input_value() and "(optional)" not in label:
            box.fill("0")


def pictures_in(fallback: Path) -> Path:
    """Where pictures are kept: PICTURES_DIR, to look at them, or a directory that goes away."""
    found = Path(os.environ.get("PICTURES_DIR", fallback))
    found.mkdir(parents=True, exist_ok=True)
    return found
