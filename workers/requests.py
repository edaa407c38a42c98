"""The waiting list: free time to whoever waits for it."""

from carepath.journey import waitlist
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.requests.tick")
def tick() -> None:
    """One round."""
    run(_round)


async def _round() -> None:
    await waitlist.tick(clock.now())
