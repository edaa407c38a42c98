"""A provider's calendars outside of ours: the same list and forms for the office and for providers themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.journey import busy
from carepath.journey.busy import Calendars
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import BusyFeed, outside_of
from carepath.web.forms import Form, form_of
from carepath.web.wire import Req, actor_of, product_of, spot_of

_LONGEST_NAME, _LONGEST_ADDRESS = 60, 2_000


@dataclass(frozen=True, slots=True)
class FeedView:
    """One calendar: how it is, and what is behind that."""

    id: UUID
    name: str
    state: str
    tone: str
    facts: tuple[str, ...]
    is_pasted: bool


@dataclass(frozen=True, slots=True)
class CalendarsView:
    """All of them. `base` is where the forms go."""

    name: str
    place: str
    base: str
    feeds: tuple[FeedView, ...]


def view(found: Calendars, base: str, zone: str) -> CalendarsView:
    """The list in words, times in the reader's `zone`."""
    person = found.practitioner
    place = when.zone_words(clock.now(), person.zone)
    return CalendarsView(person.name, place, base, tuple(_feed(one, zone) for one in found.feeds))


def _feed(feed: BusyFeed, zone: str) -> FeedView:
    state, tone = _state(feed)
    return FeedView(feed.id, feed.name, state, tone, tuple(_facts(feed, zone)), feed.is_pasted)


def _state(feed: BusyFeed) -> tuple[str, str]:
    if feed.problem:
        return _("not read"), "red"
    if feed.read_at is None:
        return _("not read yet"), "blue"
    return (_("pasted"), "grey") if feed.is_pasted else (_("read"), "green")


def _facts(feed: BusyFeed, zone: str) -> list[str]:
    facts = []
    if feed.problem:
        facts.append(feed.problem)
    if feed.read_at is None:
        facts.append(_("It counts as soon as it has been read, usually within a minute."))
    else:
        facts.append(_("Last read {when}.").format(when=when.say_short(feed.read_at, zone)))
        facts.append(_kept(feed, zone))
    if feed.problem and feed.due_at:
        facts.append(_("Next try {when}.").format(when=when.say_short(feed.due_at, zone)))
    return [*facts, *feed.notes]


def _kept(feed: BusyFeed, zone: str) -> str:
    if feed.until is None:
        return _("It names no busy time.")
    words = _("Busy times kept from it: {n}, the last until {when}.")
    return words.format(n=feed.times, when=_with_year(feed.until, zone))


def _with_year(moment: datetime, zone: str) -> str:
    return when.say_day(moment, zone)


async def add_address(request: Req, practitioner_id: UUID) -> tuple[dict[str, str], Form]:
    """Take an address; what was wrong, by field."""
    form = form_of(spot_of(request).fields)
    name = form.text("name", _LONGEST_NAME)
    url = form.text("url", _LONGEST_ADDRESS, _("Enter the address of the calendar."))
    settings = product_of(request).settings
    outside = outside_of(settings.public_base_url, settings.is_production)
    try:
        form.check()
        await busy.add_address(actor_of(request), practitioner_id, name, url, outside, clock.now())
    except Invalid as problem:
        return problem.fields, form
    return {}, form


async def add_file(request: Req, practitioner_id: UUID) -> tuple[dict[str, str], Form]:
    """Take a pasted calendar; what was wrong, by field."""
    form = form_of(spot_of(request).fields)
    name = form.text("file_name", _LONGEST_NAME)
    text = form.document("file", _("Paste the calendar file here."))
    settings = product_of(request).settings
    outside = outside_of(settings.public_base_url, settings.is_production)
    try:
        form.check()
        await busy.add_file(actor_of(request), practitioner_id, name, text, outside, clock.now())
    except Invalid as problem:
        return problem.fields, form
    return {}, form


async def remove(request: Req, practitioner_id: UUID, feed_id: UUID) -> None:
    """Take one away."""
    await busy.remove(actor_of(request), practitioner_id, feed_id, clock.now())


async def read_soon(request: Req, practitioner_id: UUID, feed_id: UUID) -> None:
    """Have one read at the next round."""
    await busy.read_soon(actor_of(request), practitioner_id, feed_id, clock.now())


async def shown(request: Req, practitioner_id: UUID, base: str, zone: str) -> CalendarsView:
    """The list as this reader sees it."""
    return view(await busy.calendars(actor_of(request), practitioner_id), base, zone)
