"""Staff sign in: password, then a one-time code."""

from litestar import get, post

from carepath.accounts import sessions
from carepath.kit import clock
from carepath.kit.actor import Role
from carepath.kit.errors import Invalid, Refused
from carepath.kit.words import _
from carepath.web.forms import form_of
from carepath.web.pages import page, see_other, sign_in, sign_out
from carepath.web.wire import Answer, Req, actor_of, address_of, device_of, spot_of

HOME = {Role.PROVIDER: "/provider", Role.COORDINATOR: "/coordinator", Role.ADMIN: "/admin", Role.PATIENT: "/home"}


@get("/staff/sign-in")
async def sign_in_page(request: Req) -> Answer:
    """The form, or one's own desk when signed in already."""
    home = HOME.get(actor_of(request).role)
    return see_other(home) if home else page(request, "account/sign_in.html")


@post("/staff/sign-in")
async def check_password(request: Req) -> Answer:
    """First step. A wrong pair comes back with the address kept and the password gone."""
    form = form_of(spot_of(request).fields)
    email = form.text("email", 254, _("Enter your e-mail address."))
    given = form.fields.get("password", [""])
    password, shown = given[0][:300], {"email": form.values.get("email", "")}
    try:
        if len(given) > 1:
            form.problems["password"] = _("This was sent more than once.")
        elif not password:
            form.problems["password"] = _("Enter your password.")
        form.check()
        token = await sessions.check_password(email, password, address_of(request), device_of(request), clock.now())
    except Invalid as problem:
        return page(request, "account/sign_in.html", status=422, errors=problem.fields, values=shown)
    except Refused as refusal:
        wrong = {"email": refusal.reason}
        return page(request, "account/sign_in.html", status=422, errors=wrong, values=shown)
    sign_in(request, token)
    return see_other("/staff/code")


@get("/staff/code")
async def code_page(request: Req) -> Answer:
    """The second step's form."""
    spot = spot_of(request)
    if spot.visitor is None or not spot.visitor.awaits_code:
        return see_other("/staff/sign-in")
    return page(request, "account/code.html")


@post("/staff/code")
async def check_code(request: Req) -> Answer:
    """Second step. A right code opens a new session and ends the half-open one."""
    spot, form = spot_of(request), form_of(spot_of(request).fields)
    waiting = await sessions.waiting_account(spot.token or "", clock.now())
    if waiting is None:
        return see_other("/staff/sign-in")
    code = form.text("code", 12, _("Enter the six digits from your authenticator app.")).replace(" ", "")
    try:
        form.check()
        token = await sessions.check_code(*waiting, code, device_of(request), clock.now())
    except Invalid as problem:
        return page(request, "account/code.html", status=422, errors=problem.fields)
    except Refused as refusal:
        return page(request, "account/code.html", status=422, errors={"code": refusal.reason})
    sign_in(request, token)
    return see_other("/staff/desk")


@get("/staff/desk")
async def desk(request: Req) -> Answer:
    """To the page of one's role."""
    return see_other(HOME.get(actor_of(request).role, "/staff/sign-in"))


@post("/sign-out")
async def leave(request: Req) -> Answer:
    """End the session here and in the database."""
    actor = actor_of(request)
    visitor = spot_of(request).visitor
    if visitor is not None:
        await sessions.end(visitor.session_id, clock.now())
    sign_out(request)
    return see_other("/" if actor.role is Role.PATIENT else "/staff/sign-in")


ROUTES = [sign_in_page, check_password, code_page, check_code, desk, leave]
