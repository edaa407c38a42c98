"""Waiting for a time: say what would suit, see what is offered, say yes or no."""

import re
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import book, waitlist
from carepath.kit import clock
from carepath.kit.errors import Conflict, Invalid
from carepath.kit.words import _
from carepath.web import request_forms
from carepath.web.forms import Form, form_of
from carepath.web.guards import limited_or_whole, patients_only
from carepath.web.pages import page, see_other
from carepath.web.patient import views
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ANSWERS = frozenset({"yes", "no", "stop"})
_offer_guards = [limited_or_whole("appointment", "appointment_id")]


def _zone(request: Req) -> str:
    visitor = spot_of(request).visitor
    return (visitor.zone if visitor else None) or "UTC"


def _asked(request: Req) -> tuple[str, UUID | None]:
    """The kind of visit, and the booked one that would be given up, from the address."""
    visit, instead = request.query_params.get("visit", ""), request.query_params.get("instead", "")
    known = visit if visit in product_of(request).clinic.visit_types else book.FIRST_VISIT
    return known, UUID(instead) if _UUID.fullmatch(instead) else None


@get("/requests/new", guards=[patients_only])
async def new(request: Req) -> Answer:
    """What would suit; or, for one who waits already, what is looked for."""
    actor, (visit_type, instead_of) = actor_of(request), _asked(request)
    if instead_of is not None:
        visit_type = (await book.visit_of(actor, instead_of)).visit_type
    waits = await waitlist.waits_for(actor, visit_type)
    return see_other(f"/requests/{waits.id}") if waits else await _show(request, {}, None, 200)


async def _show(request: Req, errors: dict[str, str], form: Form | None, status: int) -> Answer:
    actor, (visit_type, instead_of) = actor_of(request), _asked(request)
    moving = await book.visit_of(actor, instead_of) if instead_of else None
    await waitlist.check_may_ask(actor, moving.visit_type if moving else visit_type, instead_of)
    people = await book.providers(actor)
    shown = request_forms.request_form(people, request_forms.today_in(_zone(request), clock.now()), form)
    return page(
        request, "patient/request_new.html", status=status, errors=errors, values=shown.values, form=shown,
        action=f"/requests/new?{request.url.query}", moving=views.visit(moving, clock.now()) if moving else None,
    )  # fmt: skip


@post("/requests/new", guards=[patients_only])
async def ask(request: Req) -> Answer:
    """Onto the waiting list."""
    form, actor, (visit_type, instead_of) = form_of(spot_of(request).fields), actor_of(request), _asked(request)
    if instead_of is not None:
        visit_type = (await book.visit_of(actor, instead_of)).visit_type
    try:
        draft = request_forms.read(form, visit_type, instead_of)
        added = await waitlist.ask(actor, draft, clock.now())
    except Invalid as problem:
        return await _show(request, problem.fields, form, 422)
    return see_other(f"/requests/{added.id}")


@get("/requests/{request_id:uuid}", guards=[patients_only])
async def see(request: Req, request_id: FromPath[UUID]) -> Answer:
    """How far it is."""
    actor = actor_of(request)
    found = await waitlist.request(actor, request_id)
    shown = request_forms.request_view(found, product_of(request).clinic, await book.providers(actor), _zone(request))
    return page(request, "patient/request.html", shown=shown)


@post("/requests/{request_id:uuid}/withdraw", guards=[patients_only])
async def withdraw(request: Req, request_id: FromPath[UUID]) -> Answer:
    """Stop looking."""
    await waitlist.withdraw(actor_of(request), request_id, "", clock.now())
    return see_other(f"/requests/{request_id}")


@get("/offers/{appointment_id:uuid}", guards=_offer_guards)
async def offer(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """The time that is kept, and until when."""
    return await _offer(request, appointment_id, {}, 200)


async def _offer(request: Req, appointment_id: UUID, errors: dict[str, str], status: int) -> Answer:
    found, now = await waitlist.offer(actor_of(request), appointment_id), clock.now()
    shown = views.offer(found.held, found.offer, found.instead_of, now)
    return page(request, "patient/offer.html", status=status, errors=errors, shown=shown)


@post("/offers/{appointment_id:uuid}", guards=_offer_guards)
async def answer(request: Req, appointment_id: FromPath[UUID]) -> Answer:
    """Yes, no, or no more at all."""
    form, actor, now = form_of(spot_of(request).fields), actor_of(request), clock.now()
    said = form.choice("answer", _ANSWERS, _("Choose one of the answers."))
    if form.problems:
        return await _offer(request, appointment_id, form.problems, 422)
    if said != "yes":
        await waitlist.decline(actor, appointment_id, said == "stop", now)
        return see_other(f"/offers/{appointment_id}")
    try:
        visit = await book.accept_offer(actor, appointment_id, now)
    except Conflict as late:
        return await _offer(request, appointment_id, {"answer": views.why_not(late)}, 409)
    mine = actor.limited_to is None or visit.id == appointment_id
    return see_other(f"/visits/{visit.id}" if mine else f"/offers/{appointment_id}")


ROUTES = [new, ask, see, withdraw, offer, answer]
