"""A provider's page of a patient: signals the worst first, acknowledged together, readings written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from carepath.followups import service as followups
from carepath.followups.service import PlanDraft, Reading, Signal
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.web.provider.signal_views import signals_view
from tests import cast
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in

Fresh = Callable[[], Browser]


@dataclass(frozen=True, slots=True)
class Page:
    """Rosa looks at Paula, who has said three things."""

    rosa: cast.Staff
    browser: Browser
    path: str
    signals: tuple[Signal, ...]


@pytest.fixture
async def page(browser: Fresh) -> Page:
    rosa, paula, now = await cast.provider(), await cast.patient(), clock.now()
    draft = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk to the shop.", now.date())
    plan = await followups.write_plan(rosa.actor, paula.id, draft, now)
    for days, said in ((3, {"change": 5}), (2, {"item9": 1}), (1, {"has_new_medicine": True})):
        found = Reading(new_id(), now - timedelta(days=days), "staff", **said)  # type: ignore[arg-type]
        await followups.take_reading(SYSTEM, plan, found, new_id(), None, now)
    raised = await followups.signals_of(SYSTEM.scope, paula.id)
    return Page(rosa, await sign_in(browser(), rosa), f"/provider/patients/{paula.id}", tuple(raised))


def order(text: str) -> list[str]:
    return re.findall(r'class="hint">(phq-item9|waning-change|new-medicine) v', text)


async def test_the_worst_stands_first_with_rule_source_and_readings(page: Page):
    text = main_of((await page.browser.get(page.path)).text)
    assert order(text) == ["phq-item9", "new-medicine", "waning-change"]
    for words in ("look today", "item 9: 1", "LOINC 44260-8", "PGIC 5", "look soon"):
        assert words in text


async def test_several_are_acknowledged_with_one_note_and_move_to_the_earlier_ones(page: Page):
    ids = [str(one.id) for one in page.signals if one.severity == "amber"]
    answer = await page.browser.post(f"{page.path}/signals", {"signal": ids, "signal_note": "Talked on the phone."})
    assert answer.url.path == page.path
    assert await count("signal", "is_open") == 1
    assert answer.text.count("Talked on the phone.") == 2
    assert "Acknowledged" in answer.text


async def test_without_a_note_nothing_is_acknowledged_and_the_ticks_stay(page: Page):
    ids = [str(one.id) for one in page.signals]
    answer = await page.browser.post(f"{page.path}/signals", {"signal": ids[:2], "signal_note": " "})
    assert answer.status_code == 422
    assert "Write what you did." in answer.text
    assert len(re.findall(r'name="signal"[^>]* checked', answer.text)) == 2
    answer = await page.browser.post(f"{page.path}/signals", {"signal_note": "Seen."})
    assert answer.status_code == 422
    assert "Choose at least one signal." in answer.text
    assert await count("signal", "is_open") == 3


async def test_a_reading_is_written_and_raises_what_it_says(page: Page):
    day = (clock.now() - timedelta(days=2)).date().isoformat()
    entry = re.findall(r'name="reading_entry" value="([^"]+)"', (await page.browser.get(page.path)).text)
    said = {"reading_entry": entry[0], "reading_on": day, "reading_at": "09:30", "reading_systolic": "185",
            "reading_diastolic": "95"}  # fmt: skip
    for _twice in range(2):
        answer = await page.browser.post(f"{page.path}/readings", said)
        assert "Blood pressure above 180/110." in answer.text
        assert "blood pressure 185/95" in answer.text
    assert await count("reading", "source = 'staff'") == 4


async def test_a_reading_that_cannot_be_keeps_what_was_typed(page: Page):
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    entry = str(new_id())
    said = {"reading_entry": entry, "reading_on": day, "reading_at": "09:30", "reading_peg": "4,5"}
    answer = await page.browser.post(f"{page.path}/readings", said)
    assert answer.status_code == 422
    for words in ("This time is still to come.", f'value="{day}"', 'value="4,5"', f'value="{entry}"'):
        assert words in answer.text


async def test_lists_of_overdue_and_due_say_that_they_leave_out_whom_a_signal_ranks_higher(page: Page):
    now = clock.now() + timedelta(days=14)
    async with db.transaction():
        await followups.open_due(now)
    async with db.transaction():
        await followups.climb(1, now + timedelta(days=3))
    every = main_of((await page.browser.get("/provider/follow-ups")).text)
    for words in ("Red 1", "Overdue, no signal 0", "Due, no signal 0", "3 signals", "overdue"):
        assert words in every, words
    late = main_of((await page.browser.get("/provider/follow-ups?show=overdue")).text)
    assert "Nobody on this list." in late
    desk = main_of((await page.browser.get("/provider")).text)
    assert "Red 1" in desk
    for one in page.signals:
        await followups.acknowledge(page.rosa.actor, one.patient_id, [one.id], "Called.", now)
    assert "Overdue, no signal 1" in main_of((await page.browser.get("/provider")).text)


@pytest.mark.parametrize("hour", [0, 12])
def test_what_is_about_a_day_names_that_day_and_no_hour(hour: int):
    """Those of before were stamped at midnight UTC, which is the evening before in Denver."""
    at = datetime(2026, 11, 1, hour, tzinfo=UTC)
    labs = Signal(
        new_id(), new_id(), None, "labs-due", "1", "amber", "Labs are due.", "us", {"day": "2026-11-01"}, at, None, None,
        None, "plan:x:labs", at, None, True,
    )  # fmt: skip
    (shown,) = signals_view([labs], "America/Denver", at, frozenset(), (), True).open
    assert (shown.since, shown.readings) == ("on Nov 1, 2026", "")
