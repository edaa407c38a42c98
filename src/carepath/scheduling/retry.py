"""A verb that the database broke off is tried again; nobody sees a serialization error."""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from asyncpg.exceptions import DeadlockDetectedError, SerializationError

from carepath.kit import db
from carepath.kit.errors import Conflict
from carepath.kit.words import _

P = ParamSpec("P")
T = TypeVar("T")

_TRIES = 3
BUSY = "busy"


async def settled(work: Callable[[], Awaitable[T]]) -> T:
    """`work`, which opens its own transaction, tried up to three times when it loses a deadlock or a
    serialization; then Conflict `busy`.

    Inside somebody else's transaction nothing can be repeated, so there it is `busy` at once, and the
    `settled` around that transaction repeats the whole.
    """
    for tried in range(1, _TRIES + 1):
        try:
            return await work()
        except (DeadlockDetectedError, SerializationError):
            pass
        except Conflict as conflict:
            if conflict.code != BUSY:
                raise
        if tried == _TRIES or not db.can_repeat():
            break
        await asyncio.sleep(random.uniform(0.01, 0.03) * tried)  # noqa: S311 - spreads retries, keeps no secret
    raise Conflict(_("Many people are booking right now. Please try again."), BUSY)


def retried(verb: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """`verb`, settled."""

    @functools.wraps(verb)
    async def again(*args: P.args, **kwargs: P.kwargs) -> T:
        return await settled(lambda: verb(*args, **kwargs))

    return again
