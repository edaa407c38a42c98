"""Evaluations and urgent tasks whose due time has passed."""

from carepath.journey import escalate
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.evaluations.late")
def late() -> None:
    """One round."""
    run(_late)


@app.task(name="workers.evaluations.urgent")
def urgent() -> None:
    """One round."""
    run(_urgent)


async def _urgent() -> None:
    await escalate.tick_urgent(clock.now())


async def _late() -> None:
    await escalate.tick(clock.now())
