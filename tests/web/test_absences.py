"""A provider's absence over HTTP: entered, looked at, accepted in part, refused whole, done."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, Replan, ReplanItem
from carepath.web.coordinator import replan_views
from tests import cast
from tests.web.client import Browser
from tests.web.desks import Desk, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]
TICKED = re.compile(r'name="visit" value="([0-9a-f-]{36})" checked')
BOXES = re.compile(r'name="visit" value="([0-9a-f-]{36})"')
DENVER = ZoneInfo("America/Denver")


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    made = await open_desk(browser)
    await cast.provider("Ned Okafor")
    return made


def next_monday() -> date:
    today = clock.now().date()
    return today + timedelta(days=7 - today.weekday() + 7)


async def visits(desk: Desk) -> list[Appointment]:
    """Paula on Monday and on Tuesday with Dr. Rosa, Otto on Monday."""
    otto = await cast.patient("Otto", "Lake")
    assert desk.doctor.practitioner is not None
    found = []
    for who, kind, day, hour in (
        (desk.paula, "evaluation", 0, 9), (otto, "evaluation", 0, 10), (desk.paula, "follow-up", 1, 9),
    ):  # fmt: skip
        at = clock.now().astimezone(DENVER).replace(hour=hour, minute=0, second=0, microsecond=0)
        on = next_monday() + timedelta(days=day)
        start = at.replace(year=on.year, month=on.month, day=on.day)
        found.append(
            await scheduling.book_for(
                SYSTEM, who.id, desk.doctor.practitioner.id, kind, start, "CO", "America/Denver", clock.now()
            )
        )
    return found


def away(desk: Desk, days: int = 1) -> dict[str, str]:
    assert desk.doctor.practitioner is not None
    monday = next_monday()
    return {
        "practitioner": str(desk.doctor.practitioner.id), "first_on": monday.isoformat(),
        "last_on": (monday + timedelta(days=days)).isoformat(),
    }  # fmt: skip


async def planned(desk: Desk) -> tuple[str, str]:
    """The plan's address and its page."""
    await desk.browser.get("/coordinator/absences")
    page = await desk.browser.post("/coordinator/absences", away(desk))
    assert re.fullmatch(r"/coordinator/replans/[0-9a-f-]{36}", page.url.path), page.text
    return page.url.path, page.text


async def versions(found: list[Appointment]) -> list[int]:
    return [(await scheduling.get(SYSTEM.scope, one.id)).version for one in found]


async def test_entering_an_absence_shows_where_everybody_would_go(desk: Desk) -> None:
    mine = await visits(desk)
    path, text = await planned(desk)
    words = main_of(text)
    assert {UUID(one) for one in TICKED.findall(text)} == {one.id for one in mine}
    for what in ("Paula Winter", "Otto Lake", "Dr. Ned Okafor", "same time", "the least possible", "waits for you"):
        assert what in words, what
    picture = re.search(r"<svg.*?</svg>", words, re.DOTALL)
    assert picture is not None
    assert 'role="img"' in picture[0]
    assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>3 visits of Dr. Rosa Delgado", picture[0])
    assert picture[0].count("<circle") == 6
    assert "style=" not in words
    assert await versions(mine) == [1, 1, 1]
    assert path in (await desk.browser.get("/coordinator/absences")).text
    assert await count("availability_exception", "kind = 'off'") == 1


async def test_sent_twice_under_one_key_it_is_planned_and_carried_out_once(desk: Desk) -> None:
    mine = await visits(desk)
    await desk.browser.get("/coordinator/absences")
    key = {"idempotency-key": "absence-1"}
    first = await desk.browser.post("/coordinator/absences", away(desk), key)
    again = await desk.browser.post("/coordinator/absences", away(desk), key)
    assert first.url.path == again.url.path
    assert await count("replan") == 1
    chosen, key = {"visit": [str(one.id) for one in mine]}, {"idempotency-key": "accept-1"}
    for _time in range(2):
        page = await desk.browser.post(f"{first.url.path}/accept", chosen, key)
        assert page.url.path == first.url.path
    assert await versions(mine) == [2, 2, 2]


