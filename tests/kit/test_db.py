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
