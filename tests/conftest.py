"""Real servers for the whole run: PostgreSQL and Valkey, embedded unless the URLs are set."""

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest
from redis.asyncio import Redis

from carepath.app import Application, create_app
from carepath.kit import crypto, db
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests.cast import NOW
from tests.web.client import Browser

# How long an example takes says how busy the machine is: speed is `make bench`'s business.
hypothesis.settings.register_profile("carepath", deadline=None)
hypothesis.settings.load_profile("carepath")

# Only tables that something was ever written to: to truncate all of them takes twenty times as long.
EMPTY = """DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        AND relkind = 'r' AND relname <> 'migration' AND pg_relation_size(oid) > 0 ORDER BY 1
    LOOP
        EXECUTE 'LOCK TABLE ' || name || ' IN SHARE ROW EXCLUSIVE MODE';
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
END $$"""


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A data directory that lives as long as the run."""
    with tempfile.TemporaryDirectory(prefix="carepath-test-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def servers(data_dir: Path) -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of running servers; those of the environment are used as they are."""
    with ExitStack() as stack:
        urls = {}
        for name, start in (("DATABASE_URL", "start_postgres"), ("REDIS_URL", "start_valkey")):
            if os.environ.get(name):
                urls[name] = os.environ[name]
                continue
            server = getattr(import_module("carepath.dev.servers"), start)(data_dir)
            stack.callback(server.stop)
            urls[name] = server.url
        yield urls


@pytest.fixture(scope="session")
def settings(servers: dict[str, str], data_dir: Path) -> Settings:
    """The settings that the tests' product runs with."""
    found = Settings.from_environment(
        {
            **servers,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "CAREPATH_DATA_DIR": str(data_dir),
            "SECRET_KEY": "a secret for tests only, long enough",
            "PUBLIC_BASE_URL": "http://localhost:8000",
        }
    )
    crypto.configure(found.phi_keys, found.secret_key)
    return found


@pytest.fixture(scope="session")
async def migrated(settings: Settings) -> AsyncIterator[Settings]:
    """A migrated database with the session's pool open."""
    from carepath.migrations import run

    await run.forwards(settings.database_url)
    await db.start_pool(max_size=8)
    yield settings
    await db.stop_pool()


async def wipe() -> None:
    """Empty every table, once nobody writes any more. Append-only tables forbid it by trigger, so the triggers sleep."""
    async with db.transaction():
        await db.script(EMPTY)


@pytest.fixture(scope="session")
def app(settings: Settings) -> Application:
    """The product as it is served; the session's pool stands in for its own lifespan."""
    return create_app(settings)


@asynccontextmanager
async def browsers(app: Application) -> AsyncIterator[Callable[[], Browser]]:
    """Makes browsers, each with cookies of its own, over a database that was just emptied."""
    await questionnaires.register_all(NOW)
    async with AsyncExitStack() as stack:

        def fresh() -> Browser:
            made = Browser(app)
            stack.push_async_callback(made.http.aclose)
            return made

        yield fresh


@pytest.fixture
async def browser(app: Application, database: Settings) -> AsyncIterator[Callable[[], Browser]]:
    """Makes browsers, for one test."""
    async with browsers(app) as fresh:
        yield fresh


@pytest.fixture
async def database(migrated: Settings) -> Settings:
    """An empty, migrated database. Emptied rather than rolled back: commits are what we promise."""
    await wipe()
    async with Redis.from_url(migrated.redis_url) as counters:
        await counters.flushdb()
    return migrated
