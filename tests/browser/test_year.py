"""A year of treatment in a real browser: six sessions, relief, waning, another interval, a bladder symptom, a pause."""

from pathlib import Path
from typing import Any

import pytest

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


def fill(page: Any, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#{name}", value)


def plan_the_induction(year: Year) -> None:
    desk = year.enter()
    clear_the_desk(year)
    assert "A plan follows" not in year.see("/plan")
    year.picture(desk, "01-plan-form")
    for name, value in {"phase": "induction", "route": "iv", "setting": "clinic", "unit": "mg"}.items():
        desk.select_option(f"#{name}", value)
    dates = [year.day(1 + 7 * n).isoformat() for n in range(6)]
    fill(
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


def clear_the_desk(year: Year) -> None:
    """Whatever is red from before is seen to, so that what comes later is the first to be seen."""
    desk, red = year.desk, f"{year.stack.base}/provider/follow-ups?show=red"
    desk.goto(red)
    while desk.locator("ol.worklist a.name").count():
        desk.locator("ol.worklist a.name").first.click()
        for box in desk.locator("input[name=signal]").all():
            box.check()
        desk.fill("#signal_note", "Called; seen to.")
        press(desk, "Acknowledge")
        desk.goto(red)


def write_down(year: Year, number: int) -> str:
    """A session of that day, as it went; what the page of sessions says then."""
    desk = year.desk
    desk.goto(f"{year.stack.base}{year.patient}/sessions/new")
    assert desk.input_value("#route") == "iv"
    assert desk.input_value("#dose_amount") == "", "a dose is never filled in"
    desk.select_option("#dose_unit", "mg")
    told = {"held_on": year.day(number).isoformat(), "held_time": "10:00", "dose_amount": "30", "home_with": "a sister"}
    vitals = {"systolic": "124", "diastolic": "78", "heart_rate": "70"}
    fill(desk, **told, **{f"{when}_{name}": n for when in ("before", "after") for name, n in vitals.items()})
    fill(desk, before_oxygen="98", after_oxygen="97", dissociation="4", distress="1")
    desk.get_by_text("Nausea" if number == 1 else "None", exact=True).click()
    desk.select_option("#severity", "mild" if number == 1 else "")
    for name in ("escort", "will_not_drive"):
        desk.locator(f"#{name}").check()
    press(desk, "Save the session")
    return str(desk.inner_text("main"))


def said(peg: int, change: str) -> dict[str, str]:
    n = str(peg)
    pain = dict.fromkeys(("your pain on average", "enjoyment of life", "general activity", "pain right now"), n)
    return {**pain, "how is your pain overall": change, "wear off sooner": "No"}


def live_through_the_induction(year: Year) -> None:
    """A session a week, and before each the answers of the week. The first relief comes with the third answers."""
    course = ((8, "No change"), (6, "Minimally improved"), (3, "Much improved"), (3, "Much improved"), (3, "Much improved"))
    year.go_to(1)
    year.enter()
    assert "Session 1" in write_down(year, 1)
    for number, (peg, change) in enumerate(course, 2):
        day = 7 * number - 6
        year.go_to(day)
        assert "How have you been?" in year.called()
        if number == 2:
            year.picture(year.phone, "03-check-in")
        year.answer(said(peg, change))
        year.enter()
        text = write_down(year, day)
        assert f"Session {number}" in text, text[:300]
    year.picture(year.desk, "04-sessions")


def signals(year: Year) -> str:
    """What stands on the patient's page to be looked at."""
    year.see()
    form = year.desk.locator("form", has=year.desk.locator("#signal_note"))
    return str(form.inner_text()) if form.count() else ""


def acknowledge(year: Year, note: str) -> None:
    """Everything that is open, with one note; without a note nothing is acknowledged."""
    desk = year.desk
    for box in desk.locator("input[name=signal]").all():
        box.check()
    press(desk, "Acknowledge")
    assert "Write what you did." in desk.inner_text("main")
    desk.fill("#signal_note", note)
    press(desk, "Acknowledge")
    assert "Signals to look at" not in desk.inner_text("main")


def rewrite(year: Year, reason: str, **values: str) -> str:
    """The next version of the plan; what the page says then."""
    desk = year.desk
    year.see("/plan")
    desk.get_by_text("Write the next version").click()
    phase = values.pop("phase", None)
    if phase:
        desk.select_option("#phase", phase)
    fill(desk, reason=reason, **values)
    press(desk, "Save the plan")
    return str(desk.inner_text("main"))


def go_over_to_maintenance(year: Year) -> None:
    """Relief is good news that waits for nobody; the plan goes on with a session every four weeks."""
    year.go_to(43)
    year.called()
    year.answer(said(3, "Much improved"))
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
    text = rewrite(
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
    year.answer(said(peg, change))


def hold_and_wane(year: Year) -> None:
    """Best at two in a row; then the effect wears off, and the desk says so with the readings behind it."""
    month(year, 71, 3, "Much improved")
    month(year, 99, 3, "Much improved")
    year.enter()
    write_down(year, 64)
    write_down(year, 92)
    see_to_what_is_due(year, 190)
    month(year, 127, 5, "Minimally improved")
    month(year, 155, 5, "Minimally improved")
    desk = year.enter()
    row = year.row().inner_text()
    assert "Benefit waning" in row, row
    assert "best 3 → now 5" in row, row
    year.picture(desk, "08-desk-waning")
    text = signals(year)
    for words in ("look soon", "Benefit waning: PEG at least 1.0 above best at two check-ins in a row.", "PEG 5", "best 3"):
        assert words in text, text
    year.picture(desk, "09-patient-waning")


def see_to_what_is_due(year: Year, until: int) -> None:
    """Labs and register are seen to, the prescription is renewed."""
    desk = year.desk
    for heading, button in (("Labs", "Labs are seen"), ("PDMP", "PDMP is checked"), ("Prescription", "It is renewed")):
        year.see("/plan")
        desk.locator("summary", has_text=heading).first.click()
        if heading == "Prescription":
            fill(desk, renewed_until=year.day(until).isoformat())
        press(desk, button)
    assert "due since" not in desk.inner_text("main")
    if signals(year):
        acknowledge(year, "Labs and PDMP are seen to.")


def shorten_the_interval(year: Year) -> None:
    acknowledge(year, "Talked on the phone: three good weeks, then a poor one.")
    text = rewrite(year, "The effect lasts three weeks.", interval_days="21")
    assert "A session every: 28 days → 21 days" in text, text
    assert "The effect lasts three weeks." in text
    year.picture(year.desk, "10-plan-v3")
    write_down(year, 120)
    write_down(year, 148)
    month(year, 183, 3, "Much improved")
    month(year, 211, 3, "Much improved")
    year.enter()
    write_down(year, 169)
    write_down(year, 190)
    see_to_what_is_due(year, 330)
    month(year, 239, 3, "Much improved")


def report_blood(year: Year) -> None:
    """Red at once: a mail that says nothing of it, the first line of the desk."""
    told = len(red_mails(year))
    year.go_to(267)
    year.called()
    year.picture(year.phone, "11-check-in-monthly")
    text = year.answer(said(3, "Much improved") | {"Your bladder": "Blood in the urine"})
    assert "Your answers are with your provider." in text, text
    assert "call the clinic" in text, text
    year.picture(year.phone, "12-check-in-sent")
    year.phone.goto(year.link)
    assert year.phone.locator("h1").inner_text() != "How have you been?", "a link is good once"
    wait(lambda: len(red_mails(year)) > told, "the mail about what is red")
    mail = red_mails(year)[-1].as_string()
    assert not [words for words in ("lood", "bladder", "urine", "ketamine", year.name) if words in mail]
    desk = year.enter()
    row = year.row()
    assert "Blood in the urine" in row.inner_text(), row.inner_text()
    first = desk.locator("section", has=desk.locator("#follow")).locator("ol.worklist li").first
    assert year.name in first.inner_text(), first.inner_text()
    year.picture(desk, "13-desk-blood")


def red_mails(year: Year) -> list[Any]:
    address = next(one["email"] for one in year.stack.runtime["sign_ins"] if one["name"] == year.provider)
    return [mail for mail in year.stack.mails(address) if "Something to look at today" in str(mail["Subject"])]


def pause(year: Year) -> None:
    """The symptom is acknowledged, the plan paused; from then on nobody asks any more."""
    desk, text = year.desk, signals(year)
    for words in ("look today", "Blood in the urine was reported", "bladder: blood"):
        assert words in text, text
    year.picture(desk, "14-patient-blood")
    acknowledge(year, "Called: no fever. Urinalysis today, urology on Thursday.")
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
        assert "paused" in year.at_home()
        year.picture(year.phone, f"16-patient-home-{day}")
        assert year.mailed() == year.asked, "nobody is asked while the plan is paused"


def look_back(year: Year) -> None:
    """The year in one picture, in numbers, and on paper."""
    desk = year.enter()
    text = year.see("/timeline")
    assert "Paused" in text
    year.picture(desk, "17-timeline")
