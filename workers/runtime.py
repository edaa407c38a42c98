"""One event loop and one database pool for each worker process, opened after the fork."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

from celery.signals import worker_process_init, worker_process_shutdown

from carepath import configuration
from carepath.app import prepare
from carepath.configuration import Configuration
from carepath.journey.tell import Desk
from carepath.kit import db, faults
from carepath.notifications.mail import Printer
from carepath.notifications.service import Transport
from workers.app import settings

_log = logging.getLogger("carepath.workers")


class _Process:
    """What a worker process keeps from task to task."""

    runner: asyncio.Runner | None = None
    loaded: Configuration | None = None
    is_open = False


def _start() -> asyncio.Runner:
    if _Process.runner is None:
        prepare(settings)
        _Process.loaded = configuration.load(settings.config_dir)
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


def run(work: Coroutine[Any, Any, None], seconds: float = 60) -> None:
    """Run `work` to its end, or cancel it after `seconds`: Celery's own soft limit would leave it running.

    A failed round is logged by its kind and place, never by its text, which may hold somebody's data; the
    next tick tries again.
    """

    async def bounded() -> None:
        # Opened here rather than at the fork, so that a database that is away is tried again by the next tick.
        if not _Process.is_open:
            await db.start_pool(max_size=2)
            _Process.is_open = True
        async with asyncio.timeout(seconds):
            await work

    try:
        _start().run(bounded())
    except Exception as problem:
        _log.error("a round failed: %s", faults.describe(problem))


def desk() -> Desk:
    """Writes letters for this clinic."""
    assert _Process.loaded is not None
    return Desk(settings.public_base_url, _Process.loaded.clinic)


def transport() -> Transport:
    """Where mail goes from here."""
    assert _Process.loaded is not None
    clinic = _Process.loaded.clinic
    host = urlsplit(settings.public_base_url).hostname or "localhost"
    printer = Printer(settings.templates_dir, clinic.name, clinic.email, clinic.phone, host)
    return Transport(settings.smtp_url, settings.is_production, printer)
