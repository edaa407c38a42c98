"""Questionnaires in use, and trying out one that others wrote."""

from litestar import Response, get, post

from carepath.journey import library
from carepath.kit import clock
from carepath.kit.words import _
from carepath.web.forms import FORBIDDEN, form_of
from carepath.web.pages import page
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_GRADES = {"full": "green", "degraded": "amber", "refused": "red"}


@get("/admin/questionnaires")
async def questionnaires(request: Req) -> Answer:
    """What is asked here, and a place to try another form."""
    return await _show(request, None, {})


@post("/admin/questionnaires", status_code=200)
async def try_form(request: Req) -> Answer:
    """Grade a pasted form and show it; or hand out the cleaned file. Nothing is stored."""
    form = form_of(spot_of(request).fields)
    act = form.choice("act", frozenset({"preview", "file"}), _("Choose what to do with the form."))
    text = form.document("form", _("Paste the questionnaire here."))
    if form.problems:
        return await _show(request, None, form.problems)
    trial = await library.try_import(actor_of(request), text, clock.now())
    if trial.taken.form is None:
        return await _show(request, trial, {"form": " ".join(map(_plain, trial.taken.reasons))})
    if act == "file" and not trial.clash:
        return Response(
            trial.taken.text.encode(), media_type="application/fhir+json; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{trial.file}"'},
        )  # fmt: skip
    return await _show(request, trial, {"form": trial.clash} if trial.clash else {})


async def _show(request: Req, trial: library.Trial | None, errors: dict[str, str]) -> Answer:
    lines = await library.in_use(actor_of(request), product_of(request).intake, clock.now())
    warnings = [(_plain(one.item), _plain(one.words)) for one in trial.taken.warnings] if trial else []
    return page(
        request, "admin/questionnaires.html", status=422 if errors else 200, errors=errors, lines=lines, trial=trial,
        values=form_of(spot_of(request).fields).values, warnings=warnings,
        tone=_GRADES[trial.taken.grade] if trial else "",
    )  # fmt: skip


def _plain(text: str) -> str:
    """A reason may quote the form; what cannot be in a page is left out of it."""
    return FORBIDDEN.sub("", text)
