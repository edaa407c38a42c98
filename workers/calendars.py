"""Calendars outside of ours."""

from carepath.journey import busy
from carepath.kit import clock
from workers.app import app
from workers.runtime import outside, run


@app.task(name="workers.calendars.tick")
def tick() -> None:
    """One round."""
    run(_round)


async def _round() -> None:
    await busy.tick(outside(), clock.now())
