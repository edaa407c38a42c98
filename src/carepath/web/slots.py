"""Free times as buttons, for everybody who chooses one: patients, coordinators, providers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from carepath.kit import when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.scheduling.service import Offer
from carepath.web.forms import Form

_PAGE_DAYS = 14
ANYBODY = "any"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SLOT = re.compile(rf"({_UUID}|{ANYBODY})@(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)", re.ASCII)


def read_slot(form: Form, anybody: bool = False) -> tuple[UUID | None, datetime]:
    """The practitioner and start behind a time button; None where whoever is free will do, if the page offers that.
    Invalid when no button of ours says so."""
    choose = _("Choose one of the times.")
    found = _SLOT.fullmatch(form.text("slot", 80, choose))
    form.check()
    if found is None or (found[1] == ANYBODY and not anybody):
        raise Invalid({"slot": choose})
    try:
        return None if found[1] == ANYBODY else UUID(found[1]), datetime.fromisoformat(found[2])
    except ValueError:
        raise Invalid({"slot": choose}) from None


def read_named_slot(form: Form) -> tuple[UUID, datetime]:
    """The same where a provider is always named."""
    practitioner_id, start_at = read_slot(form)
    assert practitioner_id is not None
    return practitioner_id, start_at


@dataclass(frozen=True, slots=True)
class SlotButton:
    """One free start. `value` is what the button sends."""

    value: str
    time: str
    provider: str


@dataclass(frozen=True, slots=True)
class SlotDay:
    """The free starts of a day of the patient."""

    label: str
    count: int
    buttons: tuple[SlotButton, ...]


@dataclass(frozen=True, slots=True)
class SlotCalendar:
    """Two weeks of days that have free starts, and the way to other weeks. `later_words` and `later_href` lead to the
    first free time beyond, where these weeks have none."""

    action: str
    zone_words: str
    days: tuple[SlotDay, ...]
    span: str
    earlier: str | None
    later: str
    query: str
    later_words: str
    later_href: str


# More buttons than this help nobody: from here on there is one a time, with whoever is free.
_MOST_BUTTONS = 1500


def nearest_calendar(offers: Sequence[Offer], zone: str, now: datetime, action: str, query: str) -> SlotCalendar:
    """The few times nearest to one that was lost, and the way to all the others."""
    every = f"{action}?{query}" if query else action
    days, words = _days(offers, zone, merged=False), _("See all free times")
    return SlotCalendar(action, when.zone_words(now, zone), days, "", None, every, query, words, every)


def slot_calendar(
    offers: Sequence[Offer], zone: str, first_on: date, now: datetime, action: str, *,
    query: dict[str, str] | None = None, merged: bool = False, beyond: Offer | None = None, is_own: bool = False,
) -> SlotCalendar:  # fmt: skip
    """Offers by day of `zone`, each with its time and provider; `merged`: one button a time, whoever is free then;
    `is_own`: the reader is the only provider, and needs no name on every button.
    `query` is what the page was asked for beside the dates, kept on every way to other dates."""
    where, kept = when.zone(zone), query or {}

    def on_page(day: date) -> str:
        return f"{action}?{urlencode({'from': day.isoformat(), **kept})}"

    days = _days(offers, zone, not is_own and (merged or len(offers) > _MOST_BUTTONS), is_own)
    today = now.astimezone(where).date()
    earlier = max(today, first_on - timedelta(days=_PAGE_DAYS))
    last_on = first_on + timedelta(days=_PAGE_DAYS - 1)
    return SlotCalendar(
        action, when.zone_words(now, zone), days, f"{when.say_date(first_on)} – {when.say_date(last_on)}",
        on_page(earlier) if first_on > today else None, on_page(last_on + timedelta(days=1)), urlencode(kept),
        _("The next free time is on {day}.").format(day=when.say_day(beyond.start_at, zone)) if beyond else "",
        on_page(beyond.start_at.astimezone(where).date()) if beyond else "",
    )  # fmt: skip


def _days(offers: Sequence[Offer], zone: str, merged: bool, is_own: bool = False) -> tuple[SlotDay, ...]:
    where = when.zone(zone)
    return tuple(
        SlotDay(when.say_date(day), len(buttons), buttons)
        for day, group in groupby(_ordered(offers), key=lambda o: o.start_at.astimezone(where).date())
        if (buttons := tuple(_merged(group, zone) if merged else _single(group, zone, is_own)))
    )


def _ordered(offers: Sequence[Offer]) -> list[Offer]:
    return sorted(offers, key=lambda o: (o.start_at, o.practitioner_name))


def _single(offers: Iterator[Offer], zone: str, is_own: bool) -> Iterator[SlotButton]:
    for _start, group in groupby(offers, key=lambda o: o.start_at):
        same = list(group)
        words, instant = when.say_time(same[0].start_at, zone), _instant(same[0])
        for one in same:
            yield SlotButton(f"{one.practitioner_id}@{instant}", words, "" if is_own else one.practitioner_name)


def _merged(offers: Iterator[Offer], zone: str) -> Iterator[SlotButton]:
    for _start, group in groupby(offers, key=lambda o: o.start_at):
        same = list(group)
        words = same[0].practitioner_name if len(same) == 1 else _("{count} providers").format(count=len(same))
        yield SlotButton(f"{ANYBODY}@{_instant(same[0])}", when.say_time(same[0].start_at, zone), words)


def _instant(offer: Offer) -> str:
    return offer.start_at.astimezone(UTC).isoformat(timespec="seconds")
