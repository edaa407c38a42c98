"""The questionnaires, a section a page, saved as they are filled in."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from carepath.journey import answer, send
from carepath.kit import clock
from carepath.kit.words import _
from carepath.web.forms import BadRequest, form_of
from carepath.web.guards import patients_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of


@get("/intake", guards=[patients_only])
async def overview(request: Req) -> Answer:
    """Every section and how far it is."""
    state = await send.overview(actor_of(request), product_of(request).intake, clock.now())
    return page(request, "patient/intake.html", overview=state)


@get("/intake/{slug:str}", guards=[patients_only])
async def section(request: Req, slug: FromPath[str]) -> Answer:
    """One section, with what was saved before."""
    found = await answer.section(actor_of(request), product_of(request).intake, slug, clock.now())
    return page(request, "patient/section.html", section=found, is_urgent=found.is_urgent, conflict=None)


@post("/intake/{slug:str}", guards=[patients_only])
async def save_section(request: Req, slug: FromPath[str]) -> Answer:
    """Save, and go on when the section is complete; otherwise show it again with what is missing."""
    fields = spot_of(request).fields
    is_resized = bool({"add", "remove"} & set(fields))  # one more, or one less, of a repeated group: not the end
    saved = await _save(request, slug, is_final=not is_resized)
    if saved.conflict:
        return page(request, "patient/section.html", status=409, section=saved.section, is_urgent=saved.is_urgent, conflict=saved.conflict, errors={})  # fmt: skip
    if saved.errors:
        return page(
            request, "patient/section.html", status=422, section=saved.section, errors=saved.errors,
            is_urgent=saved.is_urgent, conflict=None,
        )  # fmt: skip
    if saved.is_urgent and "seen_crisis" not in fields:
        return page(request, "patient/section.html", section=saved.section, is_urgent=True, conflict=None)
    if saved.has_new_questions or is_resized:
        return page(request, "patient/section.html", section=saved.section, is_urgent=saved.is_urgent, conflict=None)
    return see_other(saved.next_path)


@post("/intake/{slug:str}/autosave", guards=[patients_only])
async def autosave(request: Req, slug: FromPath[str]) -> Response[Any]:
    """What the enhancement script sends while somebody types: valid answers are kept, the rest is left alone."""
    saved = await _save(request, slug, is_final=False)
    body = {
        "revision": saved.revision,
        "saved": saved.conflict is None,
        "urgent": list(saved.section.urgent),
        "words": saved.words,
        "conflict": saved.conflict is not None,
        "html": None,
    }
    if saved.conflict is None:
        shown = page(request, "patient/section_questions.html", section=saved.section, errors={})
        body["html"] = shown.content
    return Response(body, status_code=409 if saved.conflict else 200, media_type="application/json")


async def _save(request: Req, slug: str, is_final: bool) -> answer.Saved:
    form = form_of(spot_of(request).fields)
    revision = form.whole("revision", 0, 10**8, "0")
    if "revision" in form.problems or "shown" not in form.fields:
        raise BadRequest(400, _("Open the page again."))
    return await answer.save(
        actor_of(request), product_of(request).intake, slug, form.fields, revision, is_final, clock.now()
    )


ROUTES = [overview, section, save_section, autosave]