async def test_under_a_key_a_lost_time_still_moves_nothing(desk: Desk) -> None:
    mine = await visits(desk)
    path, _text = await planned(desk)
    await scheduling.cancel(SYSTEM, mine[2].id, "ill", clock.now())
    page = await desk.browser.post(
        f"{path}/accept", {"visit": [str(one.id) for one in mine]}, {"idempotency-key": "accept-2"}
    )
    assert page.status_code == 409
    assert "was cancelled meanwhile" in page.text
    assert await versions(mine) == [1, 1, 2]
    assert await count("message", "kind LIKE 'consult%moved'") == 0


async def test_what_is_ticked_moves_and_the_page_says_so(desk: Desk) -> None:
    mine = await visits(desk)
    path, _text = await planned(desk)
    page = await desk.browser.post(f"{path}/accept", {"visit": [str(mine[0].id), str(mine[2].id)]})
    assert page.url.path == path
    words = main_of(page.text)
    assert "carried out" in words
    assert "kept where it was" in words
    assert not BOXES.findall(page.text)
    assert f"{path}/again" in page.text
    assert f"{path}/dismiss" not in page.text
    assert await versions(mine) == [2, 1, 2]
    assert await count("message", "kind = 'consults-moved'") == 1
    assert await count("message", "kind = 'consult-moved'") == 0
    page = await desk.browser.post(f"{path}/again")
    assert page.url.path != path
    assert TICKED.findall(page.text) == [str(mine[1].id)]


async def test_a_time_that_is_gone_moves_nothing_says_why_and_unticks_itself(desk: Desk) -> None:
    mine = await visits(desk)
    path, _text = await planned(desk)
    ned = next(p for p in await scheduling.practitioners(SYSTEM.scope) if p.name == "Dr. Ned Okafor")
    rita = await cast.patient("Rita", "Stone")
    await scheduling.book_for(
        SYSTEM, rita.id, ned.id, "evaluation", mine[0].start_at, "CO", "America/Denver", clock.now()
    )
    page = await desk.browser.post(f"{path}/accept", {"visit": [str(one.id) for one in mine]})
    assert page.status_code == 409
    assert "Nothing was moved" in page.text
    assert "Someone else has just taken this time" in page.text
    assert set(TICKED.findall(page.text)) == {str(mine[1].id), str(mine[2].id)}
    assert set(BOXES.findall(page.text)) == {str(one.id) for one in mine}
    assert await versions(mine) == [1, 1, 1]
    page = await desk.browser.post(f"{path}/accept", {"visit": TICKED.findall(page.text)})
    assert page.status_code == 200
    assert await versions(mine) == [1, 2, 2]


async def test_a_visit_that_changed_since_is_shown_unticked(desk: Desk) -> None:
    mine = await visits(desk)
    path, _text = await planned(desk)
    await scheduling.cancel(SYSTEM, mine[1].id, "ill", clock.now())
    page = await desk.browser.get(path)
    assert set(TICKED.findall(page.text)) == {str(mine[0].id), str(mine[2].id)}
    assert "changed meanwhile" in page.text


async def test_visits_without_any_place_stand_apart_with_their_link(desk: Desk) -> None:
    mine = await visits(desk)
    await db.execute("UPDATE practitioner SET is_active = false WHERE name = 'Dr. Ned Okafor'")
    assert desk.doctor.practitioner is not None
    await desk.browser.get("/coordinator/absences")
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    page = await desk.browser.post("/coordinator/absences", {**away(desk, 60), "first_on": yesterday})
    assert "No time could be found" in page.text
    assert f'href="/coordinator/consults/{mine[0].id}"' in page.text
    assert not BOXES.findall(page.text)
    assert "Accept what is ticked" not in page.text


