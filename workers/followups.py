"""Check-ins that fall due or are late."""

from carepath.journey import maintain
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.followups.tick")
def tick() -> None:
    """One round."""
    run(_round)


async def _round() -> None:
    await maintain.tick(clock.now())
