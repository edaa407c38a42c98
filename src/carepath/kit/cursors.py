"""A place in a list as an address can hold it: opaque, and good for the one list and person that it was made for."""

import base64
import re

from carepath.kit import crypto

_MOST = 400
_SHAPE = re.compile(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{43}", re.ASCII)
_BETWEEN = "\x1f"


def write(purpose: str, *parts: str) -> str:
    """A text for an address. `purpose` names the list, its filter and whose it is."""
    sealed = base64.urlsafe_b64encode(_BETWEEN.join(parts).encode()).decode().rstrip("=")
    return f"{sealed}.{crypto.sign(f'cursor {purpose}', *parts)}"


def read(purpose: str, text: str) -> tuple[str, ...] | None:
    """The parts, or None for a text that `write` did not make for this purpose."""
    if len(text) > _MOST or not _SHAPE.fullmatch(text):
        return None
    sealed, _dot, signature = text.partition(".")
    try:
        parts = tuple(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)).decode().split(_BETWEEN))
    except ValueError:
        return None
    return parts if crypto.same(signature, crypto.sign(f"cursor {purpose}", *parts)) else None
