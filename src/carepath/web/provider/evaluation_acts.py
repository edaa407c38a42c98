"""What a provider does on the page of an evaluation beside deciding: checklist, overrides, notes."""

from datetime import date
from uuid import UUID

from litestar import post
from litestar.params import FromPath

from carepath.evaluations import noting, overriding
from carepath.evaluations.rules.checklist import BASES, DOCUMENTS, ENTERED, EXAM, RANGES
from carepath.journey import notes, review
from carepath.kit import clock
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import see_other
from carepath.web.provider.evaluation_notes import Asked
from carepath.web.provider.evaluation_page import show_evaluation
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of


@post("/provider/evaluations/{evaluation_id:uuid}/checks/{item:str}")
async def check(request: Req, evaluation_id: FromPath[UUID], item: FromPath[str]) -> Answer:
    """An item of the checklist was seen to; or that is taken back."""
    if item not in ENTERED:
        raise NotFound
    form = form_of(spot_of(request).fields)
    is_done = not form.has("take_back")
    on, detail = _entered(form, item, request) if is_done else (None, {})
    try:
        form.check()
        await review.enter(actor_of(request), evaluation_id, item, is_done, on, detail, clock.now())
    except Invalid as problem:
        return await show_evaluation(request, evaluation_id, problem.fields, form)
    return see_other(f"/provider/evaluations/{evaluation_id}#check-{item}")


def _entered(form: Form, item: str, request: Req) -> tuple[date | None, dict[str, str]]:
    """The day and the particulars of one item."""
    match item:
        case "identity":
            return None, {"document": form.choice("document", frozenset(DOCUMENTS), _("Choose how you saw it."))}
        case "location":
            known = frozenset(product_of(request).clinic.jurisdictions)
            return None, {"state": form.choice("state", known, _("Choose the state where the patient says they are."))}
        case "pdmp":
            return form.day("pdmp_on", _("Enter the day you checked it.")), {}
        case "blood-pressure":
            numbers = {name: form.whole(name, *ends, _("Enter the number.")) for name, ends in RANGES.items()}
            on = form.day("pressure_on", _("Enter the day of the reading."))
            return on, {name: str(value) for name, value in numbers.items()}
    return _basis(form)


def _basis(form: Form) -> tuple[date | None, dict[str, str]]:
    basis = form.choice("basis", frozenset(BASES), _("Choose one."))
    note = form.text("basis_note", 500)
    on = form.day("exam_on", _("Enter the day of the exam.") if basis == EXAM else None)
    return on if basis == EXAM else None, {"basis": basis, "note": note}


@post("/provider/evaluations/{evaluation_id:uuid}/override")
async def override(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Go on in spite of a finding."""
    form = form_of(spot_of(request).fields)
    rule = form.text("rule", 100, _("Choose one of these findings."))
    try:
        form.check()  # the field of the reason is named by the rule
        reason = form.text(f"why_{rule}", overriding.LIMIT, _("Write why you go on in spite of this."))
        form.check()
        await review.override(actor_of(request), evaluation_id, rule, reason, clock.now())
    except Invalid as problem:
        return await show_evaluation(request, evaluation_id, problem.fields, form)
    return see_other(f"/provider/evaluations/{evaluation_id}#finding-{rule}")


@post("/provider/evaluations/{evaluation_id:uuid}/notes")
async def note(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Save a draft, or sign it. What another window saved meanwhile is shown beside what was typed here."""
    form = form_of(spot_of(request).fields)
    text = form.text("note_text", noting.LIMIT, _("Write the note."))
    version = form.whole("note_version", 0, 10**6, _("Open the page again."))
    addends = _addends(form)
    act = form.choice("act", frozenset({"save", "sign"}), _("Save or sign the note."))
    asked = Asked(addends)
    try:
        form.check()
        await notes.write(actor_of(request), evaluation_id, addends, text, version, act == "sign", clock.now())
    except Invalid as problem:
        return await show_evaluation(request, evaluation_id, problem.fields, form, asked)
    except notes.StaleDraft as stale:
        return await show_evaluation(request, evaluation_id, {}, form, Asked(addends, stale.there, True))
    return see_other(f"/provider/evaluations/{evaluation_id}#notes")


def _addends(form: Form) -> UUID | None:
    return form.uuid("note_addends", _("Open the page again.")) if form.text("note_addends", 36) else None


@post("/provider/evaluations/{evaluation_id:uuid}/notes/discard")
async def discard_note(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Throw a draft away. What became of it meanwhile is shown, and nothing is lost."""
    form = form_of(spot_of(request).fields)
    version, addends = form.whole("note_version", 1, 10**6, _("Open the page again.")), _addends(form)
    try:
        form.check()
        await notes.discard(actor_of(request), evaluation_id, addends, version, clock.now())
    except Invalid as problem:
        return await show_evaluation(request, evaluation_id, problem.fields, form, Asked(addends))
    except notes.StaleDraft as stale:
        return await show_evaluation(request, evaluation_id, {}, form, Asked(addends, stale.there, True))
    return see_other(f"/provider/evaluations/{evaluation_id}#notes")


ROUTES = [check, override, note, discard_note]
