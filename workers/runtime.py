"""One event loop and one database pool for each worker process, opened after the fork."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from celery.signals import worker_process_init, worker_process_shutdown

from carepath import configuration
from carepath.app import prepare
from carepath.journey import tell
from carepath.kit import db, faults
from carepath.notifications.service import Post
from carepath.scheduling.service import Outside, outside_of
from workers.app import settings

_log = logging.getLogger("carepath.workers")


class _Process:
    """What a worker process keeps from task to task."""

    runner: asyncio.Runner | None = None
    post: Post | None = None
    is_open = False


def _start() -> asyncio.Runner:
    if _Process.runner is None:
        prepare(settings)
        clinic = configuration.load(settings.config_dir).clinic
        base, own = settings.public_base_url, configuration.own_wording(settings.config_dir)
        printer = tell.printer_of(base, clinic, settings.templates_dir, own)
        _Process.post = tell.post_of(base, clinic, printer, settings.smtp_url, settings.is_production)
        _Process.runner = asyncio.Runner()
    return _Process.runner


@worker_process_init.connect
def _up(**_: object) -> None:
    _start()


@worker_process_shutdown.connect
def _down(**_: object) -> None:
    if _Process.runner is not None:
        if _Process.is_open:
            _Process.runner.run(db.stop_pool())
        _Process.runner.close()


def run(work: Callable[[], Coroutine[Any, Any, None]], seconds: float = 60) -> None:
    """Run `work` to its end, or cancel it after `seconds`: Celery's own soft limit would leave it running.

    A failed round is logged by its kind and place, never by its text, which may hold somebody's data; the
    next tick tries again.
    """

    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            # Opened here rather than at the fork, so that a database that is away is tried again by the next tick.
            if not _Process.is_open:
                await db.start_pool(max_size=2)
                _Process.is_open = True
            await work()

    try:
        _start().run(bounded())
    except Exception as problem:
        _log.error("a round failed: %s", faults.describe(problem))


def outside() -> Outside:
    """How calendars of others are met from here."""
    return outside_of(settings.public_base_url, settings.is_production)


def post() -> Post:
    """Who writes letters here, and where mail goes from here."""
    assert _Process.post is not None
    return _Process.post
