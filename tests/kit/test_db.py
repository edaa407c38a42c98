"""A transaction says so when nothing of it was kept, and never hands an open one to the next."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from carepath.kit import db
from carepath.settings import Settings

pytestmark = pytest.mark.usefixtures("database")

INSERT = """INSERT INTO status_change (id, subject, subject_id, to_status, action, author_role, at, request_id)
    VALUES (gen_random_uuid(), 'test', gen_random_uuid(), 'on', 'switch', 'system', now(), '')"""


async def count() -> int:
    found = await db.row("SELECT count(*) AS n FROM status_change")
    return int(found["n"]) if found else -1


async def test_a_transaction_whose_failure_was_passed_over_is_not_taken_for_done() -> None:
    async def passed_over() -> None:
        async with db.transaction():
            await db.execute(INSERT)
            with suppress(asyncpg.DivisionByZeroError):
                await db.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await passed_over()
    assert await count() == 0


async def test_an_error_undoes_all_and_leaves_the_connection_usable() -> None:
    async def failing() -> None:
        async with db.transaction():
            await db.execute(INSERT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    assert await count() == 0
    async with db.transaction():
        await db.execute(INSERT)
    assert await count() == 1


@pytest.mark.parametrize("delay_ms", [0, 1, 2, 3, 5, 8, 13, 22, 40])
async def test_one_that_is_cancelled_anywhere_leaves_no_open_transaction_behind(
    delay_ms: int, database: Settings
) -> None:
    async def write() -> None:
        async with db.transaction():
            await db.execute(INSERT)
            await db.execute("SELECT pg_sleep(0.02)")

    tasks = [asyncio.create_task(write()) for _n in range(8)]
    await asyncio.sleep(delay_ms / 1000)
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    kept = await count()
    assert sum(end is None for end in ends) <= kept <= 8  # cancelled while it commits, it may be kept
    await db.execute(INSERT)  # outside any transaction: kept at once, on whatever connection it came
    raw = await asyncpg.connect(**db.connection_options(database.database_url))
    try:
        assert await raw.fetchval("SELECT count(*) FROM status_change") == kept + 1
        assert await raw.fetchval("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'") == 0
    finally:
        await raw.close()


async def backend() -> int:
    found = await db.row("SELECT pg_backend_pid() AS pid")
    return int(found["pid"]) if found else -1


async def test_reads_that_share_a_connection_give_it_back_whatever_happens() -> None:
    async def failing() -> None:
        async with db.one_connection():
            shared = {await backend() for _read in range(3)}
            assert len(shared) == 1
            await db.execute("SELECT 1 / 0")

    pool = db.DB.pool
    assert pool is not None
    for _time in range(pool.get_max_size() + 1):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await failing()
    assert await backend() > 0


async def test_shared_reads_inside_a_transaction_see_what_it_wrote() -> None:
    async with db.transaction():
        await db.execute(INSERT)
        async with db.one_connection():
            assert await count() == 1


async def test_a_page_is_walked_along_its_index_though_its_owner_has_most_of_the_table() -> None:
    """PostgreSQL plans for any owner once it has seen a few; sorting all that the one at hand has would win otherwise."""
    async with db.transaction():
        for statement in (
            "CREATE TEMP TABLE line (id int PRIMARY KEY, owner int, place int, filling text) ON COMMIT DROP",
            """INSERT INTO line SELECT n, CASE WHEN n % 13 = 0 THEN 1 ELSE n % 400 END, n * 7919 % 40009, repeat('x', 300)
               FROM generate_series(1, 40000) n""",
            "CREATE INDEX line_place ON line (owner, place)",
            "ANALYZE line",
            "SET LOCAL plan_cache_mode = force_generic_plan",
            "PREPARE walk AS SELECT * FROM line WHERE owner = $1 AND place > $2 ORDER BY owner, place LIMIT 50",
        ):
            await db.execute(statement)
        plan = await db.rows("EXPLAIN EXECUTE walk (1, 0)")
        await db.execute("DEALLOCATE walk")
    said = " ".join(str(r["QUERY PLAN"]) for r in plan)
    assert "line_place" in said
    assert "Sort" not in said
