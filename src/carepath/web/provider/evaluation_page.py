"""The page of one evaluation, also as it is shown again when something typed on it was wrong."""

from collections.abc import Mapping
from uuid import UUID

from carepath.evaluations.rules.checklist import BASES, DOCUMENTS
from carepath.journey import decide, look
from carepath.kit import clock
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import page
from carepath.web.provider import evaluation_look, evaluation_views
from carepath.web.provider.evaluation_notes import Asked
from carepath.web.wire import Answer, Req, actor_of, own_zone, product_of

_DOCUMENT = {"photo-id": _("Photo ID shown"), "in-person": _("Known in person")}
_BASIS = {"exam": _("Examined in person"), "flexibility": _("Telehealth flexibility")}


async def show_evaluation(
    request: Req, evaluation_id: UUID, errors: Mapping[str, str], form: Form | None, asked: Asked | None = None
) -> Answer:
    """200, 422 with `errors` and what was typed, or 409 when another window was faster with a note."""
    asked, now, zone = asked or _asked(request), clock.now(), own_zone(request)
    file, found = await look.at_evaluation(actor_of(request), evaluation_id, now)
    shown = evaluation_views.evaluation(file, zone, now)
    sheet = (
        await decide.sheet(actor_of(request), file.evaluation, file.patient, now)
        if file.patient and shown.is_open
        else None
    )
    places = [(code, one.name) for code, one in product_of(request).clinic.jurisdictions.items()]
    return page(
        request, "provider/evaluation.html", status=422 if errors else 409 if asked.is_clash else 200, errors=errors,
        values=form.values if form else {}, shown=shown, sheet=sheet,
        look=evaluation_look.look(file, found, zone, asked, errors, sheet) if found else None,
        states=[("", _("Choose a state")), *places],
        documents=[(code, _DOCUMENT[code]) for code in DOCUMENTS], bases=[(code, _BASIS[code]) for code in BASES],
    )  # fmt: skip


def _asked(request: Req) -> Asked:
    """An addendum is asked for in the address; anything else there is passed over."""
    given = request.query_params.get("addend", "")
    reading = form_of({"addend": [str(given)]})
    found = reading.uuid("addend", "-")
    return Asked(found if not reading.problems else None)
