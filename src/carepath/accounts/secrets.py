"""Password hashes and one-time codes. Slow work runs in a thread, a few at a time."""

import asyncio
from datetime import datetime

import pyotp
from pwdlib import PasswordHash

_hasher = PasswordHash.recommended()
_room = asyncio.Semaphore(2)  # each hash takes 64 MiB and a core
_STEP = 30

# A hash of nothing anybody knows: an unknown address costs the same time as a wrong password.
_DECOY = _hasher.hash("an account that does not exist")


async def hash_password(password: str) -> str:
    """An argon2id hash."""
    async with _room:
        return await asyncio.to_thread(_hasher.hash, password)


async def password_matches(password: str, stored: str | None) -> bool:
    """Does it match? Takes equally long when there is no such account."""
    async with _room:
        matches = await asyncio.to_thread(_hasher.verify, password, stored or _DECOY)
    return matches and stored is not None


def new_totp_secret() -> str:
    """A fresh base32 secret for an authenticator app."""
    return pyotp.random_base32()


def code_step(secret: str, code: str, last_step: int, at: datetime) -> int | None:
    """The time step that `code` belongs to, if it is right and newer than `last_step`.

    One step of drift either way is accepted (RFC 6238, 5.2); a step once used is never accepted again.
    """
    totp, current = pyotp.TOTP(secret), int(at.timestamp()) // _STEP
    for step in (current, current - 1, current + 1):
        if step > last_step and pyotp.utils.strings_equal(code, totp.generate_otp(step)):
            return step
    return None
