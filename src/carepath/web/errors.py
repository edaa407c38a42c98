"""The one place where refusals become HTTP. No page shows more than a sentence and a request id."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from carepath.kit import faults
from carepath.kit.errors import CarepathError, Conflict, Invalid, NotFound, Refused
from carepath.kit.limits import TooMany
from carepath.kit.words import _
from carepath.web.forms import BadRequest
from carepath.web.gate import Forged
from carepath.web.guards import SignInFirst
from carepath.web.pages import page, page_above, see_other
from carepath.web.wire import spot_of

_log = logging.getLogger("carepath.web")


# Codes of conflicts that pass by themselves: the same request is right a moment later.
_PASSING = frozenset({"busy", "in-flight"})


def _answer(request: Request[Any, Any, Any], status: int, title: str, reason: str) -> Response[Any]:
    if "application/json" in request.headers.get("accept", ""):
        return Response({"error": reason}, status_code=status, media_type="application/json")
    reference = spot_of(request).request_id
    return page(request, "error.html", status=status, title=title, reason=reason, reference=reference)


def _again(answer: Response[Any], code: str) -> Response[Any]:
    if code in _PASSING:
        answer.set_header("retry-after", "1")
    return answer


def _ours(request: Request[Any, Any, Any], error: CarepathError) -> Response[Any]:
    match error:
        case SignInFirst():
            return see_other(error.where)
        case NotFound():
            return _answer(request, 404, _("Not found"), error.reason)
        case Refused():
            return _answer(request, 403, _("Not allowed"), error.reason)
        case Conflict():
            return _again(_answer(request, 409, _("That is not possible now"), error.reason), error.code)
        case Invalid():
            return _answer(request, 422, _("Something is missing or wrong"), str(error))
        case TooMany():
            return _answer(request, 429, _("Please wait a little"), error.reason)
        case Forged():
            return _answer(request, 403, _("Please try again"), str(error))
        case BadRequest():
            return _answer(request, error.status, _("That could not be read"), error.reason)
    return _unexpected(request, error)


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if error.status_code == 405 and request.method == "GET":
        # A reload, or the address bar, after a form came back with errors: its address only takes what a form sends.
        return see_other(page_above(request.app, request.url.path))
    if error.status_code == 404:
        return _answer(request, 404, _("Not found"), NotFound().reason)
    if error.status_code >= 500:
        return _unexpected(request, error)
    reason = (
        _("This address does not take such a request.") if error.status_code == 405 else _("That could not be read.")
    )
    return _answer(request, error.status_code, _("That did not work"), reason)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Ours to mend. The log gets the kind of error and where, never its text: it may hold somebody's data."""
    _log.error("request %s failed: %s", spot_of(request).request_id, faults.describe(error))
    return _answer(
        request, 500, _("Something went wrong on our side"), _("Nothing you sent was lost half-way. Please try again.")
    )


HANDLERS: ExceptionHandlersMap = {
    CarepathError: _ours,
    HTTPException: _http,
    Exception: _unexpected,
}
