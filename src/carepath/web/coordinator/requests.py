"""Who waits for a time, since when, for what, and what is kept for them."""

from dataclasses import dataclass
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import coordinate, waitlist
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.web import request_forms
from carepath.web.forms import Form, form_of
from carepath.web.pages import page, see_other
from carepath.web.request_forms import RequestView
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of, spot_of


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One who waits. `offer_words` is the time that is kept for them, and until when."""

    request: RequestView
    patient: str
    patient_id: UUID
    offer_words: str
    source: str


_SOURCES = {"patient": _("asked"), "coordinator": _("put on by us"), "plan": _("due by plan")}


@get("/coordinator/requests")
async def show(request: Req) -> Answer:
    """Longest waiting first."""
    return await _show(request, {}, None, 200)


async def _show(request: Req, errors: dict[str, str], form: Form | None, status: int) -> Answer:
    found, zone, clinic = await waitlist.waiting(actor_of(request), clock.now()), own_zone(request), _clinic(request)
    lines = [
        WaitingLine(
            request_forms.request_view(one, clinic, found.practitioners, zone), found.names[one.patient_id],
            one.patient_id, _offer_words(found, one.offer_id, zone), _SOURCES[one.source],
        )
        for one in found.requests
    ]  # fmt: skip
    values = form.values if form else {}
    return page(request, "coordinator/requests.html", status=status, errors=errors, values=values, lines=lines)


def _clinic(request: Req) -> Clinic:
    return product_of(request).clinic


def _offer_words(found: waitlist.Waiting, offer_id: UUID | None, zone: str) -> str:
    offer = found.offers.get(offer_id) if offer_id else None
    if offer is None:
        return ""
    start, until = when.say_short(offer.start_at, zone), when.say_short(offer.expires_at, zone)
    return _("{start}, kept until {until}").format(start=start, until=until)


@post("/coordinator/requests/{request_id:uuid}/withdraw")
async def withdraw(request: Req, request_id: FromPath[UUID]) -> Answer:
    """Take somebody off the list; the reason stays in the history."""
    form = form_of(spot_of(request).fields)
    field = f"reason-{request_id}"
    reason = form.text("reason", 500)
    try:
        form.check()
        await waitlist.withdraw(actor_of(request), request_id, reason, clock.now())
    except Invalid as problem:
        return await _show(request, {field: " ".join(problem.fields.values())}, form, 422)
    return see_other("/coordinator/requests")


@get("/coordinator/requests/{patient_id:uuid}/new")
async def new(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """When a patient could come."""
    return await _new(request, patient_id, {}, None, 200)


async def _new(request: Req, patient_id: UUID, errors: dict[str, str], form: Form | None, status: int) -> Answer:
    now, clinic = clock.now(), product_of(request).clinic
    found = await coordinate.patient(actor_of(request), patient_id, now)
    shown = request_forms.request_form(found.practitioners, request_forms.today_in(found.patient.zone, now), form)
    return page(
        request, "coordinator/request_new.html", status=status, errors=errors, values=shown.values, form=shown,
        patient=found.patient, zone_words=when.zone_words(now, found.patient.zone),
        visit_types=[(one.code, one.name) for one in clinic.visit_types.values()],
    )  # fmt: skip


@post("/coordinator/requests/{patient_id:uuid}/new")
async def ask_for(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Put them on the list."""
    form = form_of(spot_of(request).fields)
    kinds = frozenset(product_of(request).clinic.visit_types)
    visit_type = form.choice("visit", kinds, _("Choose what kind of visit it is."))
    try:
        draft = request_forms.read(form, visit_type, None)
        await waitlist.ask_for(actor_of(request), patient_id, draft, clock.now())
    except Invalid as problem:
        return await _new(request, patient_id, problem.fields, form, 422)
    return see_other("/coordinator/requests")


ROUTES = [show, withdraw, new, ask_for]
