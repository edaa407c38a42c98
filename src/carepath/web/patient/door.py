"""The way in: landing, crisis help, e-mail links."""

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import apply
from carepath.kit import clock
from carepath.kit.actor import Role
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.words import _
from carepath.web.forms import form_of
from carepath.web.pages import page, see_other, sign_in
from carepath.web.wire import Answer, Req, actor_of, address_of, device_of, spot_of


@get("/")
async def landing(request: Req) -> Answer:
    """What the clinic offers, plainly."""
    return page(request, "patient/landing.html")


@get("/crisis")
async def crisis(request: Req) -> Answer:
    """Help now, for whoever needs it."""
    return page(request, "patient/crisis.html")


@get("/sign-in")
async def sign_in_page(request: Req) -> Answer:
    """Returning patients ask for a link."""
    actor = actor_of(request)
    if actor.role is Role.PATIENT and actor.limited_to is None:
        return see_other("/home")
    return page(request, "patient/sign_in.html")


@post("/sign-in")
async def ask_for_link(request: Req) -> Answer:
    """The same answer whether or not the address is known, so that nobody can probe for patients."""
    form = form_of(spot_of(request).fields)
    email = form.text("email", 254, _("Enter your e-mail address."))
    try:
        form.check()
        await apply.ask_for_link(actor_of(request), email, address_of(request), clock.now())
    except Invalid as problem:
        return page(request, "patient/sign_in.html", status=422, errors=problem.fields, values=form.values)
    return see_other("/check-your-mail")


@get("/check-your-mail")
async def check_your_mail(request: Req) -> Answer:
    """A link is on its way."""
    return page(request, "patient/check_your_mail.html")


@get("/link/{token:str}")
async def look_at_link(request: Req, token: FromPath[str]) -> Answer:
    """Shows one button. Looking changes nothing, so mail scanners cannot burn a link."""
    try:
        purpose = await apply.look_at_link(token, clock.now())
    except NotFound as stale:
        return page(request, "patient/link_stale.html", status=404, reason=stale.reason)
    return page(request, "patient/link.html", token=token, purpose=purpose)


@post("/link/{token:str}")
async def use_link(request: Req, token: FromPath[str]) -> Answer:
    """Signs in, as far as the link goes. Single-use links work once."""
    try:
        opened = await apply.use_link(actor_of(request), token, device_of(request), clock.now())
    except NotFound as stale:
        return page(request, "patient/link_stale.html", status=404, reason=stale.reason)
    sign_in(request, opened.session_token)
    return see_other(opened.path)


ROUTES = [landing, crisis, sign_in_page, ask_for_link, check_your_mail, look_at_link, use_link]
