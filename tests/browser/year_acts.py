"""What a provider does at the desk in a year of treatment, and what a patient answers."""

from typing import Any

from tests.browser.test_journey import press
from tests.browser.year import Year


def fill(page: Any, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#{name}", value)


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


def red_mails(year: Year) -> list[Any]:
    address = next(one["email"] for one in year.stack.runtime["sign_ins"] if one["name"] == year.provider)
    return [mail for mail in year.stack.mails(address) if "Something to look at today" in str(mail["Subject"])]
