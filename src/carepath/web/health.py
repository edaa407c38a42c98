"""/healthz says that the process answers; /readyz that the product can do its work."""

from litestar import Response, get

from carepath.journey import health
from carepath.kit import clock


@get(["/healthz"], sync_to_thread=False)
def healthz() -> Response[dict[str, str]]:
    """The process is up."""
    return Response({"status": "ok"})


@get(["/readyz"])
async def readyz() -> Response[dict[str, object]]:
    """Database, migrations, and the age in seconds of the last beat tick and the last drain."""
    state = await health.readiness(clock.wall())
    return Response(state.as_dict(), status_code=200 if state.is_ready else 503)
