"""Where the patient can be called."""

from litestar import get, post

from carepath.journey import phone
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.web.forms import Form, form_of
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of

_PATH = "/home/phone"
MOST = 30


@get(_PATH, guards=[patients_only])
async def ask(request: Req) -> Answer:
    """The number that is known, to be changed or taken back."""
    return await _show(request, {}, None)


async def _show(request: Req, errors: dict[str, str], form: Form | None) -> Answer:
    found = await phone.open_phone(actor_of(request), clock.now())
    values = form.values if form else {"phone": found.number or ""}
    return page(
        request, "patient/phone.html", status=422 if errors else 200, errors=errors, values=values, own=found
    )  # fmt: skip


@post(_PATH, guards=[patients_only])
async def say(request: Req) -> Answer:
    """Keep it; an empty field removes it."""
    form = form_of(spot_of(request).fields)
    number = form.text("phone", MOST)
    try:
        form.check()
        await phone.say(actor_of(request), number, clock.now())
    except Invalid as wrong:
        return await _show(request, dict(wrong.fields), form)
    return see_other("/home")


ROUTES = [ask, say]
