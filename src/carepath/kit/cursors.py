"""Where the next page of a list begins: sealed for one list of one reader, so that nobody reads, makes or moves one."""

import base64
import binascii
import json
from collections.abc import Sequence

from carepath.kit import crypto
from carepath.kit.errors import Invalid
from carepath.kit.words import _

_MOST = 600


def write(place: str, key: Sequence[str | int]) -> str:
    """An opaque text for an address."""
    sealed = crypto.seal(json.dumps(list(key)), f"cursor:{place}")
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read(place: str, text: str) -> list[str | int]:
    """The key that was written for this place. Invalid `after` for anything else."""
    try:
        if len(text) > _MOST or not text.isascii():
            raise ValueError
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return list(json.loads(crypto.unseal(sealed, f"cursor:{place}")))
    except (ValueError, binascii.Error, crypto.WrongKey):
        raise Invalid({"after": _("This page of the list is not there. Open the list again.")}) from None
