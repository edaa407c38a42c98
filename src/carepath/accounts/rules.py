"""Session lifetimes, link lifetimes, and what an address, a name or a phone number looks like."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carepath.kit.errors import Invalid
from carepath.kit.limits import Limit
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends after `idle` without a request, and after `absolute` in any case."""

    idle: timedelta
    absolute: timedelta


STAFF = Lifetime(timedelta(minutes=30), timedelta(hours=12))
PATIENT = Lifetime(timedelta(hours=2), timedelta(hours=24))
SIGN_IN_LINK = timedelta(minutes=10)

PASSWORD_TRIES = Limit("password", 10, 15 * 60)
CODE_TRIES = Limit("code", 8, 15 * 60)
ADDRESS_TRIES = Limit("address", 600, 15 * 60)
LINK_REQUESTS = Limit("link", 6, 60 * 60)

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_PHONE = re.compile(r"\+?[0-9 ().-]{7,25}")


def email_problem(text: str) -> str | None:
    """Why `text` is no e-mail address, or None."""
    if not text:
        return _("Enter your e-mail address.")
    if len(text) > 254 or not _EMAIL.fullmatch(text) or ".." in text:
        return _("Enter an e-mail address like name@example.com.")
    return None


def name_problem(text: str, what: str) -> str | None:
    """Why `text` is no name, or None. Names are anything a person can write, within reason."""
    if not text:
        return _("Enter your {what}.").format(what=what)
    if len(text) > 80:
        return _("Your {what} can have at most 80 characters here.").format(what=what)
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in text):
        return _("Your {what} contains a character that cannot be stored.").format(what=what)
    return None


def phone_problem(text: str) -> str | None:
    """Why `text` is no phone number, or None. Empty is allowed. No number of the world has more than 15 digits (E.164)."""
    if text and not (_PHONE.fullmatch(text) and 7 <= sum(c.isdecimal() for c in text) <= 15):
        return _("Enter a phone number with digits only, for example 555 010 0199.")
    return None


def person_key(first: str, last: str) -> str:
    """A name as it is compared: letters and digits alone, without accents, capitals, spaces and hyphens."""
    plain = unicodedata.normalize("NFKD", f"{first} {last}".casefold())
    return "".join(c for c in plain if c.isalnum())


def phone_key(text: str) -> str:
    """A number as it is compared: its last ten digits, so that +1 makes no difference. Fewer are no number."""
    digits = "".join(c for c in text if c.isdecimal())
    return digits[-10:] if len(digits) >= 10 else ""


def age_on(birth: date, on: date) -> int:
    """Whole years. Born on 29 February: a year older on 1 March in common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def is_live(created_at: datetime, last_seen_at: datetime, expires_at: datetime, life: Lifetime, now: datetime) -> bool:
    """Is a session still good at `now`? A clock that went back does not lengthen it."""
    return now < expires_at and now - last_seen_at < life.idle and now - created_at < life.absolute


def check_password(password: str) -> None:
    """Invalid unless the password is long enough to resist guessing (NIST SP 800-63B: length, no rules)."""
    if not 12 <= len(password) <= 256:
        raise Invalid({"password": _("Use at least 12 characters.")})
