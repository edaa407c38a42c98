"""When beat last ticked and workers last drained."""

from datetime import datetime

from carepath.kit import db


async def beat(name: str, wall: datetime) -> None:
    """Remember a sign of life."""
    await db.execute(
        "INSERT INTO heartbeat (name, at) VALUES ({}, {}) ON CONFLICT (name) DO UPDATE SET at = excluded.at", name, wall
    )


async def ages(wall: datetime) -> dict[str, float]:
    """Name -> seconds since its last sign of life."""
    found = await db.rows("SELECT name, at FROM heartbeat")
    return {str(r["name"]): max(0.0, (wall - r["at"]).total_seconds()) for r in found}
