"""A year of treatment in a real browser: six sessions, relief, waning, another interval, a bladder symptom, a pause."""

from pathlib import Path

import pytest

from carepath.kit import when
from tests.browser import year_acts as acts
from tests.browser.conftest import CHROMIUM
from tests.browser.stack import Stack, running, wait
from tests.browser.test_journey import chromium, in_thread, press
from tests.browser.year import Year, pictures_in

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the year is NOT tested here")


def test_a_year_of_treatment_in_a_browser(tmp_path: Path) -> None:
    # A product of its own: a year's travel would leave nothing of the others' patients.
    with running(tmp_path) as stack:
        in_thread(lambda: live(stack, pictures_in(tmp_path / "pictures")))


def live(stack: Stack, pictures: Path) -> None:
    with chromium() as browser:
        year = Year(stack, browser, pictures)
        plan_the_induction(year)
        live_through_the_induction(year)
        go_over_to_maintenance(year)
        hold_and_wane(year)
        shorten_the_interval(year)
        report_blood(year)
        pause(year)
        look_back(year)
        assert year.faults == [], year.faults


def plan_the_induction(year: Year) -> None:
    desk = year.enter()
    acts.clear_the_desk(year)
    assert "A plan follows" not in year.see("/plan")
    year.picture(desk, "01-plan-form")
    for name, value in {"phase": "induction", "route": "iv", "setting": "clinic", "unit": "mg"}.items():
        desk.select_option(f"#{name}", value)
    dates = [year.day(1 + 7 * n).isoformat() for n in range(6)]
    acts.fill(
        desk, dose="as in the infusion protocol", amount="30", interval_days="7", sessions_planned="6",
        session_dates="\n".join(dates), check_in_every_days="7", runway_until=year.day(100).isoformat(),
        goals="Relief, not cure: walk for half an hour.",
    )  # fmt: skip
    desk.get_by_text("Physical therapy", exact=True).click()
    press(desk, "Save the plan")
    text = desk.inner_text("main")
    for words in ("Induction", "running", "as in the infusion protocol", "30 mg", "Relief, not cure", "v1"):
        assert words in text, words
    year.picture(desk, "02-plan")


def live_through_the_induction(year: Year) -> None:
    """A session a week, and before each the answers of the week. The first relief comes with the third answers."""
    course = (
        (8, "No change"),
        (6, "Minimally improved"),
        (3, "Much improved"),
        (3, "Much improved"),
        (3, "Much improved"),
    )
    year.go_to(1)
    year.enter()
    assert "Session 1" in acts.write_down(year, 1)
    for number, (peg, change) in enumerate(course, 2):
        day = 7 * number - 6
        year.go_to(day)
        assert "How have you been?" in year.called()
        if number == 2:
            year.picture(year.phone, "03-check-in")
        year.answer(acts.said(peg, change))
        year.enter()
        text = acts.write_down(year, day)
        assert f"Session {number}" in text, text[:300]
    year.picture(year.desk, "04-sessions")


def go_over_to_maintenance(year: Year) -> None:
    """Relief is good news that waits for nobody; the plan goes on with a session every four weeks."""
    month(year, 43, 3, "Much improved")
    desk = year.enter()
    year.row()
    year.picture(desk, "05-desk-relief")
    text = year.see()
    assert "Signals to look at" not in text, "good news asks for nothing"
    desk.get_by_text("Earlier signals and good news").click()
    text = desk.inner_text("main")
    assert "Substantial relief: PEG at least 50 % below baseline." in text
    assert "relief-substantial v2" in text
    year.picture(desk, "06-patient-relief")
    text = acts.rewrite(
        year, "The relief holds.", phase="maintenance", interval_days="28", sessions_planned="", session_dates="",
        check_in_every_days="28", runway_until=year.day(190).isoformat(),
    )  # fmt: skip
    for words in ("Phase: Induction → Maintenance", "A session every: 7 days → 28 days", "v2", "The relief holds."):
        assert words in text, words
    year.picture(desk, "07-plan-v2")


def month(year: Year, day: int, peg: int, change: str) -> None:
    """The patient is asked by mail and answers."""
    year.go_to(day)
    year.called()
    year.answer(acts.said(peg, change))


def two_good_months(year: Year, answered: tuple[int, int], sessions: tuple[int, int], until: int) -> None:
    """Answered well twice; then the desk writes down the sessions between, and sees to what is due."""
    for day in answered:
        month(year, day, 3, "Much improved")
    year.enter()
    for day in sessions:
        acts.write_down(year, day)
    acts.see_to_what_is_due(year, until)


def hold_and_wane(year: Year) -> None:
    """Best at two in a row; then the effect wears off, and the desk says so with the readings behind it."""
    two_good_months(year, (71, 99), (64, 92), until=190)
    month(year, 127, 5, "Minimally improved")
    month(year, 155, 5, "Minimally improved")
    desk = year.enter()
    row = year.row().inner_text()
    assert "Benefit waning" in row, row
    assert "best 3 → now 5" in row, row
    year.picture(desk, "08-desk-waning")
    text = acts.signals(year)
    for words in (
        "look soon",
        "Benefit waning: PEG at least 1.0 above best at two check-ins in a row.",
        "PEG 5",
        "best 3",
    ):
        assert words in text, text
    year.picture(desk, "09-patient-waning")


