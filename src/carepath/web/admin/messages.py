"""What every message says: words, layout and calendar files, as they would leave now."""

from dataclasses import dataclass
from datetime import timedelta

from litestar import Response, get
from litestar.params import FromPath

from carepath.journey import preview, tell
from carepath.journey.letters.desk import Desk
from carepath.journey.preview import Sample
from carepath.kit import clock
from carepath.kit.words import _
from carepath.notifications.rules.kinds import Kind
from carepath.web.frames import framed, framing
from carepath.web.message_words import kind_words, subject_words
from carepath.web.pages import page
from carepath.web.wire import Answer, Req, actor_of, product_of


@dataclass(frozen=True, slots=True)
class SampleView:
    """One kind. `own` says which of its parts are the clinic's own, "" when none is."""

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    subject: str
    text: str
    own: str
    files: tuple[str, ...]


def _view(found: Sample) -> SampleView:
    return SampleView(
        found.kind.name, kind_words(found.kind.name), tuple(_facts(found.kind)), found.printed.subject, found.printed.text,
        ", ".join(found.own), tuple(file.decode().replace("\r\n", "\n") for file in found.files),
    )  # fmt: skip


def _facts(kind: Kind) -> list[tuple[str, str]]:
    facts = [(_("To"), subject_words(kind.name)), (_("Leaves"), _leaves(kind.before))]
    if kind.waits:
        facts.append((_("At night"), _("waits for the morning")))
    if kind.optional:
        facts.append((_("Can be refused"), _("yes")))
    return facts


def _leaves(before: timedelta | None) -> str:
    if before is None:
        return _("when it happens")
    hours = before // timedelta(hours=1)
    return _("an hour before the visit") if hours == 1 else _("{n} hours before the visit").format(n=hours)


def _desk(request: Req) -> Desk:
    product = product_of(request)
    return tell.desk_of(product.settings.public_base_url, product.clinic)


@get("/admin/messages")
async def every(request: Req) -> Answer:
    """All kinds, by their subjects."""
    found = await preview.every(actor_of(request), product_of(request).printer, _desk(request), clock.now())
    return page(request, "admin/messages.html", rows=[_view(one) for one in found])


async def _one(request: Req, kind: str) -> Sample:
    return await preview.one(actor_of(request), product_of(request).printer, _desk(request), kind, clock.now())


@get("/admin/messages/{kind:str}")
async def one(request: Req, kind: FromPath[str]) -> Answer:
    """One kind, whole."""
    return framing(page(request, "admin/message.html", shown=_view(await _one(request, kind))))


@get("/admin/messages/{kind:str}/html")
async def html(request: Req, kind: FromPath[str]) -> Response[str]:
    """Its HTML alone, for the frame."""
    return framed((await _one(request, kind)).printed.html)


ROUTES = [every, one, html]
