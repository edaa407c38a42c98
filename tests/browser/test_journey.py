"""The whole journey in a real browser, with the workers, the broker and the mail server as deployed."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from tests.browser.conftest import CHROMIUM
from tests.browser.stack import Stack, link_in, wait

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed: the browser journey is NOT tested here"
)
EMAIL = "greta.browser@mail.example"


@contextmanager
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        try:
            yield browser
        finally:
            browser.close()


def in_thread(work: Callable[[], None]) -> None:
    """Playwright's plain interface wants a thread without an event loop."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]


def test_the_whole_journey_in_a_browser(stack: Stack):
    in_thread(lambda: live(stack))


def live(stack: Stack) -> None:
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, timezone_id="America/Denver")  # type: ignore[attr-defined]
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: faults.append(request.url))
        page.on(
            "request",
            lambda request: faults.append(request.url) if not request.url.startswith((stack.base, "data:")) else None,
        )
        apply(stack, page)
        fill_in(page)
        start, provider = book(stack, page)
        see_reminders(stack, start)
        enter(stack, page)
        desk = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()  # type: ignore[attr-defined]
        evaluate(stack, desk, start, provider)
        follow_up(stack, browser, desk, provider)
        assert faults == [], faults


def press(page: object, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()  # type: ignore[attr-defined]
    page.wait_for_load_state()  # type: ignore[attr-defined]


def apply(stack: Stack, page: object) -> None:
    page.goto(stack.base)  # type: ignore[attr-defined]
    page.get_by_role("link", name="Check if this could help you").click()  # type: ignore[attr-defined]
    press(page, "Continue")
    assert page.locator(".error-summary").is_visible()  # type: ignore[attr-defined]
    for part, value in (("month", "4"), ("day", "23"), ("year", "1975")):
        page.fill(f"#birth_{part}", value)  # type: ignore[attr-defined]
    page.select_option("#jurisdiction", "CO")  # type: ignore[attr-defined]
    assert page.input_value("#zone") == "America/Denver"  # type: ignore[attr-defined]
    answer(page, "pregnant", "No")
    answer(page, "any of these", "None of these")
    answer(page, "treatments for your pain", "Prescription medicines")
    answer(page, "ending your life", "No")
    press(page, "Continue")
    page.fill("#first_name", "Greta")  # type: ignore[attr-defined]
    page.fill("#last_name", "Browser")  # type: ignore[attr-defined]
    page.fill("#email", EMAIL)  # type: ignore[attr-defined]
    press(page, "Send me the link")
    page.goto(link_in(stack.wait_for_mail(EMAIL, 1, "Confirm")))  # type: ignore[attr-defined]
    press(page, "Continue")


def answer(page: object, question: str, option: str) -> None:
    field = page.locator("fieldset", has=page.locator("legend", has_text=question))  # type: ignore[attr-defined]
    field.get_by_text(option, exact=True).first.click()


def fill_in(page: object) -> None:
    page.get_by_role("link", name="Your pain", exact=True).click()  # type: ignore[attr-defined]
    answer(page, "been called", "Fibromyalgia")
    answer(page, "How long", "1 to 5 years")
    answer(page, "Where does it hurt", "Lower back")
    for name in (
        "Gabapentin",
        "Amitriptyline",
        "Duloxetine",
        "Milnacipran",
        "Venlafaxine",
        "Lidocaine",
        "Opioids",
        "Exercise",
        "Talking",
    ):
        answer(page, name, "Helped a little")
    mildest(page)
    wait(lambda: page.locator("[data-save-state]").inner_text() != "", "the autosave")  # type: ignore[attr-defined]
    page.reload()  # type: ignore[attr-defined]
    assert page.get_by_label("Fibromyalgia").is_checked()  # type: ignore[attr-defined]
    mildest(page)  # what an answer asks for comes up with the autosave: on a busy machine, after the rest is answered
    press(page, "Save and continue")
    for field in page.locator("fieldset").all():  # type: ignore[attr-defined]
        field.get_by_text("8", exact=True).click()
    press(page, "Save and continue")
    while page.url.rpartition("/")[2] != "intake":  # type: ignore[attr-defined]
        special = {"phq-9": mood, "medical-history": history, "medicines": medicines}
        special.get(page.url.rpartition("/")[2], mildest)(page)  # type: ignore[attr-defined]
        press(page, "Save and continue")
    page.get_by_role("link", name="Go on").click()  # type: ignore[attr-defined]
    while "/consents/" in page.url:  # type: ignore[attr-defined]
        for box in page.locator("input.width-short").all():  # type: ignore[attr-defined]
            box.fill("GB")
        page.fill("#signed_name", "Greta Browser")  # type: ignore[attr-defined]
        press(page, "I agree and sign")
    press(page, "Send to the clinic")


def mood(page: object) -> None:
    """Item 9 above zero: help is on the page at once, without sending anything."""
    questions = page.locator("fieldset").all()  # type: ignore[attr-defined]
    questions[8].get_by_text("Several days").click()
    page.locator(".crisis").wait_for(state="visible")  # type: ignore[attr-defined]
    for question in questions[:8]:
        question.get_by_text("Not at all").click()
    page.get_by_text("Have you wished you were dead").wait_for(state="visible")  # type: ignore[attr-defined]
    mildest(page)


def mildest(page: object) -> None:
    """The mildest answer to everything that has none yet."""
    left = page.locator("fieldset:not(:has(:checked))")  # type: ignore[attr-defined]
    while left.count():
        labels = left.first.locator("label.option").all()
        words = [label.inner_text().strip() for label in labels]
        mild = ("None of these", "No", "Never", "Not at all", "No problem")
        labels[next((words.index(word) for word in mild if word in words), len(words) // 2)].click()
    for box in page.locator("input[inputmode=decimal]").all():  # type: ignore[attr-defined]
        if not box.input_value():
            box.fill("80" if "weigh" in page.locator(f"label[for='{box.get_attribute('id')}']").inner_text() else "8")  # type: ignore[attr-defined]


def medicines(page: object) -> None:
    """Two opioids: a second instance of the group, which is taken away again."""
    answer(page, "Do you take any", "Opioids, such as tramadol, oxycodone or morphine")
    page.get_by_label("Which one?").wait_for(state="visible")  # type: ignore[attr-defined]
    page.get_by_label("Which one?").select_option(label="Tramadol")  # type: ignore[attr-defined]
    page.get_by_label("How much each time?").fill("50")  # type: ignore[attr-defined]
    page.get_by_label("How many times a day?").fill("2")  # type: ignore[attr-defined]
    press(page, "Add another Opioid")
    assert page.get_by_label("Which one?").count() == 2  # type: ignore[attr-defined]
    press(page, "Remove Opioid 2")
    assert page.get_by_label("Which one?").count() == 1  # type: ignore[attr-defined]
    assert page.get_by_label("How much each time?").input_value() == "50"  # type: ignore[attr-defined]


def history(page: object) -> None:
    for question in ("heart and circulation", "Head, eyes", "Other conditions", "Mental health", "Alcohol and drugs"):
        answer(page, question, "None of these")
    page.get_by_label("How many times in the past year").fill("0")  # type: ignore[attr-defined]
    answer(page, "pregnant", "No")
    answer(page, "blood pressure reading", "Yes")
    page.get_by_label("Upper number").fill("124")  # type: ignore[attr-defined]
    page.get_by_label("Lower number").fill("78")  # type: ignore[attr-defined]
    page.get_by_label("Heart rate").fill("70")  # type: ignore[attr-defined]
    mildest(page)


def book(stack: Stack, page: object) -> tuple[datetime, str]:
    """When, and with whom: the page says it, the mail does not."""
    page.get_by_role("link", name="Choose a time").click()  # type: ignore[attr-defined]
    page.wait_for_load_state()  # type: ignore[attr-defined]
    # A day far enough ahead for all three reminders.
    days = page.locator(".slot-day").all()  # type: ignore[attr-defined]
    day = days[-1]
    day.locator("summary").click()
    slot = day.locator("button.slot").first
    value = slot.get_attribute("value")
    slot.click()
    page.locator("[data-clock]").wait_for()  # type: ignore[attr-defined]
    wait(lambda: re.match(r"\d:\d\d left", page.locator("[data-clock]").inner_text()) is not None, "the countdown")  # type: ignore[attr-defined]
    press(page, "Book this time")
    text = page.locator("main").inner_text()  # type: ignore[attr-defined]
    assert "Booked" in text
    provider = next(one["name"] for one in stack.runtime["sign_ins"] if one["name"] in text)
    mail = stack.wait_for_mail(EMAIL, 2, "Your visit on")
    assert any(part.get_content_type() == "text/calendar" for part in mail.walk())
    assert provider not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return datetime.fromisoformat(value.partition("@")[2]), provider


def see_reminders(stack: Stack, start: datetime) -> None:
    """Each reminder leaves when its moment comes, through beat, broker, worker and SMTP; before the last one, what to
    have ready."""
    travelled = timedelta()
    for number, hours in ((3, 72), (4, 24), (6, 1)):
        goal = start - timedelta(hours=hours) - datetime.now(UTC) + timedelta(minutes=1)
        jump = goal - travelled
        stack.travel(f"+{int(jump.total_seconds())}s")
        travelled += jump
        stack.wait_for_mail(EMAIL, number, "Reminder")
    stack.travel("+2400s")
    assert len([m for m in stack.mails(EMAIL) if "Reminder" in str(m["Subject"])]) == 3
    assert "Before your visit" in str(stack.mails(EMAIL)[4]["Subject"])


def enter(stack: Stack, page: object) -> None:
    """By the reminder's link, twenty minutes before: no room until the patient said where they are."""
    page.goto(link_in(stack.wait_for_mail(EMAIL, 6, "Reminder")))  # type: ignore[attr-defined]
    press(page, "Continue")
    assert "/visits/" in page.url  # type: ignore[attr-defined]
    room = page.get_by_role("link", name="Open the video room")  # type: ignore[attr-defined]
    assert room.count() == 0
    assert page.input_value("#located_in") == ""  # type: ignore[attr-defined]
    press(page, "Continue")
    assert page.locator("#located_in-error").is_visible()  # type: ignore[attr-defined]
    page.select_option("#located_in", "CO")  # type: ignore[attr-defined]
    press(page, "Continue")
    room.wait_for()
    stack.travel("+4800s")


def sign_in(stack: Stack, page: object, role: str, name: str) -> None:
    """With the next one-time code, if this one was used."""
    who = next(one for one in stack.runtime["sign_ins"] if one["role"] == role and name in one["name"])
    totp = pyotp.TOTP(who["totp_secret"])
    page.goto(f"{stack.base}/staff/sign-in")  # type: ignore[attr-defined]
    page.fill("#email", who["email"])  # type: ignore[attr-defined]
    page.fill("#password", who["password"])  # type: ignore[attr-defined]
    press(page, "Continue")
    for _step in range(4):
        for offset in (0, 30, -30):
            page.fill("#code", totp.at(datetime.now(UTC) + timedelta(seconds=offset)))  # type: ignore[attr-defined]
            press(page, "Sign in")
            if "/staff/code" not in page.url:  # type: ignore[attr-defined]
                return
        time.sleep(16)  # a code is good once: another test may have used all that are good now
    raise AssertionError("no code was accepted")


def evaluate(stack: Stack, desk: object, start: datetime, provider: str) -> None:
    sign_in(stack, desk, "provider", provider)
    urgent = desk.locator("section", has=desk.locator("#urgent"))  # type: ignore[attr-defined]
    assert "Greta Browser" in urgent.inner_text()
    urgent.get_by_role("link", name=re.compile("Greta Browser")).click()
    desk.get_by_label("What did you do?").fill("Called her; she is safe.")  # type: ignore[attr-defined]
    press(desk, "Done")
    pending = desk.locator("section", has=desk.locator("#pending"))  # type: ignore[attr-defined]
    pending.get_by_role("link", name=re.compile("Greta Browser")).click()
    desk.wait_for_load_state()  # type: ignore[attr-defined]
    text = desk.locator("main").inner_text()  # type: ignore[attr-defined]
    assert "phq9-item9 v1" in text
    assert "PHQ-9 (depression)" in text
    press(desk, "It took place")
    see_to_the_checklist(desk)
    desk.get_by_label("Suitable", exact=True).check()  # type: ignore[attr-defined]
    desk.get_by_label("What the patient reads: Suitable", exact=True).fill("We begin carefully.")  # type: ignore[attr-defined]
    press(desk, "Decide")
    desk.get_by_role("link", name="To the treatment plan").click()  # type: ignore[attr-defined]
    desk.get_by_role("link", name="Write a plan").click()  # type: ignore[attr-defined]
    desk.wait_for_load_state()  # type: ignore[attr-defined]
    desk.select_option("#phase", "induction")  # type: ignore[attr-defined]
    desk.select_option("#route", "iv")  # type: ignore[attr-defined]
    desk.select_option("#setting", "clinic")  # type: ignore[attr-defined]
    for name, value in (
        ("dose", "as in the protocol"),
        ("interval_days", "28"),
        ("check_in_every_days", "14"),
        ("goals", "Relief"),
    ):
        desk.fill(f"#{name}", value)  # type: ignore[attr-defined]
    press(desk, "Save the plan")
    assert "as in the protocol" in desk.locator("main").inner_text()  # type: ignore[attr-defined]
    stack.wait_for_mail(EMAIL, 7, "news on your page")


def see_to_the_checklist(desk: object) -> None:
    """Every item has its own form; a done one folds away. The suicidal answer was looked at, and is no stop."""

    def save(item: str) -> None:
        desk.locator(f"#check-{item}").get_by_role("button", name="Save").click()  # type: ignore[attr-defined]
        desk.wait_for_load_state()  # type: ignore[attr-defined]

    desk.get_by_label("Photo ID shown").check()  # type: ignore[attr-defined]
    save("identity")
    desk.get_by_label("State where the patient says they are").select_option("CO")  # type: ignore[attr-defined]
    save("location")
    save("pdmp")
    desk.get_by_label("Examined in person").check()  # type: ignore[attr-defined]
    desk.fill("#exam_on", desk.locator("#pdmp_on").input_value())  # type: ignore[attr-defined]
    save("in-person")
    desk.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")  # type: ignore[attr-defined]
    desk.fill("#pressure_on", desk.locator("#pdmp_on").input_value())  # type: ignore[attr-defined]
    save("blood-pressure")
    assert "Nothing stands in the way" in desk.locator("main").inner_text()  # type: ignore[attr-defined]


def follow_up(stack: Stack, browser: object, desk: object, provider: str) -> None:
    stack.travel("+14d")
    stack.travel("+10m")
    mail = stack.wait_for_mail(EMAIL, 8, "A few questions")
    phone = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()  # type: ignore[attr-defined]
    phone.goto(link_in(mail))
    press(phone, "Continue")
    for field in phone.locator("fieldset.scale-set").all():
        field.get_by_text("4", exact=True).click()
    answer(phone, "how is your pain overall", "Much improved")
    for words in ("Little interest", "Feeling down", "better off dead"):
        answer(phone, words, "Not at all")
    answer(phone, "Side effects", "None")
    answer(phone, "Your bladder", "Blood in the urine")
    press(phone, "Send")
    assert "Thank you" in phone.locator("main").inner_text()
    sign_in(stack, desk, "provider", provider)
    follow = desk.locator("section", has=desk.locator("#follow"))  # type: ignore[attr-defined]
    row = follow.locator("li", has_text="Greta Browser")
    assert "Blood in the urine" in row.inner_text()
    row.get_by_role("link").click()
    desk.locator("svg.chart-wide").wait_for()  # type: ignore[attr-defined]


def alive(pid: int) -> bool:
    """Running: a dead process that nobody has collected yet is not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_nothing_is_left_after_ctrl_c(tmp_path: Path):
    """Every process that `up` started ends with it."""
    import psutil

    from tests.browser.stack import running

    with running(tmp_path) as stack:
        pids = [pid for name, pid in stack.runtime["pids"].items() if name != "up"]
        family = [child.pid for pid in pids for child in psutil.Process(pid).children(recursive=True)]
        assert len(pids) >= 6
    assert [pid for pid in (*pids, *family) if alive(pid)] == []
    assert not (tmp_path / "runtime.json").exists()