def shorten_the_interval(year: Year) -> None:
    acts.acknowledge(year, "Talked on the phone: three good weeks, then a poor one.")
    text = acts.rewrite(year, "The effect lasts three weeks.", interval_days="21")
    assert "A session every: 28 days → 21 days" in text, text
    assert "The effect lasts three weeks." in text
    year.picture(year.desk, "10-plan-v3")
    acts.write_down(year, 120)
    acts.write_down(year, 148)
    two_good_months(year, (183, 211), (169, 190), until=330)
    month(year, 239, 3, "Much improved")


def report_blood(year: Year) -> None:
    """Red at once: a mail that says nothing of it, the first line of the desk."""
    told = len(acts.red_mails(year))
    year.go_to(267)
    year.called()
    year.picture(year.phone, "11-check-in-monthly")
    text = year.answer(acts.said(3, "Much improved") | {"Your bladder": "Blood in the urine"})
    assert "We have told your provider about your answers just now" in text, text
    assert "call the clinic" in text, text
    year.picture(year.phone, "12-check-in-sent")
    year.phone.goto(year.link)
    assert year.phone.locator("h1").inner_text() != "How have you been?", "a link is good once"
    wait(lambda: len(acts.red_mails(year)) > told, "the mail about what is red")
    mail = acts.red_mails(year)[-1].as_string()
    assert not [words for words in ("lood", "bladder", "urine", "ketamine", year.name) if words in mail]
    desk = year.enter()
    row = year.row()
    assert "Blood in the urine" in row.inner_text(), row.inner_text()
    first = desk.locator("section", has=desk.locator("#follow")).locator("ol.worklist li").first
    assert year.name in first.inner_text(), first.inner_text()
    year.picture(desk, "13-desk-blood")


def pause(year: Year) -> None:
    """The symptom is acknowledged, the plan paused; from then on nobody asks any more."""
    desk, text = year.desk, acts.signals(year)
    for words in ("look today", "Blood in the urine was reported", "bladder: blood"):
        assert words in text, text
    year.picture(desk, "14-patient-blood")
    acts.acknowledge(year, "Called: no fever. Urinalysis today, urology on Thursday.")
    year.see("/plan")
    desk.get_by_text("Pause it · End it").click()
    desk.get_by_text("Pause it", exact=True).click()
    press(desk, "Save")
    assert "Write why." in desk.inner_text("main"), "not without a reason"
    desk.fill("#turn_reason", "Blood in the urine: until urology has seen her.")
    press(desk, "Save")
    text = desk.inner_text("main")
    for words in ("paused", "until urology has seen her"):
        assert words in text, text
    year.picture(desk, "15-plan-paused")
    for day in (316, 365):
        year.go_to(day)
        # The worker does its rounds meanwhile: what the patient asks for comes.
        assert "Paused for now." in year.at_home()
        year.picture(year.phone, f"16-patient-home-{day}")
        assert year.mailed() == year.asked, "nobody is asked while the plan is paused"


def look_back(year: Year) -> None:
    """The year in one picture, in numbers, and on paper."""
    desk = year.enter()
    text = year.see("/timeline")
    assert "Course of " + year.name in text
    assert desk.locator("svg.chart-wide:visible").count() == 1
    drawn = desk.locator("svg.chart-wide").inner_html()
    for words in ("Maintenance", "Paused", "7 d", "28 d", "21 d", "given 30 mg", "Blood in the urine was reported"):
        assert words in drawn, words
    check_numbers(year)
    year.picture(desk, "17-timeline")
    hand_on(year)


def check_numbers(year: Year) -> None:
    """A row for each date: its PEG, its dose, what was raised and what became of the plan."""
    rows = [one.inner_text() for one in year.desk.locator(".timeline-table tbody tr").all()]
    text = "\n".join(rows)
    assert text.count("30 mg") >= 12, "twelve sessions"
    for day, *words in (
        (0, "Plan begins", "Plan v1: every 7 days"), (22, "good news: Substantial relief", "3.0"),
        (43, "Plan v2: every 28 days"), (155, "look soon: Benefit waning", "5.0", "every 21 days"),
        (267, "look today: Blood in the urine", "Paused: Blood in the urine: until urology has seen her"),
    ):  # fmt: skip
        row = next(one for one in rows if one.startswith(when.say_on(year.day(day))))
        assert all(one in row for one in words), row


def hand_on(year: Year) -> None:
    """The page to print for another clinician names who it is for; it fits the paper."""
    desk = year.desk
    desk.get_by_text("Export for another clinician").click()
    acts.fill(desk, to_whom="Dr. Otto Lang", why="A second opinion.")
    desk.get_by_label("A page to print").check()
    press(desk, "Export")
    desk.emulate_media(media="print")
    desk.set_viewport_size({"width": 688, "height": 1000})  # A4 within its margins
    text = desk.inner_text("main")
    for words in (year.name, "Dr. Otto Lang", "Maintenance, paused", "Called: no fever."):
        assert words in text, words
    assert desk.evaluate("document.documentElement.scrollWidth") <= 688
    desk.screenshot(path=year.pictures / "18-print.png", full_page=True)
    desk.emulate_media(media="screen")
