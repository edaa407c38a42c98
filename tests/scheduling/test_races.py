"""Fifty people at once, against a real PostgreSQL: exactly the legal winners, no answer but the promised ones, and no
deadlock, whoever writes: the service, or SQL by hand as the application's own role."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack
from contextvars import Context
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict
from carepath.scheduling import catalogue, queries, retry, service, taking_queries, turn_queries
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, SlotTaken, Unbookable
from carepath.settings import Settings

from .cast import NOW, RULES, TEN, Cast, add_patient, booked, hold

CROWD = 50
MINUTE = timedelta(minutes=1)

OVERLAPS = """
    SELECT a.id, b.id AS other_id FROM appointment a JOIN appointment b ON a.id < b.id AND a.occupied && b.occupied
    AND (a.practitioner_id = b.practitioner_id OR a.patient_id = b.patient_id)
    WHERE a.status NOT IN ('cancelled', 'waitlist') AND b.status NOT IN ('cancelled', 'waitlist')
"""


@pytest.fixture(autouse=True)
def no_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock that is tried again would pass unseen: here it is `busy` at once, and fails."""
    monkeypatch.setattr(retry, "_TRIES", 1)


async def _deadlocks() -> int:
    """PostgreSQL's own count, after each connection of the pool has reported what it still kept to itself."""
    assert db.DB.pool is not None
    async with AsyncExitStack() as stack:
        for _ in range(db.DB.pool.get_max_size()):
            connection = await stack.enter_async_context(db.DB.pool.acquire())
            await connection.execute("SELECT pg_stat_force_next_flush()")
    found = await db.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert found is not None
    return int(found["deadlocks"])


@pytest.fixture(autouse=True)
async def no_deadlock(database: Settings) -> AsyncIterator[None]:
    """Not even one that PostgreSQL broke and somebody tried again."""
    before = await _deadlocks()
    yield
    assert await _deadlocks() == before


@pytest.fixture
def every_minute(clinic: Clinic) -> Iterator[None]:
    """A clinic whose visits start at any minute, so that overlapping starts get past the rules."""
    catalogue.configure(replace(clinic, rules=replace(RULES, grid_minutes=1)))
    yield
    catalogue.configure(clinic)


async def _crowd(size: int = CROWD) -> list[Actor]:
    return [await add_patient() for _ in range(size)]


async def _all_at_once(
    tries: Sequence[Awaitable[Appointment]],
) -> tuple[list[Appointment], list[Unbookable]]:
    """Winners and losers. Anything else than an appointment or an Unbookable fails."""

    async def settled(attempt: Awaitable[Appointment]) -> Appointment | Unbookable:
        try:
            return await attempt
        except Unbookable as lost:
            return lost

    answers = await asyncio.gather(*(settled(attempt) for attempt in tries))
    assert not await db.rows(OVERLAPS)
    won = [answer for answer in answers if isinstance(answer, Appointment)]
    return won, [answer for answer in answers if isinstance(answer, Unbookable)]


async def test_one_of_fifty_gets_the_slot_and_the_others_get_alternatives(cast: Cast) -> None:
    crowd = await _crowd()
    won, lost = await _all_at_once([hold(cast, who) for who in crowd])
    assert (len(won), len(lost)) == (1, CROWD - 1)
    assert all(isinstance(one, SlotTaken) and one.alternatives for one in lost)


@pytest.mark.usefixtures("every_minute")
async def test_overlapping_starts_a_minute_apart_never_deadlock(cast: Cast) -> None:
    crowd = await _crowd()
    won, lost = await _all_at_once([hold(cast, who, TEN + MINUTE * place) for place, who in enumerate(crowd)])
    assert len(won) == 1  # fifty starts within fifty minutes, each with an hour of its own
    assert {one.code for one in lost} == {"taken"}


async def test_adjacent_visits_all_succeed(cast: Cast) -> None:
    crowd = await _crowd(6)
    won, lost = await _all_at_once([hold(cast, who, TEN + timedelta(hours=n)) for n, who in enumerate(crowd)])
    assert (len(won), len(lost)) == (6, 0)


