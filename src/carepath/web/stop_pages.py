"""The address in mails that nobody has to get: what is stopped, a button, and the way back."""

from litestar import get, post
from litestar.params import FromPath

from carepath.journey import refuse
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.notifications.unwanted import Choice
from carepath.web import one_click
from carepath.web.forms import form_of
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of

# What mails of each kind are, to somebody who may not remember having had one.
WORDS = {
    "intake-unfinished": _("Reminders that you began to answer our first questions and can go on."),
    "staff-digest": _("The mail of each working morning that says how much waits for you."),
}
_ANSWERS = frozenset({"yes", "no"})


def _shown(request: Req, token: str, found: Choice, status: int = 200, errors: dict[str, str] | None = None) -> Answer:
    return page(
        request, "account/stop.html", status=status, errors=errors, token=token, words=WORDS[found.kind],
        is_stopped=found.is_stopped,
    )  # fmt: skip


@get("/stop/{token:str}")
async def look(request: Req, token: FromPath[str]) -> Answer:
    """What is stopped here. Looking changes nothing, so mail scanners stop nothing."""
    return _shown(request, token, await refuse.look(token))


@post("/stop/{token:str}")
async def choose(request: Req, token: FromPath[str]) -> Answer:
    """Stop or resume, by the button; a mail program's own request is answered with a page, as it follows nothing."""
    actor, now, fields = actor_of(request), clock.now(), spot_of(request).fields
    if fields == one_click.FIELDS:
        return _shown(request, token, await refuse.choose(actor, token, False, now))
    form = form_of(fields)
    wanted = form.choice("wanted", _ANSWERS, _("Choose one of the answers."))
    try:
        form.check()
    except Invalid as problem:
        return _shown(request, token, await refuse.look(token), 422, problem.fields)
    await refuse.choose(actor, token, wanted == "yes", now)
    return see_other(f"/stop/{token}")


ROUTES = [look, choose]
