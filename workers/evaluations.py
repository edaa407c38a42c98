"""Evaluations whose due time has passed."""

from carepath.journey import escalate
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.evaluations.late")
def late() -> None:
    """One round."""
    run(_late)


async def _late() -> None:
    await escalate.tick(clock.now())
