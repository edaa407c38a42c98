"""The composition root: settings in, application out."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from carepath import configuration
from carepath.journey import tell
from carepath.kit import clock, crypto, db, limits
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from carepath.web import pages, routes
from carepath.web.errors import HANDLERS
from carepath.web.gate import Gate
from carepath.web.headers import Headers
from carepath.web.idempotent import Idempotent
from carepath.web.wire import Product


@dataclass(frozen=True, slots=True)
class Application:
    """The ASGI application that servers run, with Litestar's inside, for tests that need its lifespan."""

    asgi: ASGIApp
    litestar: Litestar

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self.asgi(scope, receive, send)


def prepare(settings: Settings) -> None:
    """Point the process's shared parts at `settings`. Opens nothing."""
    crypto.configure(settings.phi_keys, settings.secret_key)
    db.configure(settings.database_url)
    limits.configure(settings.redis_url)
    if not settings.is_production:
        clock.follow(settings.data_dir)


def settle_memory() -> None:
    """What was built at the start stays for good: the collector need not look through it again, nor after every few
    hundred objects, of which a search of fifty calendars makes thousands."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def create_app(settings: Settings | None = None, is_fixed: bool = True) -> Application:
    """Build the application. BadSetting or ConfigProblem says what is wrong before anything is served. Templates are read
    once, unless it is not `is_fixed`."""
    settings = settings or Settings.from_environment(os.environ)
    prepare(settings)
    loaded = configuration.load(settings.config_dir)

    @asynccontextmanager
    async def pool(app: Litestar) -> AsyncIterator[None]:
        await db.start_pool(max_size=8)
        await questionnaires.register_all(clock.now())
        settle_memory()
        yield
        await limits.close()
        await db.stop_pool()

    app = Litestar(
        route_handlers=routes.all_routes(settings),
        middleware=[Gate(settings), Idempotent()],
        exception_handlers=HANDLERS,
        lifespan=[pool],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    own = configuration.own_wording(settings.config_dir)
    printer = tell.printer_of(settings.public_base_url, loaded.clinic, settings.templates_dir, own)
    app.state.product = Product(settings, loaded.clinic, loaded.intake, printer, routes.STATIC)
    app.state.templates = pages.environment(settings.templates_dir, is_fixed)
    return Application(Headers(app, settings), app)
