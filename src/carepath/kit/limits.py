"""Limits on guessing: counters in Valkey, shared by all workers; a local count while it is away.

Losing Valkey must neither stop people from signing in nor open the door to guessing, so each
process then counts for itself.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import ClassVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from carepath.kit import crypto
from carepath.kit.errors import CarepathError

_COUNT = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"
_PATIENCE = 0.3  # seconds: a silent Valkey must not hold a sign-in up


class TooMany(CarepathError):
    """The limit is reached; `minutes` until it opens again."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        self.reason = f"Too many tries. Please wait {minutes} minutes and try again."
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` within `seconds` for one key."""

    name: str
    times: int
    seconds: int


class _State:
    client: "Redis | None" = None
    local: ClassVar[dict[str, tuple[float, int]]] = {}
    away_until: float = 0.0


def configure(redis_url: str) -> None:
    """Where the counters live. Opens nothing."""
    _State.client = Redis.from_url(redis_url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)


async def close() -> None:
    """Give the connections back."""
    if _State.client is not None:
        await _State.client.aclose()


async def count(limit: Limit, subject: str) -> None:
    """Count one try of `subject` (hashed: no address or e-mail reaches Valkey). TooMany above the limit."""
    key = f"limit:{limit.name}:{crypto.digest('limit', limit.name, subject).hex()[:32]}"
    tries = await _shared(key, limit.seconds)
    if tries is None:
        tries = _local(key, limit.seconds)
    if tries > limit.times:
        raise TooMany(max(1, limit.seconds // 60))


async def _shared(key: str, seconds: int) -> int | None:
    """The shared count, or None while Valkey is away (it is asked again after five seconds)."""
    if _State.client is None or time.monotonic() < _State.away_until:
        return None
    try:
        async with asyncio.timeout(_PATIENCE * 2):
            return int(await _State.client.eval(_COUNT, 1, key, str(seconds)))
    except (RedisError, OSError, TimeoutError):
        _State.away_until = time.monotonic() + 5
        return None


def _local(key: str, seconds: int) -> int:
    """This process's own count; forgotten windows are swept when the table grows."""
    moment = time.monotonic()
    if len(_State.local) > 10_000:
        _State.local = {k: v for k, v in _State.local.items() if v[0] > moment}
    ends, tries = _State.local.get(key, (0.0, 0))
    fresh = (moment + seconds, 1) if ends <= moment else (ends, tries + 1)
    _State.local[key] = fresh
    return fresh[1]