async def test_dismissed_nothing_is_left_to_press_but_plan_again(desk: Desk) -> None:
    mine = await visits(desk)
    path, _text = await planned(desk)
    page = await desk.browser.post(f"{path}/dismiss")
    assert "dismissed" in main_of(page.text)
    assert re.findall(r'action="(/coordinator/replans/[^"]+)"', page.text) == [f"{path}/again"]
    assert (await desk.browser.post(f"{path}/accept", {"visit": [str(mine[0].id)]})).status_code == 409
    assert await versions(mine) == [1, 1, 1]


async def test_an_absence_without_visits_shows_the_days_off(desk: Desk) -> None:
    await desk.browser.get("/coordinator/absences")
    page = await desk.browser.post("/coordinator/absences", away(desk))
    assert page.url.path == desk.hours
    assert "Off:" in page.text
    assert await count("replan") == 0


async def test_flagged_visits_are_planned_by_one_button(desk: Desk) -> None:
    mine = await visits(desk)
    assert desk.doctor.practitioner is not None
    await scheduling.set_practitioner_active(SYSTEM, desk.doctor.practitioner.id, False, clock.now())
    page = await desk.browser.get("/coordinator/absences")
    assert "Dr. Rosa Delgado, MD: 3" in page.text
    page = await desk.browser.post("/coordinator/absences/flagged", {"practitioner": str(desk.doctor.practitioner.id)})
    assert {UUID(one) for one in TICKED.findall(page.text)} == {one.id for one in mine}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"practitioner", "first_on"}),
        ({"first_on": "2026-02-31"}, {"practitioner", "first_on"}),
        ({"last_on": "2020-01-01"}, {"last_on"}),
    ],
)
async def test_a_broken_absence_comes_back_and_enters_nothing(
    desk: Desk, fields: dict[str, str], wrong: set[str]
) -> None:
    await visits(desk)
    await desk.browser.get("/coordinator/absences")
    sent = fields if "last_on" not in fields else {**away(desk), **fields}
    page = await desk.browser.post("/coordinator/absences", sent)
    assert page.status_code == 422
    assert set(re.findall(r'class="error" id="(\w+)-error"', page.text)) == wrong
    assert await count("availability_exception") == await count("replan") == 0


async def test_other_roles_and_unknown_plans_are_refused(browser: Fresh, desk: Desk) -> None:
    await visits(desk)
    path, _text = await planned(desk)
    stranger = await sign_in(browser(), desk.doctor)
    for one in ("/coordinator/absences", path):
        assert (await stranger.get(one)).status_code == 403
    for one in (f"/coordinator/replans/{new_id()}", "/coordinator/replans/1"):
        assert (await desk.browser.get(one)).status_code == 404


NINE = datetime(2026, 12, 14, 16, 0, tzinfo=UTC)  # Monday, 9 AM in Denver


@pytest.mark.parametrize(
    ("minutes", "is_own", "words"),
    [
        (0, False, "same time"), (45, False, "45 min later"), (-150, False, "2 h 30 min earlier"),
        (24 * 60, False, "1 day later"), (3 * 24 * 60 + 60, True, "3 days later, same provider"),
        (14 * 60, False, "14 h later"), (15 * 60, False, "1 day later"), (-10 * 60, False, "1 day earlier"),
    ],
)  # fmt: skip
def test_a_displacement_is_said_in_days_of_the_patient(minutes: int, is_own: bool, words: str) -> None:
    away_id, ned = new_id(), new_id()
    to = NINE + timedelta(minutes=minutes)
    item = ReplanItem(
        new_id(),
        1,
        new_id(),
        "America/Denver",
        "evaluation",
        NINE,
        away_id if is_own else ned,
        "X",
        to,
        "proposed",
        True,
    )
    plan = Replan(new_id(), away_id, "Y", "UTC", NINE.date(), NINE.date(), "proposed", NINE, None, 1, 1, 1, (item,))
    assert replan_views._change(item, plan) == words
