"""The same key and request give the same answer and the same row; another request, or one under way, is refused."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from carepath.accounts import answers
from carepath.accounts.answers import Answer
from carepath.app import create_app
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.errors import Conflict
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.test_races import ready

Fresh = Callable[[], Browser]
KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
async def ana(browser: Fresh, settings: Settings) -> Browser:
    await cast.provider()
    found = (await ready(settings, browser, 1))[0]
    found.http.follow_redirects = False
    return found


async def slots(who: Browser, count: int = 2) -> list[str]:
    first = (clock.now() + timedelta(days=3)).date()
    offers = await book.offers(who.actor, first, clock.now())  # type: ignore[attr-defined]
    return [f"{o.practitioner_id}@{o.start_at.isoformat(timespec='seconds')}" for o in offers[: count * 8 : 8]]


async def holds() -> list[UUID]:
    return [r["id"] for r in await db.rows("SELECT id FROM appointment ORDER BY created_at, id")]


async def test_a_retry_gets_the_same_answer_and_makes_no_second_row(ana: Browser):
    slot = (await slots(ana))[0]
    first = await ana.post("/slots", {"slot": slot}, headers=KEY)
    again = await ana.post("/slots", {"slot": slot}, headers=KEY)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await holds()) == 1


async def test_confirming_again_under_a_key_answers_the_same_even_after_the_visit_has_changed(ana: Browser):
    held = await ana.post("/slots", {"slot": (await slots(ana))[0]})
    path = held.headers["location"]
    first = await ana.post(f"{path}/confirm", {}, headers=KEY)
    visit = first.headers["location"]
    cancelled = await ana.post(f"{visit}/cancel", {"reason": "Ill"}, headers={"Idempotency-Key": "k-2"})
    assert cancelled.status_code == 303
    again = await ana.post(f"{path}/confirm", {}, headers=KEY)
    assert (again.status_code, again.headers["location"]) == (303, visit)
    found = await db.rows("SELECT status FROM appointment")
    assert [r["status"] for r in found] == ["cancelled"]


async def test_a_key_with_another_request_is_refused_and_says_so(ana: Browser):
    one, two = await slots(ana)
    await ana.post("/slots", {"slot": one}, headers=KEY)
    other = await ana.post("/slots", {"slot": two}, headers=KEY)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.text
    assert len(await holds()) == 1


async def test_a_refusal_is_kept_like_any_answer(ana: Browser, browser: Fresh, settings: Settings):
    slot = (await slots(ana))[0]
    held = await ana.post("/slots", {"slot": slot})
    bo = (await ready(settings, browser, 2))[1]
    lost = await bo.post("/slots", {"slot": slot}, headers=KEY)
    await ana.post(f"{held.headers['location']}/release", {})
    again = await bo.post("/slots", {"slot": slot}, headers=KEY)
    assert (lost.status_code, again.status_code) == (409, 409)
    assert lost.content == again.content
    fresh = await bo.post("/slots", {"slot": slot}, headers={"Idempotency-Key": "k-2"})
    assert fresh.status_code == 303 or fresh.history


async def test_the_key_is_ones_own(ana: Browser, browser: Fresh, settings: Settings):
    one, two = await slots(ana)
    bo = (await ready(settings, browser, 2))[1]
    bo.http.follow_redirects = False
    first = await ana.post("/slots", {"slot": one}, headers=KEY)
    other = await bo.post("/slots", {"slot": two}, headers=KEY)
    assert (first.status_code, other.status_code) == (303, 303)
    assert first.headers["location"] != other.headers["location"]


async def test_fifty_at_once_under_one_key_make_one_row(ana: Browser):
    slot = (await slots(ana))[0]
    answers_ = await asyncio.gather(*(ana.post("/slots", {"slot": slot}, headers=KEY) for _n in range(50)))
    codes = [a.status_code for a in answers_]
    assert set(codes) <= {303, 409}
    assert 303 in codes
    assert {a.headers["location"] for a in answers_ if a.status_code == 303} == {f"/holds/{(await holds())[0]}"}
    assert all(a.headers["retry-after"] == "1" for a in answers_ if a.status_code == 409)
    assert len(await holds()) == 1
    after = await ana.post("/slots", {"slot": slot}, headers=KEY)
    assert after.status_code == 303


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "é", "a\tb"])
async def test_a_key_that_cannot_be_one_is_named(ana: Browser, key: str):
    answer = await ana.post("/slots", {"slot": "x"}, headers={"Idempotency-Key": key.encode()})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.text


async def test_it_outlives_a_restart(ana: Browser, settings: Settings):
    slot = (await slots(ana))[0]
    first = await ana.post("/slots", {"slot": slot}, headers=KEY)
    later = Browser(create_app(settings))
    later.http.follow_redirects = False
    later.http.cookies.set("carepath", ana.http.cookies.get("carepath"))
    later.token = ana.token
    again = await later.post("/slots", {"slot": slot}, headers=KEY)
    await later.http.aclose()
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])


async def test_what_is_kept_names_nobody(ana: Browser):
    await ana.post("/slots", {"slot": "not a slot"}, headers=KEY)
    kept = await db.row("SELECT answer_enc FROM idempotent_answer")
    assert kept is not None
    assert b"Choose" not in bytes(kept["answer_enc"])


async def wrote(name: str) -> None:
    async with db.transaction():
        await db.execute("INSERT INTO heartbeat (name, at) VALUES ({}, {})", name, clock.wall())


async def names() -> set[str]:
    return {str(r["name"]) for r in await db.rows("SELECT name FROM heartbeat")}


async def test_work_that_fails_inside_leaves_nothing_though_the_answer_is_kept(database: Settings):
    async def work() -> Answer:
        await wrote("kept")
        try:
            async with db.transaction():
                await wrote("undone")
                raise Conflict("no")
        except Conflict:
            return Answer(409, {}, b"no")

    answer = await answers.once("me", "k", b"r", work, clock.now())
    assert (answer.status, await names()) == (409, {"kept"})


async def test_a_fault_of_ours_undoes_everything_and_is_not_kept(database: Settings):
    done = []

    async def work() -> Answer:
        done.append(await wrote("half"))
        return Answer(500 if len(done) == 1 else 200, {}, b"")

    first = await answers.once("me", "k", b"r", work, clock.now())
    assert (first.status, await names()) == (500, set())
    second = await answers.once("me", "k", b"r", work, clock.now())
    assert (second.status, second.is_repeat, await names()) == (200, False, {"half"})


async def test_answers_are_forgotten_after_a_week(database: Settings):
    async def work() -> Answer:
        return Answer(200, {}, b"")

    await answers.once("me", "k", b"r", work, clock.now() - timedelta(days=8))
    await answers.once("me", "k2", b"r", work, clock.now() - timedelta(days=6))
    await answers.forget(clock.now())
    assert len(await db.rows("SELECT 1 FROM idempotent_answer")) == 1
