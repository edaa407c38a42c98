"""Fifty patients want one time, over HTTP."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from random import Random

from carepath import configuration
from carepath.accounts import sessions
from carepath.dev import life
from carepath.dev.people import DemoPatient, patients
from carepath.journey import book
from carepath.kit import clock, db
from carepath.settings import Settings
from carepath.web.gate import csrf_token
from tests import cast
from tests.web.client import Browser

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
        one = life._Life(here, {}, loaded.intake, Random(person.number), now)
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