async def test_a_run_out_hold_is_won_by_one_of_fifty(cast: Cast) -> None:
    await hold(cast, cast.ana)
    crowd, later = await _crowd(), NOW + timedelta(minutes=11)
    answers = asyncio.gather(*(service.expire_holds(later) for _ in range(5)))
    won, lost = await _all_at_once([hold(cast, who, now=later) for who in crowd])
    await answers
    assert (len(won), len(lost)) == (1, CROWD - 1)


async def test_a_hold_that_the_sweeper_ended_at_the_same_moment_is_noted_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweeper waits for nobody: here it comes between a writer's look and its change."""
    late = await hold(cast, cast.ana)
    later = NOW + timedelta(minutes=11)
    end_holds = taking_queries.end_holds

    async def overtaken(*args: Any) -> Any:
        await asyncio.create_task(service.expire_holds(later), context=Context())
        return await end_holds(*args)

    monkeypatch.setattr(taking_queries, "end_holds", overtaken)
    await hold(cast, cast.bo, now=later)
    steps = await history.of(SYSTEM.scope, "appointment", late.id)
    assert [step.action for step in steps] == ["hold", "expire"]
    assert len(await db.rows("SELECT 1 FROM freed_time")) == 1


async def test_two_who_want_each_others_run_out_holds_both_get_them(cast: Cast) -> None:
    """Neither has the other's turn, and both end both holds: in one order, and each once."""
    for turn in range(5):
        at, later = TEN + timedelta(days=turn % 3), NOW + timedelta(minutes=11 * (turn + 1))
        before = later - timedelta(minutes=11)
        old = [await hold(cast, cast.ana, at, cast.ben, before), await hold(cast, cast.bo, at, cast.ada, before)]
        wishes = [(cast.ana, cast.ada), (cast.bo, cast.ben)] * 10
        won, lost = await _all_at_once([hold(cast, who, at, whom, later) for who, whom in wishes[turn % 2 :]])
        assert (len(won), len(lost)) == (20 - turn % 2, 0)
        await service.expire_holds(later)
        for one in old:
            steps = await history.of(SYSTEM.scope, "appointment", one.id)
            assert [step.action for step in steps] == ["hold", "expire"]
        for one in {one.id: one for one in won}.values():
            await service.release(cast.carol, one.id, later)


async def test_one_patient_with_two_providers_at_once_holds_one_time(cast: Cast) -> None:
    tries = [hold(cast, cast.ana, TEN, who) for who in (cast.ada, cast.ben) * 10]
    await _all_at_once(tries)
    assert cast.ana.patient_id is not None
    live = await service.appointments_of(SYSTEM.scope, cast.ana.patient_id)
    assert [visit.status for visit in live] == ["proposed"]


