"""The patient goes no further."""

from litestar import get, post

from carepath.journey import withdraw as withdrawal
from carepath.kit import clock
from carepath.kit.errors import Conflict
from carepath.kit.words import _
from carepath.web.forms import form_of
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.patient import views
from carepath.web.wire import Answer, Req, actor_of, spot_of

_CHOICES = frozenset({"cancel", "keep"})


@get("/application/withdraw", guards=[patients_only])
async def ask_back(request: Req) -> Answer:
    """Is that what you want?"""
    return await _show(request, {}, 200)


async def _show(request: Req, errors: dict[str, str], status: int) -> Answer:
    now = clock.now()
    found = await withdrawal.open_withdrawal(actor_of(request), now)
    visit = views.visit(found.visit, now) if found.visit else None
    return page(request, "patient/withdraw.html", status=status, errors=errors, visit=visit)


@post("/application/withdraw", guards=[patients_only])
async def withdraw(request: Req) -> Answer:
    """End it. A booked visit is cancelled unless its patient wants to keep it; what is only held is given back."""
    form, actor, now = form_of(spot_of(request).fields), actor_of(request), clock.now()
    said = form.choice("visit", _CHOICES, _("Choose what becomes of your visit."))
    if form.problems:
        return await _show(request, form.problems, 422)
    try:
        await withdrawal.withdraw(actor, said == "cancel", now)
    except Conflict as refused:
        if refused.code not in {"too-late", "already-begun"}:
            raise
        return await _show(request, {"visit": refused.reason}, 409)
    return see_other("/home")


ROUTES = [ask_back, withdraw]
