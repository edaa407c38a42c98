"""Messages that are due."""

from carepath.journey import health, tell
from carepath.kit import clock
from workers.app import app
from workers.runtime import desk, run, transport


@app.task(name="workers.messages.drain")
def drain() -> None:
    """Send what is due; a full batch means there may be more, so look again at once."""
    run(_until_empty())


async def _until_empty() -> None:
    for _round in range(20):
        report = await tell.drain(desk(), transport(), clock.now())
        await health.heartbeat("drain", clock.wall())
        if report.claimed == 0 or report.sent == 0:
            return
