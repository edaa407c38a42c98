"""Mail inside a page: a mail needs inline styles, so it is shown apart, where no script, form or picture is let in."""

from litestar import Response

from carepath.web.headers import CONTENT_POLICY
from carepath.web.wire import Answer

_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def framed(html: str) -> Response[str]:
    """The HTML of a mail, for a frame on one of our own pages."""
    headers = {"content-security-policy": _POLICY, "x-frame-options": "SAMEORIGIN"}
    return Response(html, media_type="text/html", headers=headers)


def framing(answer: Answer) -> Answer:
    """A page that shows such a frame."""
    answer.headers["content-security-policy"] = f"{CONTENT_POLICY}; frame-src 'self'"
    return answer
