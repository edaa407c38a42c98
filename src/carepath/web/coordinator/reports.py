"""What mail servers report back: a coordinator hands it in, as a file or pasted."""

from urllib.parse import urlsplit

from litestar import get, post

from carepath.journey import outbox
from carepath.kit import clock
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.notifications.rules.bounces import FIELD, MOST_BYTES
from carepath.web.forms import FORBIDDEN, Form, form_of
from carepath.web.message_words import kind_words
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, product_of, spot_of

_FILE = "file"
_KEPT = {
    "delayed": _("The other mail server has not given up on “{kind}”; it goes on trying. Nothing was changed."),
    "delivered": _("“{kind}” has arrived, says the report. Nothing was changed."),
}


@get("/coordinator/messages/reports")
async def form(request: Req) -> Answer:
    """Where to hand one in."""
    return _page(request, {}, {})


def _page(request: Req, errors: dict[str, str], values: dict[str, str], said: str = "") -> Answer:
    return page(
        request, "coordinator/report.html", status=422 if errors else 200, errors=errors, values=values, said=said,
        most=MOST_BYTES // 1000,
    )  # fmt: skip


def _handed_in(form: Form, files: list[bytes]) -> tuple[str, bytes]:
    """The field that holds the report, and its bytes."""
    if len(files) > 1:
        raise Invalid({_FILE: _("Choose one file.")})
    if files:
        return _FILE, files[0]
    text = form.document(FIELD, _("Choose the file, or paste the mail with all its headers."))
    if FORBIDDEN.search(text):
        form.problems[FIELD] = _("This contains a character that cannot be stored.")
    form.check()
    return FIELD, text.encode()


@post("/coordinator/messages/reports")
async def read(request: Req) -> Answer:
    """Note what it says, and lead to the message; or say why it could not be read."""
    spot, field = spot_of(request), FIELD
    typed, host = form_of(spot.fields), urlsplit(product_of(request).settings.public_base_url).hostname or ""
    try:
        field, raw = _handed_in(typed, spot.files.get(_FILE, []))
        message, outcome = await outbox.read_report(actor_of(request), raw, host, clock.now())
    except Invalid as problem:
        errors = {field if name == FIELD else name: words for name, words in problem.fields.items()}
        return _page(request, errors, typed.values)
    if outcome == "failed":
        return see_other(f"/coordinator/messages/{message.id}")
    return _page(request, {}, {}, _KEPT[outcome].format(kind=kind_words(message.kind)))


ROUTES = [form, read]
