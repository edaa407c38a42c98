"""What tests share beyond one test: a clinic for a whole module, two deployed web processes over the tests' database."""

from collections.abc import AsyncIterator, Callable

import pytest

from carepath.app import Application
from carepath.settings import Settings
from tests.conftest import browsers, wipe
from tests.web.client import Browser
from tests.web.deployed import Web, webs
from tests.web.desk_course import Course, open_course


@pytest.fixture(scope="session")
async def two_webs(migrated: Settings) -> AsyncIterator[list[Web]]:
    """Started once: they keep nothing of what a test empties."""
    async with webs(migrated, 2) as found:
        yield found


@pytest.fixture(scope="module")
async def clinic(app: Application, migrated: Settings) -> AsyncIterator[Callable[[], Browser]]:
    """An empty clinic for all tests of the module; makes its browsers."""
    await wipe()
    async with browsers(app) as fresh:
        yield fresh


@pytest.fixture(scope="module")
async def course(clinic: Callable[[], Browser], migrated: Settings) -> Course:
    """One for all tests of the module: none of them changes anything."""
    return await open_course(migrated, clinic)
