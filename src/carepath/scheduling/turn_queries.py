"""Turns: advisory locks that last as long as the transaction, so that writers never deadlock."""

from collections.abc import Iterable
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope


def _keys(whose: Iterable[UUID]) -> list[int]:
    """Sorted lock numbers: the random half of each id."""
    return sorted({int.from_bytes(one.bytes[8:], "big", signed=True) for one in whose})


async def try_take(scope: Scope, one: UUID, other: UUID) -> bool:
    """Take both turns if nobody has them; True if they are ours.

    The second is tried only when the first was free: holding the later one while waiting for the
    earlier would be out of order, and could close a circle.
    """
    found = await db.row(
        """SELECT CASE WHEN pg_try_advisory_xact_lock({}) THEN pg_try_advisory_xact_lock({}) ELSE false END AS held""",
        *_keys((one, other)),
    )
    return found is not None and bool(found["held"])


async def take(scope: Scope, *whose: UUID) -> None:
    """Wait for the turns of these practitioners and patients.

    Always in one order, so that two writers never wait for each other: without it, an UPDATE that
    moves a visit onto another's time deadlocks with its mirror image.
    """
    await db.execute("SELECT pg_advisory_xact_lock(key) FROM unnest({}::bigint[]) key", _keys(whose))
