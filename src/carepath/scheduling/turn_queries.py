"""Turns: advisory locks that last as long as the transaction, so that writers never deadlock."""

from collections.abc import Iterable
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope


def _keys(whose: Iterable[UUID]) -> list[int]:
    """Sorted lock numbers: the random half of each id."""
    return sorted({int.from_bytes(one.bytes[8:], "big", signed=True) for one in whose})


async def try_take(scope: Scope, *whose: UUID) -> bool:
    """Take the turns of these practitioners and patients, as far as nobody has them; True if all are ours."""
    for key in _keys(whose):
        found = await db.row("SELECT pg_try_advisory_xact_lock({}) AS held", key)
        if found is None or not found["held"]:
            return False
    return True


async def take(scope: Scope, *whose: UUID) -> None:
    """Wait for the turns of these practitioners and patients.

    Always in one order, so that two writers never wait for each other: without it, an UPDATE that
    moves a visit onto another's time deadlocks with its mirror image.
    """
    for key in _keys(whose):
        await db.execute("SELECT pg_advisory_xact_lock({})", key)
