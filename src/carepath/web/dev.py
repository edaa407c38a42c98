"""Pages of a development machine only: the inbox of all mail, and the clock."""

import email
import mailbox
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from litestar import Response, Router, get, post
from litestar.params import FromPath

from carepath.kit import clock, when
from carepath.kit.errors import NotFound
from carepath.kit.words import _
from carepath.web.forms import form_of
from carepath.web.frames import framed, framing
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, product_of, spot_of

_JUMPS = {
    "hour": timedelta(hours=1), "day": timedelta(hours=24), "reminder": timedelta(hours=26), "week": timedelta(days=7),
    "month": timedelta(days=30),
}  # fmt: skip
_MOST = 100


@dataclass(frozen=True, slots=True)
class MailView:
    """One caught mail."""

    key: str
    to: str
    subject: str
    date: str
    text: str
    has_calendar: bool


def _box(request: Req) -> mailbox.Maildir:
    folder: Path = product_of(request).settings.data_dir / "mail"
    return mailbox.Maildir(folder, create=True)


def _mail(request: Req, key: str) -> EmailMessage:
    try:
        raw = _box(request).get_bytes(key)
    except KeyError:
        raise NotFound from None
    found = email.message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def _part(mail: EmailMessage, kind: str) -> EmailMessage | None:
    return next((part for part in mail.walk() if part.get_content_type() == kind), None)


def _view(key: str, mail: EmailMessage) -> MailView:
    text = _part(mail, "text/plain")
    return MailView(
        key, str(mail["To"]), str(mail["Subject"]), str(mail["Date"]), text.get_content() if text else "",
        _part(mail, "text/calendar") is not None,
    )  # fmt: skip


@get("/dev/mail", sync_to_thread=True)
def inbox(request: Req) -> Answer:
    """All mail, newest first."""
    box = _box(request)
    newest = sorted(box.keys(), key=lambda key: Path(box._path, box._lookup(key)).stat().st_mtime_ns, reverse=True)  # type: ignore[attr-defined]
    return page(
        request, "dev/inbox.html", mails=[_view(key, _mail(request, key)) for key in newest[:_MOST]], total=len(newest)
    )


@get("/dev/mail/{key:str}", sync_to_thread=True)
def mail(request: Req, key: FromPath[str]) -> Answer:
    """One mail as text, as HTML in a frame, and its headers."""
    found = _mail(request, key)
    headers = [(name, str(value)) for name, value in found.items()]
    answer = page(request, "dev/mail.html", mail=_view(key, found), headers=headers)
    return framing(answer)


@get("/dev/mail/{key:str}/html", sync_to_thread=True)
def mail_html(request: Req, key: FromPath[str]) -> Response[str]:
    """The HTML part alone, sandboxed, with the inline styles that mail needs."""
    part = _part(_mail(request, key), "text/html")
    if part is None:
        raise NotFound
    return framed(part.get_content())


@get("/dev/mail/{key:str}/visit.ics", sync_to_thread=True)
def mail_calendar(request: Req, key: FromPath[str]) -> Response[str]:
    """The calendar part."""
    part = _part(_mail(request, key), "text/calendar")
    if part is None:
        raise NotFound
    content = part.get_content()
    body = content.decode() if isinstance(content, bytes) else content
    headers = {"content-disposition": 'attachment; filename="visit.ics"'}
    return Response(body, media_type="text/calendar", headers=headers)


@get("/dev/clock")
async def clock_page(request: Req) -> Answer:
    """What time the product thinks it is."""
    return _clock(request, {})


def _clock(request: Req, errors: dict[str, str]) -> Answer:
    zone = product_of(request).clinic.zone
    return page(
        request,
        "dev/clock.html",
        status=422 if errors else 200,
        errors=errors,
        now=when.say(clock.now(), zone),
        offset=str(clock.offset()),
        is_moved=bool(clock.offset()),
    )


@post("/dev/clock")
async def move_clock(request: Req) -> Answer:
    """Jump ahead, or return to true time."""
    form = form_of(spot_of(request).fields)
    jump = form.choice("jump", frozenset({*_JUMPS, "reset"}), _("Choose how far to travel."))
    if form.problems:
        return _clock(request, form.problems)
    if jump == "reset":
        clock.reset()
    else:
        clock.travel(_JUMPS[jump])
    return see_other("/dev/clock")


router = Router(path="", route_handlers=[inbox, mail, mail_html, mail_calendar, clock_page, move_clock])
