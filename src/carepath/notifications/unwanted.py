"""Recipients say no to mails that they need not get, and yes again, by the address in such a mail.

Whoever has the mail may choose: the address names its message and proves by a signature that we wrote it. It opens
nothing else, so it works as long as the message is kept.
"""

import re
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from carepath.kit import crypto
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound
from carepath.notifications import unwanted_queries
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.unwanted_queries import Choice

__all__ = ["Choice", "choice", "choose", "token_of"]

_TOKEN = re.compile(r"([0-9a-f]{32})([A-Za-z0-9_-]{43})", re.ASCII)
_SCOPE = SYSTEM.scope


def token_of(message_id: UUID) -> str:
    """The last part of the address at which this message's kind is stopped."""
    return f"{message_id.hex}{crypto.sign('stop', message_id.hex)}"


async def choice(token: str) -> Choice:
    """What is chosen now. NotFound for every token that is not ours, or of a message that nobody may refuse."""
    parts = _TOKEN.fullmatch(token)
    if parts is None or not crypto.same(parts[2], crypto.sign("stop", parts[1])):
        raise NotFound
    found = await unwanted_queries.of_message(_SCOPE, UUID(parts[1]))
    if found is None or not KINDS[found.kind].optional:
        raise NotFound
    return found


async def choose(token: str, is_wanted: bool, now: datetime) -> Choice:
    """Want this kind, or want no more of it. The same again changes nothing."""
    found = await choice(token)
    if is_wanted:
        await unwanted_queries.resume(_SCOPE, found)
    else:
        await unwanted_queries.stop(_SCOPE, found, now)
    return replace(found, is_stopped=not is_wanted)
