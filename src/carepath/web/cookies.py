"""Two cookies: the session's token, and a random name for a browser that has no session yet (for CSRF)."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from carepath.settings import Settings


def names(settings: Settings) -> tuple[str, str]:
    """(session, browser). `__Host-` needs https, which a development machine lacks."""
    prefix = "__Host-" if settings.is_https else ""
    return f"{prefix}carepath", f"{prefix}carepath-browser"


def parse(header: str) -> Mapping[str, str]:
    """Cookies of a request. A malformed header has none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def line(settings: Settings, name: str, value: str | None) -> bytes:
    """A Set-Cookie value; None removes the cookie. No Max-Age: the session row decides how long."""
    tail = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if settings.is_https else "")
    gone = "; Max-Age=0" if value is None else ""
    return f"{name}={value or ''}{gone}{tail}".encode("ascii")
