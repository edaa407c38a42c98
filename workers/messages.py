"""Messages that are due."""

from carepath.journey import health, tell
from carepath.kit import clock
from carepath.notifications.rules import timing
from workers.app import app
from workers.runtime import post, run

# A round begins no mail after 15 s and gives each at most a minute; this is for what cannot happen.
_LONGEST = 100.0


@app.task(name="workers.messages.drain")
def drain() -> None:
    """Send what is due, and what a lost worker had in its hands."""
    run(_until_empty, _LONGEST)


@app.task(name="workers.messages.drain_slow")
def drain_slow() -> None:
    """Send a few mails to a domain whose server is slow, apart from all others."""
    run(_slow, _LONGEST)


async def _until_empty() -> None:
    """A full batch means there may be more, so look again at once."""
    end, found = clock.wall() + timing.ROUND, post()
    while True:
        report = await tell.drain(found, clock.now)
        lost = await tell.drain_lost(found, clock.now)
        await health.heartbeat("drain", clock.wall())
        if (
            (lost.claimed == 0 and report.claimed < timing.BATCH)
            or report.settled + lost.settled == 0
            or clock.wall() > end
        ):
            return


async def _slow() -> None:
    await tell.drain_slow(post(), clock.now)
