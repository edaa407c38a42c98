"""Sealing of identity and free text, and keyed digests.

AES-256-GCM with the place ("table.column:row id") as associated data: a sealed value moved to
another row or column does not open. The first byte names the key, so that keys can be rotated.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_HEAD = 1 + _NONCE_BYTES  # key id and nonce


class WrongKey(Exception):
    """A sealed value cannot be opened: wrong key, wrong place, or altered bytes."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """`active` seals; every key of `keys` opens. `digest_key` is for blind indexes and signatures."""

    active: int
    keys: dict[int, AESGCM]
    digest_key: bytes


def parse_keys(text: str) -> dict[int, bytes]:
    """`"1:<base64 of 32 bytes>,2:..."` to key id -> key. ValueError says what is wrong."""
    keys: dict[int, bytes] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        number, _, encoded = part.partition(":")
        if not number.isdigit() or not 0 < int(number) < 256:
            raise ValueError("each key is written <id 1-255>:<base64 of 32 bytes>")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise ValueError(f"key {number} is not base64") from None
        if len(key) != 32:
            raise ValueError(f"key {number} has {len(key)} bytes; 32 are needed")
        if int(number) in keys:
            raise ValueError(f"key id {number} is given twice")
        keys[int(number)] = key
    if not keys:
        raise ValueError("no key is given")
    return keys


class _State:
    ring: Keyring | None = None


def configure(phi_keys: str, secret_key: str) -> None:
    """Set the process's keyring. The last key listed seals; all of them open."""
    keys = parse_keys(phi_keys)
    digest = hashlib.sha256(b"carepath digest\0" + secret_key.encode()).digest()
    _State.ring = Keyring(list(keys)[-1], {number: AESGCM(key) for number, key in keys.items()}, digest)


def _ring() -> Keyring:
    if _State.ring is None:
        raise RuntimeError("crypto.configure was not called")
    return _State.ring


def seal(text: str, place: str) -> bytes:
    """`text` sealed for `place` ("table.column:row id"): key id, nonce, ciphertext with tag."""
    ring, nonce = _ring(), os.urandom(_NONCE_BYTES)
    sealed = ring.keys[ring.active].encrypt(nonce, text.encode(), place.encode())
    return bytes([ring.active]) + nonce + sealed


def unseal(blob: bytes, place: str) -> str:
    """The text that was sealed for `place`. WrongKey when it does not open."""
    key = _ring().keys.get(blob[0]) if blob else None
    if key is None:
        raise WrongKey(f"no key opens {place.partition(':')[0]}")
    try:
        return key.decrypt(blob[1:_HEAD], blob[_HEAD:], place.encode()).decode()
    except InvalidTag:
        raise WrongKey(f"a value of {place.partition(':')[0]} does not open") from None


def seal_optional(text: str | None, place: str) -> bytes | None:
    """`seal`, with None kept."""
    return None if text is None else seal(text, place)


def unseal_optional(blob: bytes | None, place: str) -> str | None:
    """`unseal`, with None kept."""
    return None if blob is None else unseal(blob, place)


def digest(purpose: str, *parts: str | bytes) -> bytes:
    """A keyed SHA-256 over length-prefixed parts. Different purposes never collide."""
    mac = hmac.new(_ring().digest_key, purpose.encode() + b"\0", hashlib.sha256)
    for part in parts:
        raw = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        mac.update(len(raw).to_bytes(8, "big") + raw)
    return mac.digest()


def blind_index(value: str) -> bytes:
    """Finds a sealed e-mail address again without opening every row."""
    return digest("blind-index", value.strip().casefold())


def sign(purpose: str, *parts: str) -> str:
    """A URL-safe signature of `parts`, for CSRF tokens and links that are derived rather than stored."""
    return base64.urlsafe_b64encode(digest(purpose, *parts)).decode().rstrip("=")


def same(left: str | bytes, right: str | bytes) -> bool:
    """Equality in constant time."""
    as_bytes = (x.encode("utf-8", "surrogatepass") if isinstance(x, str) else x for x in (left, right))
    return hmac.compare_digest(*as_bytes)
