"""What a worker does with ticks it had taken and not begun when its broker is gone: nothing, and it goes on."""

import importlib
import signal
from pathlib import Path

import pytest
from kombu import Connection, Queue

from carepath.settings import Settings
from tests.faults.house import Broker, until


async def test_a_channel_with_a_tick_in_its_hands_closes_though_its_connection_is_gone(
    tmp_path: Path, migrated: Settings, monkeypatch: pytest.MonkeyPatch
):  # fmt: skip
    """The order in which a worker lets go of a broker that was killed: first the connection, then what it had taken."""
    for name, value in (("DATABASE_URL", migrated.database_url), ("REDIS_URL", "redis://x"), ("SMTP_URL", "smtp://x")):
        monkeypatch.setenv(name, value)
    options = importlib.import_module("workers.app").app.conf.broker_transport_options
    broker = Broker(tmp_path)
    broker.start()
    await until(broker.answers, "the broker")
    with Connection(broker.url, transport_options=options) as connection:
        channel = connection.default_channel
        queue = Queue("carepath", channel=channel)
        queue.declare()
        connection.Producer().publish({"tick": 1}, routing_key=queue.name)
        taken = queue.get()
        assert taken is not None
        broker.signal(signal.SIGKILL)
        connection.transport.client = None
        channel.close()
        assert channel.closed
