"""Where a provider is licensed: list, enter, give a last day. For coordinators and admins."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath

from carepath.journey import licenses
from carepath.journey.licenses import Held, Licences
from carepath.kit import clock, when
from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.web.coordinator.hours_views import person_words
from carepath.web.forms import Form, form_of
from carepath.web.guards import office_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of


@dataclass(frozen=True, slots=True)
class LicenseLine:
    """One license: its state, its days, and the booked visits that rest on it."""

    id: UUID
    place: str
    days: str
    visits: int


@dataclass(frozen=True, slots=True)
class LicensesView:
    """One provider's licenses. `warning` says how many visits have none."""

    id: UUID
    name: str
    back: str
    back_words: str
    lines: tuple[LicenseLine, ...]
    options: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    warning: str


def view(found: Licences, clinic: Clinic, role: Role) -> LicensesView:
    """In words, by state and then first day."""
    person = found.practitioner
    lines = tuple(_line(one, clinic) for one in found.held)
    warning = _(
        "Visits to come without a valid license: {n}. They stay booked, and are listed for coordinators to move."
    )
    return LicensesView(
        person.id, person_words(person), "/admin" if role is Role.ADMIN else f"/coordinator/hours/{person.id}",
        _("Accounts") if role is Role.ADMIN else person.name, lines,
        tuple((str(one.id), f"{one.place}, {one.days}") for one in lines),
        tuple((code, place.name) for code, place in clinic.jurisdictions.items()),
        warning.format(n=found.uncovered) if found.uncovered else "",
    )  # fmt: skip


def _line(one: Held, clinic: Clinic) -> LicenseLine:
    licence = one.licence
    place = clinic.jurisdictions.get(licence.jurisdiction)
    first = when.say_date(licence.valid_from)
    if licence.valid_until is None:
        days = _("since {first}, without an end").format(first=first)
    else:
        days = _("from {first} to {last}").format(first=first, last=when.say_date(licence.valid_until))
    return LicenseLine(licence.id, place.name if place else licence.jurisdiction, days, one.visits)


@get("/coordinator/hours/{practitioner_id:uuid}/licenses")
async def show(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """The list, and both forms."""
    return await _show(request, practitioner_id, {}, None)


async def _show(request: Req, practitioner_id: UUID, errors: dict[str, str], form: Form | None) -> Answer:
    actor = actor_of(request)
    found = await licenses.licenses(actor, practitioner_id, clock.now())
    shown = view(found, product_of(request).clinic, actor.role)
    return page(
        request, "coordinator/licenses.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, shown=shown,
    )  # fmt: skip


@post("/coordinator/hours/{practitioner_id:uuid}/licenses")
async def grant(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Enter one, or correct the one of that state and first day."""
    form, clinic = form_of(spot_of(request).fields), product_of(request).clinic
    place = form.choice("jurisdiction", frozenset(clinic.jurisdictions), _("Choose a state."))
    first, last = form.day("valid_from", _("Enter the first day.")), form.day("valid_until", None)
    try:
        form.check()
        assert first is not None
        await licenses.grant(actor_of(request), practitioner_id, place, first, last, clock.now())
    except Invalid as problem:
        return await _show(request, practitioner_id, problem.fields, form)
    return see_other(f"/coordinator/hours/{practitioner_id}/licenses")


@post("/coordinator/hours/{practitioner_id:uuid}/licenses/end")
async def end(request: Req, practitioner_id: FromPath[UUID]) -> Answer:
    """Give one its last day. Visits behind it stay booked and are flagged."""
    form = form_of(spot_of(request).fields)
    licence_id = form.uuid("license_id", _("Choose one of these licenses."))
    last = form.day("last_on", _("Enter the last day."))
    try:
        form.check()
        assert last is not None
        await licenses.end(actor_of(request), practitioner_id, licence_id, last, clock.now())
    except Invalid as problem:
        names = {"valid_until": "last_on", "valid_from": "last_on"}
        errors = {names.get(name, name): words for name, words in problem.fields.items()}
        return await _show(request, practitioner_id, errors, form)
    return see_other(f"/coordinator/hours/{practitioner_id}/licenses")


router = Router(path="", guards=[office_only], route_handlers=[show, grant, end])
