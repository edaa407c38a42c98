"""The same key and the same request give the same answer, whatever happened in between.

The answer is written in the transaction of the work itself, so that there is never one without the other: after a
crash either both are there or neither is, and the retry does the work.
"""

from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from carepath.accounts import answer_queries
from carepath.accounts.answer_queries import Kept
from carepath.kit import crypto, db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _

KEPT_FOR = timedelta(days=7)
KEY_FIELD = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `passes`: it is about this very moment and must not be kept; `is_repeat`: it was kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    passes: bool = False
    is_repeat: bool = False


class _Undone(Exception):
    """Breaks off the transaction around an answer that must leave no trace."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("undone")
        self.answer = answer


async def once(holder: str, key: str, request: bytes, work: Callable[[], Awaitable[Answer]], now: datetime) -> Answer:
    """Do `work` and keep its answer, or answer what was kept for `key` of `holder`.

    Conflict `in-flight` while the first request still works; Invalid when the key came with another request.
    """
    key_hash = crypto.digest("idempotency", holder, key)
    try:
        async with db.transaction(undoes_parts=True):
            if not await answer_queries.try_key(SYSTEM.scope, key_hash):
                raise Conflict(_("The same request is being worked on at this moment."), "in-flight")
            kept = await answer_queries.find(SYSTEM.scope, key_hash)
            if kept is not None:
                return _opened(kept, key_hash, request)
            answer = await work()
            if answer.status >= 500 or answer.passes:
                raise _Undone(answer)
            await answer_queries.insert(SYSTEM.scope, key_hash, _sealed(answer, key_hash, request), now)
            return answer
    except _Undone as undone:
        return undone.answer


def _place(key_hash: bytes) -> str:
    return f"idempotent_answer.answer_enc:{key_hash.hex()}"


def _sealed(answer: Answer, key_hash: bytes, request: bytes) -> Kept:
    text = msgspec.json.encode([dict(answer.headers), b64encode(answer.body).decode()]).decode()
    return Kept(request, answer.status, crypto.seal(text, _place(key_hash)))


def _opened(kept: Kept, key_hash: bytes, request: bytes) -> Answer:
    if kept.request_hash != request:
        raise Invalid({KEY_FIELD: _("This key came with a different request before. Use a new one.")})
    headers, body = msgspec.json.decode(crypto.unseal(kept.answer_enc, _place(key_hash)))
    return Answer(kept.status, headers, b64decode(body), is_repeat=True)


async def forget(now: datetime) -> None:
    """Answers are kept for a week."""
    await answer_queries.delete_before(SYSTEM.scope, now - KEPT_FOR)