async def test_confirming_twenty_times_books_once(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    won, lost = await _all_at_once([service.confirm(cast.ana, held.id, NOW) for _ in range(20)])
    assert not lost
    assert set(won) == {await service.get(SYSTEM.scope, held.id)}


async def test_one_of_many_moves_onto_a_slot(cast: Cast) -> None:
    crowd = await _crowd(20)
    places = [(TEN + timedelta(days=day, hours=hour), who) for day in (1, 2) for hour in range(5)
              for who in (cast.ada, cast.ben)]  # fmt: skip
    visits = [await booked(cast, one, *place) for one, place in zip(crowd, places, strict=True)]
    moves = [service.move(one, visit.id, cast.ada, TEN, NOW) for one, visit in zip(crowd, visits, strict=True)]
    won, lost = await _all_at_once(moves)
    assert (len(won), len(lost)) == (1, 19)
    assert won[0].version == 2


async def test_visits_moved_onto_each_other_both_stay(cast: Cast) -> None:
    """The mirror image that deadlocks plain updates: each wants the other's time, nobody gives first."""
    for turn in range(10):
        at = TEN + timedelta(days=1 if turn % 2 else 2)
        mine = await booked(cast, cast.ana, at, cast.ada)
        theirs = await booked(cast, cast.bo, at, cast.ben)
        won, lost = await _all_at_once(
            [
                service.move(cast.ana, mine.id, cast.ben, at, NOW),
                service.move(cast.bo, theirs.id, cast.ada, at, NOW),
            ]
        )
        assert (len(won), len(lost)) == (0, 2)
        for who, visit in ((cast.ana, mine), (cast.bo, theirs)):
            await service.cancel(who, visit.id, "", NOW)


@pytest.mark.usefixtures("every_minute")
async def test_holds_moves_and_cancellations_over_each_other_stay_legal(cast: Cast) -> None:
    crowd = await _crowd(40)
    day = [TEN + timedelta(days=1, hours=hour) for hour in range(5)]
    visits = [await booked(cast, one, at, who) for one, (at, who) in
              zip(crowd, [(at, who) for at in day for who in (cast.ada, cast.ben)], strict=False)]  # fmt: skip
    tries: list[Awaitable[Appointment]] = []
    for place, visit in enumerate(visits):
        owner = crowd[place]
        tries.append(service.move(owner, visit.id, cast.ben, TEN + MINUTE * place, NOW))
        tries.append(service.cancel(cast.carol, visit.id, "away", NOW) if place % 3 == 0 else
                     service.move(owner, visit.id, cast.ada, TEN + MINUTE * (place + 7), NOW))  # fmt: skip
    tries += [hold(cast, who, TEN + MINUTE * place, cast.ada) for place, who in enumerate(crowd[10:])]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    strange = [a for a in answers if not isinstance(a, Appointment | Unbookable)]
    assert all(isinstance(a, Conflict) and a.code in {"cancelled", "changed"} for a in strange)
    assert not await db.rows(OVERLAPS)


async def _live(who: Actor) -> list[tuple[str, datetime]]:
    """What a patient has, by status and start."""
    assert who.patient_id is not None
    return sorted((one.status, one.start_at) for one in await _all_of(who) if one.status != "cancelled")


async def _all_of(who: Actor) -> list[Appointment]:
    assert who.patient_id is not None
    return await service.appointments_of(SYSTEM.scope, who.patient_id)


async def _codes(tries: Sequence[Awaitable[Appointment]]) -> Counter[str]:
    """How many succeeded ("done"), and with which codes the others were refused. Anything else fails."""
    answers = await asyncio.gather(*tries, return_exceptions=True)
    strange = [one for one in answers if not isinstance(one, Appointment | Conflict)]
    assert not strange, strange
    assert not await db.rows(OVERLAPS)
    return Counter(one.code if isinstance(one, Conflict) else "done" for one in answers)


async def test_two_tabs_of_one_patient_end_with_one_hold(cast: Cast) -> None:
    """Every click is answered with a hold, and the last one stays."""
    later = TEN + timedelta(hours=2)
    tabs = [hold(cast, cast.ana, at) for at in (TEN, later) * (CROWD // 2)]
    assert await _codes(tabs) == {"done": CROWD}
    [(status, start_at)] = await _live(cast.ana)
    assert status == "proposed"
    assert start_at in {TEN, later}
    rows = await db.rows("SELECT id, status FROM appointment")
    for row in rows:
        steps = [step.action for step in await history.of(SYSTEM.scope, "appointment", row["id"])]
        assert steps == (["hold"] if row["status"] == "proposed" else ["hold", "release"])


async def test_one_tab_confirms_while_the_other_chooses_again(cast: Cast) -> None:
    """Whoever comes first: the visit is booked and the other time held beside it, or the hold is gone for good."""
    for turn in range(5):
        at = TEN + timedelta(days=turn % 3)
        kept = await hold(cast, cast.ana, at)
        other = at + timedelta(hours=2)
        confirms = [service.confirm(cast.ana, kept.id, NOW) for _ in range(CROWD // 2)]
        choices = [hold(cast, cast.ana, other) for _ in range(CROWD // 2)]
        both = [one for pair in zip(confirms, choices, strict=True) for one in pair]
        codes = await _codes(both[::-1] if turn % 2 else both)
        live = await _live(cast.ana)
        if live == [("booked", at), ("proposed", other)]:
            assert codes == {"done": CROWD}
        else:
            assert live == [("proposed", other)]
            assert codes == {"done": CROWD // 2, "hold-expired": CROWD // 2}
        for one in await _all_of(cast.ana):
            if one.status != "cancelled":
                await service.cancel(cast.carol, one.id, "next turn", NOW)


async def test_patients_hold_while_the_office_books_one_of_all_wins(cast: Cast) -> None:
    crowd = await _crowd()
    tries = [hold(cast, who) for who in crowd[::2]] + [_book(cast, who) for who in crowd[1::2]]
    won, lost = await _all_at_once([one for pair in zip(tries[:25], tries[25:], strict=True) for one in pair])
    assert (len(won), len(lost)) == (1, CROWD - 1)
    assert {one.code for one in lost} == {"taken"}


async def test_the_office_books_what_the_patient_is_holding(cast: Cast) -> None:
    """One and the same patient and time: one visit, and no hold is left over."""
    tries = [hold(cast, cast.ana) if n % 2 else _book(cast, cast.ana) for n in range(CROWD)]
    assert await _codes(tries) == {"done": CROWD}
    assert await _live(cast.ana) == [("booked", TEN)]


def _book(cast: Cast, who: Actor, start_at: datetime = TEN) -> Awaitable[Appointment]:
    assert who.patient_id is not None
    return service.book_for(
        cast.carol, who.patient_id, cast.ada, "evaluation", start_at, "CO", "America/Denver", NOW
    )  # fmt: skip


async def test_a_second_click_that_looks_when_the_first_has_committed_has_won_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It found its turn taken, and looks ahead without it: the time is gone, and to whom it went is the same patient."""
    first: list[Appointment] = []

    async def overtaken(*args: Any) -> bool:
        monkeypatch.setattr(turn_queries, "try_take", try_take)
        first.append(await asyncio.create_task(_booked(cast), context=Context()))
        return False

    try_take = turn_queries.try_take
    monkeypatch.setattr(turn_queries, "try_take", overtaken)
    assert [await _book(cast, cast.ana)] == first


async def _booked(cast: Cast) -> Appointment:
    return await _book(cast, cast.ana)


async def test_what_somebody_inserts_by_hand_between_the_look_and_the_insert_is_a_taken_time(
    cast: Cast, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQL by hand waits for no turn: the insert itself must say no, in the words of everybody who is too late."""
    insert = queries.insert

    async def overtaken(*args: Any) -> bool:
        raw = await asyncpg.connect(**db.connection_options(database.database_url))
        await raw.execute(RAW, cast.ada, cast.bo.patient_id, TEN + 15 * MINUTE, NOW)
        await raw.close()
        return await insert(*args)

    monkeypatch.setattr(queries, "insert", overtaken)
    with pytest.raises(SlotTaken) as lost:
        await hold(cast, cast.ana)
    assert lost.value.alternatives


async def test_a_visit_that_is_moved_and_cancelled_at_once_is_cancelled_and_both_times_are_free(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    later = TEN + timedelta(hours=3)
    moves = [service.move(cast.ana, visit.id, cast.ada, later, NOW) for _ in range(CROWD // 2)]
    ends = [service.cancel(cast.carol, visit.id, "away", NOW) for _ in range(CROWD // 2)]
    codes = await _codes([one for pair in zip(moves, ends, strict=True) for one in pair])
    assert set(codes) <= {"done", "cancelled"}
    assert codes["done"] >= CROWD // 2, "whoever cancels is told that it is cancelled"
    last = await service.get(SYSTEM.scope, visit.id)
    moved = last.start_at == later
    assert (last.status, last.version) == ("cancelled", 3 if moved else 2)
    steps = [step.action for step in await history.of(SYSTEM.scope, "appointment", visit.id)]
    assert steps == ["hold", "confirm", *(["move"] if moved else []), "cancel"]
    assert await hold(cast, cast.bo, TEN)
    assert await hold(cast, (await _crowd(1))[0], later)


async def test_fifty_moves_crosswise_onto_each_other_change_nothing(cast: Cast) -> None:
    """Each of two visits is sent to the other's place and time by twenty-five clients."""
    mine, theirs = await booked(cast, cast.ana, TEN, cast.ada), await booked(cast, cast.bo, TEN, cast.ben)
    tries = [
        service.move(cast.ana, mine.id, cast.ben, TEN, NOW) if n % 2 else
        service.move(cast.bo, theirs.id, cast.ada, TEN, NOW)
        for n in range(CROWD)
    ]  # fmt: skip
    assert await _codes(tries) == {"taken": CROWD}
    assert [await service.get(SYSTEM.scope, one.id) for one in (mine, theirs)] == [mine, theirs]


async def test_a_ring_of_visits_cannot_turn_and_one_gap_lets_exactly_one_move(cast: Cast) -> None:
    """Five visits, each sent to the next one's place; then the last one's place becomes free."""
    crowd, hours = await _crowd(5), [TEN + timedelta(hours=n) for n in range(5)]
    ring = [await booked(cast, who, at) for who, at in zip(crowd, hours, strict=True)]
    turned = [hours[(n + 1) % 5] for n in range(5)]

    def turn(how_many: int) -> list[Awaitable[Appointment]]:
        return [
            service.move(who, one.id, cast.ada, at, NOW)
            for who, one, at in list(zip(crowd, ring, turned, strict=True))[:how_many] for _ in range(10)
        ]  # fmt: skip

    assert await _codes(turn(5)) == {"taken": CROWD}
    await service.cancel(cast.carol, ring[4].id, "away", NOW)
    codes = await _codes(turn(4))
    stand = [(await service.get(SYSTEM.scope, one.id)).start_at for one in ring[:4]]
    moved = [n for n in range(4) if stand[n] == turned[n]]
    # The last moves into the gap, perhaps the one before into theirs, and so on: no gap is jumped over.
    assert moved == list(range(4 - len(moved), 4))
    assert len(moved) >= 1
    assert set(codes) <= {"done", "taken"}


RAW = """
    INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied,
        jurisdiction, patient_zone, room, created_at, updated_at)
    VALUES (gen_random_uuid(), $1, $2, 'evaluation', 'booked', $3, $3::timestamptz + interval '45 minutes',
        tstzrange($3, $3::timestamptz + interval '60 minutes'), 'CO', 'America/Denver', '', $4, $4)
"""


@pytest.mark.usefixtures("every_minute")
async def test_sql_by_hand_as_the_applications_role_gets_no_second_visit_in_either(
    cast: Cast, database: Settings
) -> None:
    """Connections of their own, without turns, minute by minute over the service's holds: the schema decides."""
    crowd = await _crowd()
    async with asyncpg.create_pool(**db.connection_options(database.database_url), min_size=0, max_size=20) as raw:

        async def by_hand(who: Actor, place: int) -> int:
            sql = f"{RAW} ON CONFLICT DO NOTHING RETURNING 1"
            return len(await raw.fetch(sql, cast.ada, who.patient_id, TEN + MINUTE * place, NOW))

        async def by_service(who: Actor, place: int) -> int:
            try:
                await hold(cast, who, TEN + MINUTE * place)
            except SlotTaken:
                return 0
            return 1

        tries = [by_hand(who, n) if n % 2 else by_service(who, n) for n, who in enumerate(crowd)]
        assert sum(await asyncio.gather(*tries)) == 1
        assert not await db.rows(OVERLAPS)


async def test_sql_by_hand_cannot_overlap_lie_or_rewrite_the_past(cast: Cast, database: Settings) -> None:
    visit = await booked(cast, cast.ana)
    other = await booked(cast, cast.bo, TEN + timedelta(hours=3))
    raw = await asyncpg.connect(**db.connection_options(database.database_url))
    try:
        for patient, start_at in ((cast.bo, TEN + MINUTE * 59), (cast.ana, TEN - MINUTE * 44)):
            with pytest.raises(asyncpg.ExclusionViolationError):
                await raw.execute(RAW, cast.ada, patient.patient_id, start_at, NOW)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await raw.execute(RAW, cast.ben, cast.ana.patient_id, TEN, NOW)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await raw.execute(
                "UPDATE appointment SET occupied = $1::tstzrange WHERE id = $2", *await _place(raw, visit, other)
            )
        with pytest.raises(asyncpg.CheckViolationError):
            await raw.execute("UPDATE appointment SET occupied = tstzrange(end_at, end_at + interval '1 hour')")
        with pytest.raises(asyncpg.PostgresError, match="append"):
            await raw.execute("DELETE FROM status_change WHERE subject_id = $1", visit.id)
    finally:
        await raw.close()
    assert [await service.get(SYSTEM.scope, one.id) for one in (visit, other)] == [visit, other]


async def _place(raw: asyncpg.Connection, visit: Appointment, other: Appointment) -> tuple[object, object]:
    """A range over both visits, and the second's id."""
    whole = await raw.fetchval("SELECT tstzrange($1, $2)", visit.start_at, other.end_at)
    return whole, other.id
