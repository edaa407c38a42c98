"""Tests here send to a real mail server of their own."""

from collections.abc import AsyncIterator

import pytest

from carepath import configuration
from carepath.settings import Settings
from tests.mailroom import Mailroom, mailroom


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found
