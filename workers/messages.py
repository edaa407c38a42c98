"""Messages that are due."""

from carepath.journey import health, tell
from carepath.kit import clock
from carepath.notifications import rules
from workers.app import app
from workers.runtime import desk, run, transport

# A round begins no mail after 15 s and gives each at most a minute; this is for what cannot happen.
_LONGEST = 100.0


@app.task(name="workers.messages.drain")
def drain() -> None:
    """Send what is due; a full batch means there may be more, so look again at once."""
    run(_until_empty, _LONGEST)


async def _until_empty() -> None:
    end = clock.wall() + rules.ROUND
    while True:
        report = await tell.drain(desk(), transport(), clock.now())
        await health.heartbeat("drain", clock.wall())
        if report.claimed < rules.BATCH or report.sent == 0 or clock.wall() > end:
            return
