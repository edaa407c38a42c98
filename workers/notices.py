"""What the product says of its own accord: nobody's act causes these messages, but the time that has passed."""

from carepath.journey import digest, foresee, nudge
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.notices.nudges")
def nudges() -> None:
    """Applications that were begun and not sent."""
    run(_nudges)


async def _nudges() -> None:
    await nudge.tick(clock.now())


@app.task(name="workers.notices.changes")
def changes() -> None:
    """Changes ahead that booked visits rest on."""
    run(_changes)


async def _changes() -> None:
    await foresee.tick(clock.now())


@app.task(name="workers.notices.digests")
def digests() -> None:
    """Staff whose morning it is."""
    run(_digests)


async def _digests() -> None:
    await digest.tick(clock.now())
