"""The waiting list: free time to whoever waits for it."""

from carepath.journey import waitlist
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.requests.tick")
def tick() -> None:
    """One round."""
    run(_round)


@app.task(name="workers.requests.reviews")
def reviews() -> None:
    """Plans whose next visit is near."""
    run(_reviews)


async def _reviews() -> None:
    await waitlist.ask_for_reviews(clock.now())


async def _round() -> None:
    await waitlist.tick(clock.now())
