"""`carepath doctor`: what is right and what is wrong, in plain words."""

import asyncio
import smtplib
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import redis.asyncio

from carepath import configuration
from carepath.app import prepare
from carepath.audit import service as audit
from carepath.journey import health
from carepath.kit import clock, db
from carepath.kit.errors import ConfigProblem
from carepath.migrations import run as migrations
from carepath.settings import BadSetting, Settings

Check = Callable[[Settings], Awaitable[str]]


class Trouble(Exception):
    """What is wrong, and what to do."""


async def examine(environment: Mapping[str, str]) -> int:
    """Print a line for each check; 0 when all is well."""
    try:
        settings = Settings.from_environment(environment)
    except BadSetting as problem:
        print(f"✗ settings: {problem}")
        return 1
    print(f"✓ settings: {settings.environment}, served at {settings.public_base_url}")
    prepare(settings)
    worst = 0
    for name, check in _CHECKS.items():
        try:
            print(f"✓ {name}: {await check(settings)}")
        except (Trouble, ConfigProblem) as problem:
            print(f"✗ {name}: {problem}")
            worst = 1
    return worst


async def _config(settings: Settings) -> str:
    loaded = configuration.load(settings.config_dir)
    return f"{len(loaded.intake.sections)} sections, {len(loaded.intake.consents)} consents, all files hold"


async def _database(settings: Settings) -> str:
    try:
        await db.start_pool(max_size=1)
    except (OSError, Exception) as problem:
        raise Trouble(f"no connection ({type(problem).__name__}); is DATABASE_URL right and the server up?") from None
    try:
        version = await db.row("SHOW server_version")
        missing = await migrations.missing()
        if missing:
            raise Trouble(f"{len(missing)} migrations have not run; run `carepath migrate`")
        return f"PostgreSQL {version['server_version'] if version else '?'}, schema is current"
    finally:
        await db.stop_pool()


async def _redis(settings: Settings) -> str:
    client = redis.asyncio.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
    try:
        await client.ping()
        return "answers"
    except (redis.RedisError, OSError) as problem:
        raise Trouble(f"no answer ({type(problem).__name__}); bookings go on, mail waits") from None
    finally:
        await client.aclose()


async def _mail(settings: Settings) -> str:
    parts = urlsplit(settings.smtp_url)

    def greet() -> str:
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "", parts.port or 0, timeout=5) as server:
            server.ehlo()
            if settings.is_production and parts.scheme == "smtp" and not server.has_extn("starttls"):
                raise Trouble("the mail server offers no STARTTLS; production does not send in the clear")
            return "answers"

    try:
        return await asyncio.to_thread(greet)
    except (OSError, smtplib.SMTPException) as problem:
        raise Trouble(f"no answer ({type(problem).__name__}); messages wait as rows") from None


async def _workers(settings: Settings) -> str:
    try:
        await db.start_pool(max_size=1)
        state = await health.readiness(clock.wall())
    except Exception as problem:
        raise Trouble(f"cannot be told without the database ({type(problem).__name__})") from None
    finally:
        if db.DB.pool:
            await db.stop_pool()
    if state.drain_age_seconds is None:
        raise Trouble("no worker has ever looked for messages; start `carepath worker` and `carepath beat`")
    if not state.is_draining:
        raise Trouble(f"the last look for messages was {state.drain_age_seconds:.0f} s ago; is beat running?")
    return f"last tick {state.beat_age_seconds or 0:.0f} s ago, last drain {state.drain_age_seconds:.0f} s ago"


_CHECKS: dict[str, Check] = {
    "configuration": _config, "database": _database, "redis": _redis, "mail": _mail, "workers": _workers,
}  # fmt: skip


async def verify_audit(settings: Settings) -> int:
    """Check every audit row; 0 when all signatures hold."""
    prepare(settings)
    await db.start_pool(max_size=1)
    try:
        holds, words = await audit.verify()
    finally:
        await db.stop_pool()
    print(f"{'✓' if holds else '✗'} {words}")
    return 0 if holds else 1
