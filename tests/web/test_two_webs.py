"""Two web processes over one database and one Valkey: the same key at both at the same moment is one write."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from carepath.kit import db
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.deployed import Web, Write, slots_with
from tests.web.desks import count, sign_in
from tests.web.test_races import overlaps, ready

Fresh = Callable[[], Browser]
ROUNDS = 12
AT_ONCE = 4  # at each process


@pytest.fixture
def both(database: Settings, two_webs: list[Web]) -> list[Web]:
    return two_webs


async def at_once(write: Write, both: list[Web]) -> list[httpx.Response]:
    return list(await asyncio.gather(*(write.send(web) for _n in range(AT_ONCE) for web in both)))


def check_one_answer(answers: list[httpx.Response]) -> str:
    """All are the same or in flight; where the same leads."""
    done = [a for a in answers if a.status_code == 303]
    for answer in answers:
        in_flight = answer.status_code == 409 and answer.headers.get("retry-after") == "1"
        assert answer in done or in_flight, (answer.status_code, answer.text)
    assert len({(a.headers["location"], a.content) for a in done}) == 1
    assert sum("idempotency-replayed" not in a.headers for a in done) == 1, "one of them did it"
    return str(done[0].headers["location"])


async def test_the_same_key_at_both_is_one_row_and_one_answer(both: list[Web], browser: Fresh, settings: Settings):
    doctor = (await cast.provider()).practitioner
    assert doctor is not None
    [ana] = await ready(settings, browser, 1)
    times = await slots_with(ana, doctor.id)
    assert len(times) > ROUNDS
    for n, slot in enumerate(times[:ROUNDS]):
        hold = Write(ana, "/slots", {"slot": slot}, f"hold-{n}")
        where = check_one_answer(await at_once(hold, both))
        confirm = Write(ana, f"{where}/confirm", {}, f"confirm-{n}")
        visit = check_one_answer(await at_once(confirm, both))
        for web in both:
            again, other = await hold.send(web), await Write(ana, "/slots", {"slot": times[-1]}, hold.key).send(web)
            assert (again.status_code, again.headers["location"]) == (303, where)
            assert (other.status_code, other.headers.get("location")) == (422, None)
            assert "Idempotency-Key" in other.text
        cancel = Write(ana, f"{visit}/cancel", {"reason": "Ill."}, f"cancel-{n}")
        check_one_answer(await at_once(cancel, both))
        assert await count("appointment") == n + 1
    for kind in ("booked", "cancelled"):
        assert await count("message", f"kind = 'consult-{kind}'") == ROUNDS
    assert await count("status_change", "subject = 'appointment'") == 3 * ROUNDS


async def test_the_same_key_with_other_times_at_both_is_one_of_them(
    both: list[Web], browser: Fresh, settings: Settings
):
    doctor = (await cast.provider()).practitioner
    assert doctor is not None
    [ana] = await ready(settings, browser, 1)
    times = await slots_with(ana, doctor.id)
    for n in range(ROUNDS):
        writes = [Write(ana, "/slots", {"slot": slot}, f"k-{n}") for slot in (times[n], times[n + 1])]
        answers = await asyncio.gather(*(writes[m % 2].send(both[m // 2 % 2]) for m in range(8)))
        codes = [a.status_code for a in answers]
        assert set(codes) <= {303, 409, 422}, codes
        ends = [await one.insist(both[0]) for one in writes]
        assert sorted(a.status_code for a in ends) == [303, 422]
        assert len({a.headers["location"] for a in (*answers, *ends) if a.status_code == 303}) == 1
        assert await count("appointment", "status = 'proposed'") == 1


async def test_patients_and_a_desk_at_both_race_for_the_same_times(both: list[Web], browser: Fresh, settings: Settings):
    doctor = (await cast.provider()).practitioner
    assert doctor is not None
    crowd = await ready(settings, browser, 6)
    desk = await sign_in(browser(), await cast.coordinator())
    others = [await cast.patient(f"Pat{n}") for n in range(6)]
    times = (await slots_with(crowd[0], doctor.id))[:4]
    writes = [Write(who, "/slots", {"slot": times[n % 4]}, f"hold-{n}") for n, who in enumerate(crowd)] + [
        Write(desk, f"/coordinator/book/{who.id}", {"slot": times[n % 4], "visit": "evaluation"}, f"book-{n}")
        for n, who in enumerate(others)
    ]
    answers = await asyncio.gather(*(write.send(both[n % 2]) for n, write in enumerate(writes)))
    answers = [
        a if "retry-after" not in a.headers else await w.insist(both[0]) for a, w in zip(answers, writes, strict=True)
    ]
    assert sorted(a.status_code for a in answers) == [303] * 4 + [409] * 8
    again = [await write.send(both[1]) for write in writes]
    assert [(a.status_code, a.content) for a in again] == [(a.status_code, a.content) for a in answers]
    found = await db.rows("SELECT DISTINCT start_at FROM appointment WHERE status IN ('proposed', 'booked')")
    assert len(found) == 4
    assert await overlaps() == 0
