"""Expired holds and no-shows."""

from carepath.journey import book
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.scheduling.tick")
def tick() -> None:
    """One round."""
    run(_round)


async def _round() -> None:
    await book.tick(clock.now())
