"""All SQL over answers that are kept under an Idempotency-Key."""

from dataclasses import dataclass
from datetime import datetime

from carepath.kit import db
from carepath.kit.actor import Scope


@dataclass(frozen=True, slots=True)
class Kept:
    """What a write was asked and answered. The answer is sealed: it may be a page about somebody."""

    request_hash: bytes
    status: int
    answer_enc: bytes


async def try_key(scope: Scope, key_hash: bytes) -> bool:
    """Be the only one that works under this key until the transaction ends; False when somebody else does."""
    number = int.from_bytes(key_hash[:8], "big", signed=True)
    found = await db.row("SELECT pg_try_advisory_xact_lock({}) AS held", number)
    return found is not None and bool(found["held"])


async def find(scope: Scope, key_hash: bytes) -> Kept | None:
    """What was answered under this key."""
    found = await db.row("SELECT request_hash, status, answer_enc FROM idempotent_answer WHERE key_hash = {}", key_hash)
    return Kept(**found) if found else None


async def insert(scope: Scope, key_hash: bytes, kept: Kept, now: datetime) -> None:
    """Keep an answer, in the transaction of what it is about."""
    await db.execute(
        """INSERT INTO idempotent_answer (key_hash, request_hash, status, answer_enc, created_at)
           VALUES ({}, {}, {}, {}, {})""",
        key_hash, kept.request_hash, kept.status, kept.answer_enc, now,
    )  # fmt: skip


async def delete_before(scope: Scope, moment: datetime) -> None:
    """Forget old answers."""
    await db.execute("DELETE FROM idempotent_answer WHERE created_at < {}", moment)
