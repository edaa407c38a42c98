"""Check-ins that fall due or are late, and signals."""

from carepath.journey import escalate, follow_up, signal
from carepath.kit import clock
from workers.app import app
from workers.runtime import run


@app.task(name="workers.followups.tick")
def tick() -> None:
    """One round."""
    run(_round)


@app.task(name="workers.followups.after_sessions")
def after_sessions() -> None:
    """Visits whose patients are asked how they have been since."""
    run(_sessions)


@app.task(name="workers.followups.signals_due")
def signals_due() -> None:
    """Dates of plans that have come, check-ins that are late: signals about them, and the end of those that moved on."""
    run(_due)


@app.task(name="workers.followups.red_again")
def red_again() -> None:
    """Red signals that nobody has acknowledged in time."""
    run(_red)


async def _red() -> None:
    await escalate.tick_red(clock.now())


async def _due() -> None:
    await signal.raise_due(clock.now())


async def _sessions() -> None:
    await follow_up.after_sessions(clock.now())


async def _round() -> None:
    await follow_up.tick(clock.now())
