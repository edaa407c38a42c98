"""Fifty clients at once, over HTTP: exactly the legal winners, and never a server error."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

from carepath import configuration
from carepath.accounts import sessions
from carepath.dev import life
from carepath.dev.people import DemoPatient, patients
from carepath.dev.years import Life
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from carepath.web.gate import csrf_token
from tests import cast
from tests.web.client import Browser
from tests.web.desks import sign_in

Fresh = Callable[[], Browser]


async def ready(settings: Settings, browser: Fresh, count: int) -> list[Browser]:
    """Signed-in patients in Colorado whose answers are in."""
    loaded, now = configuration.load(settings.config_dir), clock.now()
    found = []
    for person in patients(count, 3, now.date()):
        here = DemoPatient(
            person.number,
            person.first,
            person.last,
            person.email,
            person.born,
            "CO",
            "America/Denver",
            "sent",
            7,
            "Walk.",
        )
        one = Life(here, {}, loaded.intake, Random(person.number), now)
        await life._apply(one, now)
        await life._answer(one, now, most=99)
        await life._send(one, now)
        assert one.me.patient_id is not None
        token, mine = await sessions.open_for_patient(one.me.patient_id, "test", now), browser()
        mine.http.cookies.set("carepath", token)
        mine.token = csrf_token(token)
        mine.actor = one.me  # type: ignore[attr-defined]
        found.append(mine)
    return found


async def race(browsers: list[Browser], slots: list[str]) -> tuple[list[int], float]:
    """Everybody posts at once; status codes, and the slowest answer in seconds."""
    slowest = 0.0

    async def one(mine: Browser, slot: str) -> int:
        nonlocal slowest
        began = time.monotonic()
        answer = await mine.post("/slots", {"slot": slot})
        slowest = max(slowest, time.monotonic() - began)
        return answer.status_code

    codes = await asyncio.gather(*(one(mine, slot) for mine, slot in zip(browsers, slots, strict=True)))
    return list(codes), slowest


async def slots_of(mine: Browser) -> list[str]:
    """What the page of times would send for each, soonest first."""
    first = (clock.now() + timedelta(days=3)).date()
    offers = await book.offers(mine.actor, first, clock.now())  # type: ignore[attr-defined]
    return [f"{one.practitioner_id}@{one.start_at.isoformat(timespec='seconds')}" for one in offers]


def patient_of(mine: Browser) -> UUID:
    return UUID(str(mine.actor.patient_id))  # type: ignore[attr-defined]


async def statuses(mine: Browser) -> list[str]:
    """Of what the patient has or had; holds that went away are left out."""
    return [one.status for one in await scheduling.appointments_of(SYSTEM.scope, patient_of(mine))]


async def overlaps() -> int:
    found = await db.row(
        """SELECT count(*) AS n FROM appointment a JOIN appointment b ON a.id < b.id AND a.practitioner_id = b.practitioner_id
           AND a.occupied && b.occupied WHERE a.status IN ('proposed', 'booked') AND b.status IN ('proposed', 'booked')"""
    )
    assert found is not None
    return int(found["n"])


async def test_fifty_at_once_for_one_time_one_gets_it_and_the_others_get_alternatives(
    browser: Fresh, settings: Settings
):
    await cast.provider()
    crowd = await ready(settings, browser, 50)
    first = (clock.now() + timedelta(days=3)).date()
    offers = await book.offers(crowd[0].actor, first, clock.now())  # type: ignore[attr-defined]
    same = f"{offers[4].practitioner_id}@{offers[4].start_at.isoformat(timespec='seconds')}"
    codes, slowest = await race(crowd, [same] * 50)
    assert sorted(set(codes)) == [200, 409]
    assert codes.count(200) == 1
    assert await overlaps() == 0
    assert slowest < 20, "a deadlock would take this long; speed itself is shown by the benchmarks"


async def test_fifty_at_once_for_overlapping_times_make_a_legal_set(browser: Fresh, settings: Settings):
    await cast.provider()
    crowd = await ready(settings, browser, 50)
    first = (clock.now() + timedelta(days=3)).date()
    offers = await book.offers(crowd[0].actor, first, clock.now())  # type: ignore[attr-defined]
    near = [f"{o.practitioner_id}@{o.start_at.isoformat(timespec='seconds')}" for o in offers[:6]]
    codes, _slowest = await race(crowd, [near[n % len(near)] for n in range(50)])
    assert set(codes) <= {200, 409}
    assert 1 <= codes.count(200) <= len(near)
    assert await overlaps() == 0


async def test_two_tabs_of_one_patient_click_at_once_and_one_hold_stays(browser: Fresh, settings: Settings):
    await cast.provider()
    [mine] = await ready(settings, browser, 1)
    near = await slots_of(mine)
    codes, _slowest = await race([mine] * 50, [near[n % 2 * 8] for n in range(50)])
    assert set(codes) == {200}
    assert await statuses(mine) == ["proposed"]


async def test_moving_and_cancelling_at_once_ends_cancelled(browser: Fresh, settings: Settings):
    await cast.provider()
    [mine] = await ready(settings, browser, 1)
    near = await slots_of(mine)
    await mine.post("/slots", {"slot": near[0]})
    [held] = await scheduling.appointments_of(SYSTEM.scope, patient_of(mine))
    await mine.post(f"/holds/{held.id}/confirm")
    assert await statuses(mine) == ["booked"]
    path = f"/visits/{held.id}"
    answers = await asyncio.gather(
        *(mine.post(f"{path}/move", {"slot": near[8]}) if n % 2 else mine.post(f"{path}/cancel") for n in range(50))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert sum(answer.status_code == 200 for answer in answers) >= 25, "whoever cancels sees a cancelled visit"
    assert await statuses(mine) == ["cancelled"]
    assert await overlaps() == 0


async def test_patients_hold_while_a_coordinator_books_and_one_of_fifty_gets_it(browser: Fresh, settings: Settings):
    await cast.provider()
    crowd = await ready(settings, browser, 25)
    desk = await sign_in(browser(), await cast.coordinator())
    same = (await slots_of(crowd[0]))[4]
    others = [await cast.patient(f"Pat{n}") for n in range(25)]
    booking = [desk.post(f"/coordinator/book/{one.id}", {"slot": same, "visit": "evaluation"}) for one in others]
    answers = await asyncio.gather(*(mine.post("/slots", {"slot": same}) for mine in crowd), *booking)
    codes = [answer.status_code for answer in answers]
    assert (codes.count(200), codes.count(409)) == (1, 49)
    found = await db.rows("SELECT 1 FROM appointment WHERE status IN ('proposed', 'booked')")
    assert len(found) == 1
