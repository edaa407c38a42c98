"""Expired holds and no-shows."""

from carepath.journey import book
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.scheduling.tick")
def tick() -> None:
    """One round."""
    run(book.tick(clock.now()))
