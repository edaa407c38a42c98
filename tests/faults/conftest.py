"""One house for all faults, with a database that nothing else uses meanwhile."""

import base64
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carepath import configuration
from carepath.kit import clock, crypto
from carepath.settings import Settings
from tests.conftest import wipe
from tests.faults.house import Broker, House
from tests.faulty_smtp import faulty_smtp

SECRET = "for faults only, long enough for a production"


@pytest.fixture(scope="package")
async def house(migrated: Settings) -> AsyncIterator[House]:
    """The house, still empty. The keys are the house's own, for production refuses those that everybody knows."""
    await wipe()
    configuration.load(migrated.config_dir)
    keys = "1:" + base64.b64encode(os.urandom(32)).decode()
    crypto.configure(keys, SECRET)
    with tempfile.TemporaryDirectory(prefix="carepath-faults-") as name, faulty_smtp() as server:
        folder = Path(name)
        clock.follow(folder)
        broker = Broker(folder)
        broker.start()
        environment = {
            "CAREPATH_ENV": "development", "DATABASE_URL": migrated.database_url, "REDIS_URL": broker.url,
            "SMTP_URL": f"smtp://localhost:{server.port}", "SECRET_KEY": SECRET, "PHI_KEYS": keys,
            "CAREPATH_DATA_DIR": name, "PUBLIC_BASE_URL": "http://localhost:8000",
        }  # fmt: skip
        made = House(folder, server, broker, environment)
        try:
            yield made
        finally:
            made.end()
            clock.follow(migrated.data_dir)
            crypto.configure(migrated.phi_keys, migrated.secret_key)


@pytest.fixture
async def running(house: House) -> House:
    """Two workers, as many beats, an honest server, ten in the morning."""
    house.server.faults.lift()
    house.open_at(weekday=1, hour=17)
    await house.staff()
    return house
