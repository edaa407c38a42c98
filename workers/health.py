"""A sign of life: beat ticked, and a worker ran."""

from carepath.journey import health
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.health.beat")
def beat() -> None:
    """Leave the heartbeat."""
    run(_sign)


async def _sign() -> None:
    await health.heartbeat("beat", clock.wall())
