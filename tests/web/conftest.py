from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from carepath.app import Application, create_app
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests.cast import NOW
from tests.web.client import Browser


@pytest.fixture(scope="session")
def app(settings: Settings) -> Application:
    """The product as it is served; the session's pool stands in for its own lifespan."""
    return create_app(settings)


@pytest.fixture
async def browser(app: Application, database: Settings) -> AsyncIterator[Callable[[], Browser]]:
    """Makes browsers, each with cookies of its own."""
    await questionnaires.register_all(NOW)
    async with AsyncExitStack() as stack:

        def fresh() -> Browser:
            made = Browser(app)
            stack.push_async_callback(made.http.aclose)
            return made

        yield fresh
