"""Bring a database to the newest schema, once, whoever else tries at the same time."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from carepath.kit import db

_LOCK = 0x0CA4E9A7  # any constant: whoever migrates this database takes the same one


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    """Hold an advisory lock on a connection of its own."""
    connection = await asyncpg.connect(**db.connection_options(url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield
    finally:
        await connection.close()


async def forwards(url: str) -> None:
    """Run every migration that `url` lacks. Raises RuntimeError when one fails; nothing is half-done."""
    # A second to import, and needed only here.
    from piccolo.apps.migrations.commands.forwards import run_forwards

    os.environ["PICCOLO_CONF"] = "carepath.migrations.piccolo_conf"
    db.configure(url)
    async with _alone(url):
        answer = await run_forwards(app_name="carepath", migration_id="all")
    if not answer.success:
        raise RuntimeError(answer.message)


def known() -> list[str]:
    """The ids of every migration that this version of the software has, oldest first."""
    folder = Path(__file__).parent / "piccolo_migrations"
    texts = (path.read_text() for path in sorted(folder.glob("m*.py")))
    return [text.partition('ID = "')[2].partition('"')[0] for text in texts]


async def missing() -> list[str]:
    """Migrations that the configured database lacks. An empty database lacks all of them."""
    if not await db.rows("SELECT 1 FROM pg_tables WHERE tablename = 'migration' AND schemaname = current_schema()"):
        return known()
    applied = {str(found["name"]) for found in await db.rows("SELECT name FROM migration WHERE app_name = 'carepath'")}
    return [name for name in known() if name not in applied]
