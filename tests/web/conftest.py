"""Two deployed web processes over the tests' database, for whoever acts at both at once."""

from collections.abc import AsyncIterator

import pytest

from carepath.settings import Settings
from tests.web.deployed import Web, webs


@pytest.fixture(scope="session")
async def two_webs(migrated: Settings) -> AsyncIterator[list[Web]]:
    """Started once: they keep nothing of what a test empties."""
    async with webs(migrated, 2) as found:
        yield found
