"""A web process dies or freezes in the middle of a write with an Idempotency-Key: the retry finds one row and the truth."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from carepath.kit import db
from carepath.scheduling import turn_queries
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.deployed import Web, Write, blocker, elsewhere, slots_with, webs
from tests.web.desks import count, sign_in
from tests.web.test_races import overlaps, patient_of, ready

Fresh = Callable[[], Browser]


@dataclass(frozen=True, slots=True)
class Scene:
    """Three writes that do not touch each other: a hold, a confirmation, and a booking by the desk."""

    hold: Write
    confirm: Write
    book: Write
    providers: tuple[UUID, ...]

    @property
    def writes(self) -> tuple[Write, ...]:
        return self.hold, self.confirm, self.book


@pytest.fixture
async def scene(browser: Fresh, settings: Settings) -> Scene:
    doctors = [await cast.provider(name) for name in ("Rosa Delgado", "Ned Okafor", "Ida Brandt")]
    ids = tuple(one.practitioner.id for one in doctors if one.practitioner)
    ana, bo = await ready(settings, browser, 2)
    desk, cy = await sign_in(browser(), await cast.coordinator()), await cast.patient("Cy", "Moor")
    bo.http.follow_redirects = False
    held = await bo.post("/slots", {"slot": (await slots_with(bo, ids[1]))[0]})
    return Scene(
        Write(ana, "/slots", {"slot": (await slots_with(ana, ids[0]))[0]}, "hold-1"),
        Write(bo, f"{held.headers['location']}/confirm", {}, "confirm-1"),
        Write(desk, f"/coordinator/book/{cy.id}", {"slot": (await slots_with(ana, ids[2]))[0], "visit": "follow-up"}, "book-1"),
        ids,
    )  # fmt: skip


LOCKS = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) key"
GATE = 4242
LATE = "before its answer is kept"
Task = asyncio.Task[httpx.Response]
# A write's last statement waits for the gate, or its COMMIT takes its time.
SLOW = {
    "before its answer is kept": (f"PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW", "TRIGGER slow BEFORE INSERT ON idempotent_answer"),
    "while it commits": ("PERFORM pg_sleep(3); RETURN NULL", "CONSTRAINT TRIGGER slow AFTER INSERT ON idempotent_answer DEFERRABLE INITIALLY DEFERRED"),
}  # fmt: skip
WAITS = {
    "before it begins to write": "wait_event = 'advisory'",
    "before its answer is kept": "wait_event = 'advisory' AND query LIKE '%idempotent_answer%'",
    "while it commits": "wait_event = 'PgSleep' AND query = 'COMMIT'",
}


@asynccontextmanager
async def slow(moment: str) -> AsyncIterator[None]:
    does, trigger = SLOW.get(moment, ("RETURN NULL", ""))
    async with db.transaction():
        await db.script(f"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {does}; END'")
        if trigger:
            await db.script(f"CREATE {trigger} FOR EACH ROW EXECUTE FUNCTION slow()")
    try:
        yield
    finally:
        await db.execute("DROP FUNCTION slow CASCADE")


def gate(moment: str, scene: Scene, settings: Settings) -> AbstractAsyncContextManager[object]:
    """Nobody passes that moment until the end of the block."""
    return blocker(settings, LOCKS, [GATE] if moment in SLOW else turn_queries._keys(scene.providers))


async def backends(where: str) -> int:
    return await count("pg_stat_activity", f"datname = current_database() AND {where}")


async def until(where: str, number: int, seconds: float = 15) -> None:
    """So many connections are in that state."""
    for _tick in range(int(seconds * 20)):
        if await backends(where) == number:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not {number} but {await backends(where)} with {where}")


async def check_done_once(scene: Scene, web: Web) -> None:
    """Every write was done once, and says so again."""
    answers = [await one.insist(web) for one in scene.writes]
    assert [a.status_code for a in answers] == [303] * 3, [a.text for a in answers]
    again = [await one.send(web) for one in scene.writes]
    assert [a.headers["location"] for a in again] == [a.headers["location"] for a in answers]
    assert {a.headers["idempotency-replayed"] for a in again} == {"true"}
    found = await db.rows("SELECT id, status FROM appointment ORDER BY status")
    assert [r["status"] for r in found] == ["booked", "booked", "proposed"]
    assert {str(r["id"]) for r in found} == {a.headers["location"].rpartition("/")[2] for a in answers}
    assert await count("message", "kind = 'consult-booked'") == 2
    assert await count("audit_event", "action = 'book'") == 2
    assert await count("status_change", "action IN ('hold', 'confirm', 'book')") == 4
    assert await overlaps() == 0


@pytest.mark.parametrize("moment", WAITS)
async def test_killed_in_the_middle_the_same_request_is_done_once(scene: Scene, settings: Settings, moment: str):
    async with webs(settings) as (web,), slow(moment):
        async with gate(moment, scene, settings):
            lost = [asyncio.create_task(one.send(web)) for one in scene.writes]
            await until(WAITS[moment], 3)
            web.kill()
            ends = await asyncio.gather(*lost, return_exceptions=True)
            assert all(isinstance(end, httpx.TransportError) for end in ends), "nobody was told that it was done"
            await asyncio.to_thread(web.start)
        await check_done_once(scene, web)


async def test_what_a_killed_process_waited_for_is_not_waited_for_by_its_ghost(scene: Scene, settings: Settings):
    async with webs(settings) as (web,), slow(LATE), gate(LATE, scene, settings):
        lost = [asyncio.create_task(one.send(web)) for one in scene.writes]
        await until(WAITS[LATE], 3)
        web.kill()
        await asyncio.gather(*lost, return_exceptions=True)
        await until(WAITS[LATE], 0)
        assert await backends("state LIKE 'idle in transaction%'") == 1, "only the stranger's is left"


async def freeze(web: Web, writes: tuple[Write, ...], scene: Scene, settings: Settings) -> list[Task]:
    """The process stands still with all that these writes hold, one step before they are done."""
    async with gate(LATE, scene, settings):
        lost = [asyncio.create_task(one.send(web)) for one in writes]
        await until(WAITS[LATE], len(writes))
        web.send(signal.SIGSTOP)
    await until("state = 'idle in transaction'", len(writes))
    return lost


async def test_a_frozen_process_gives_its_keys_and_its_turns_back(scene: Scene, settings: Settings, browser: Fresh):
    async with webs(settings, 2) as (frozen, other), slow(LATE):
        dee = (await ready(settings, browser, 3))[2]
        rival = Write(dee, "/slots", {"slot": (await slots_with(dee, scene.providers[0]))[2]}, "dee-1")
        lost = await freeze(frozen, scene.writes, scene, settings)
        assert (await scene.hold.send(other)).status_code == 409
        answers = await asyncio.gather(*(one.insist(other) for one in (rival, *scene.writes)))
        assert [a.status_code for a in answers] == [303] * 4, "who wants the same provider waits no longer than that"
        assert await count("appointment", "status IN ('proposed', 'booked')") == await count("appointment") == 4
        frozen.send(signal.SIGCONT)
        late = await asyncio.gather(*lost)
        assert not any(answer.is_success or answer.is_redirect for answer in late), "it did nothing, and says so"
        assert (await scene.hold.insist(frozen)).headers["idempotency-replayed"] == "true"
        page = await elsewhere(scene.hold.who, frozen).get("/slots")
        assert page.status_code == 200, "its connections are good again"


async def life(number: int, who: Browser, slots: list[str], web: Web, stops: asyncio.Event) -> list[str]:
    """Hold, confirm, move, cancel, again and again, every step under a key of its own; the ids of the visits."""
    done = []
    while not stops.is_set() or not done:
        name = f"{number}-{len(done)}"
        held = await Write(who, "/slots", {"slot": slots[0]}, f"hold-{name}").insist(web)
        assert held.status_code == 303, held.text
        path = held.headers["location"].replace("holds", "visits")
        for step, fields in (("confirm", {}), ("move", {"slot": slots[1]}), ("cancel", {"reason": "Ill."})):
            where = held.headers["location"] if step == "confirm" else path
            answer = await Write(who, f"{where}/{step}", fields, f"{step}-{name}").insist(web)
            assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text
        done.append(path.rpartition("/")[2])
    return done


async def test_killed_again_and_again_under_load_nothing_is_lost_or_done_twice(browser: Fresh, settings: Settings):
    doctor = (await cast.provider()).practitioner
    assert doctor is not None
    crowd, rng = await ready(settings, browser, 5), random.Random(7)
    times, stops = await slots_with(crowd[0], doctor.id), asyncio.Event()
    async with webs(settings) as (web,):
        lives = [asyncio.create_task(life(n, who, times[2 * n : 2 * n + 2], web, stops)) for n, who in enumerate(crowd)]
        for _kill in range(5):
            await asyncio.sleep(rng.uniform(0.1, 0.9))
            web.kill()
            await asyncio.to_thread(web.start)
        stops.set()
        visits = [visit for found in await asyncio.gather(*lives) for visit in found]
    assert await count("appointment") == len(visits)
    for action in ("hold", "confirm", "move", "cancel"):
        assert await count("status_change", f"subject = 'appointment' AND action = '{action}'") == len(visits)
    for kind in ("booked", "moved", "cancelled"):
        assert await count("message", f"kind = 'consult-{kind}'") == len(visits)
    assert await count("appointment", "status = 'cancelled' AND version = 3") == len(visits)
    assert len(await db.rows("SELECT DISTINCT patient_id FROM appointment")) == len({patient_of(w) for w in crowd})
