"""A sign of life: beat ticked, and a worker ran; and what is too old to be kept."""

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


@app.task(name="workers.health.tidy")
def tidy() -> None:
    """Forget answers that nobody will ask for again, and fill what a newer version of the software looks up by."""
    run(_forget)


async def _forget() -> None:
    await health.forget(clock.now())
    await health.index_people()
