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


def retried(verb: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """`verb`, tried up to three times when it loses a deadlock or a serialization; then Conflict `busy`.

    Inside somebody else's transaction there is nothing left to retry, so there it is Conflict at once.
    """

    @functools.wraps(verb)
    async def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for tried in range(1, _TRIES + 1):
            try:
                return await verb(*args, **kwargs)
            except (DeadlockDetectedError, SerializationError):
                if tried == _TRIES or db.DB.current_transaction.get() is not None:
                    break
                await asyncio.sleep(random.uniform(0.01, 0.03) * tried)
        raise Conflict(_("Many people are booking right now. Please try again."), "busy")

    return again
