"""Consent, sending the answers, and the verdict in plain words."""

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import send as sending
from carepath.kit import clock
from carepath.kit.errors import Invalid, NotFound
from carepath.web.forms import form_of
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.patient import phone
from carepath.web.wire import Answer, Req, actor_of, address_of, product_of, spot_of


@get("/consents/{consent_id:str}", guards=[patients_only])
async def consent(request: Req, consent_id: FromPath[str]) -> Answer:
    """One text with its statements."""
    shown = await sending.consent(actor_of(request), product_of(request).intake, consent_id, clock.now())
    return page(request, "patient/consent.html", shown=shown)


@post("/consents/{consent_id:str}", guards=[patients_only])
async def sign(request: Req, consent_id: FromPath[str]) -> Answer:
    """Initials for every statement and a typed name."""
    actor, intake, now = actor_of(request), product_of(request).intake, clock.now()
    form = form_of(spot_of(request).fields)
    shown = await sending.consent(actor, intake, consent_id, now)
    if shown.signed_words:
        return see_other("/intake")
    initials = {s.id: form.text(s.id, 20) for s in shown.consent.statements}
    name = form.text("signed_name", 160)
    try:
        form.check()
        next_path = await sending.sign(actor, intake, consent_id, initials, name, address_of(request), now)
    except Invalid as problem:
        return page(request, "patient/consent.html", status=422, errors=problem.fields, values=form.values, shown=shown)
    return see_other(next_path)


@get("/send", guards=[patients_only])
async def ready_to_send(request: Req) -> Answer:
    """A last look before the answers go to the clinic."""
    state = await sending.overview(actor_of(request), product_of(request).intake, clock.now())
    return page(request, "patient/send.html", overview=state)


@post("/send", guards=[patients_only])
async def send(request: Req) -> Answer:
    """Submit. What is missing is named; nothing is half sent."""
    actor, intake, now = actor_of(request), product_of(request).intake, clock.now()
    form = form_of(spot_of(request).fields)
    number = form.text("phone", phone.MOST)
    try:
        form.check()
        await sending.submit(actor, intake, now, number)
    except Invalid as problem:
        state = await sending.overview(actor, intake, now)
        return page(request, "patient/send.html", status=422, errors=problem.fields, values=form.values, overview=state)
    return see_other("/verdict")


@get("/verdict", guards=[patients_only])
async def verdict(request: Req) -> Answer:
    """What the answers mean for the next step, in plain words."""
    shown = await sending.verdict(actor_of(request), clock.now())
    if shown is None:
        raise NotFound
    return page(request, "patient/verdict.html", verdict=shown)


ROUTES = [consent, sign, ready_to_send, send, verdict]
