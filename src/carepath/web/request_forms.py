"""The form of somebody who waits for a time, for patients and coordinators, and a request in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.rules.parts import PARTS
from carepath.scheduling.rules.requests import windows_of
from carepath.scheduling.service import ConsultRequest, Practitioner, RequestDraft
from carepath.web.forms import Form

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
PART_WORDS = {"morning": _("Mornings"), "afternoon": _("Afternoons"), "evening": _("Evenings")}
STATES = {
    "waiting": (_("Looking"), "blue"), "offered": (_("A time is kept"), "green"), "fulfilled": (_("Done"), "grey"),
    "withdrawn": (_("Stopped"), "grey"), "lapsed": (_("Ended without a time"), "amber"),
}  # fmt: skip
_DAYS_AHEAD = 28
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class RequestForm:
    """The choices that the form offers, and what is chosen already."""

    weekdays: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]
    providers: tuple[tuple[str, str], ...]
    values: dict[str, str]
    chosen: frozenset[str]


def request_form(people: Sequence[Practitioner], today: date, form: Form | None) -> RequestForm:
    """The form, filled with what was sent, or with the next four weeks."""
    values = {"first_on": today.isoformat(), "last_on": (today + timedelta(days=_DAYS_AHEAD)).isoformat()}
    chosen = frozenset(v for name in ("days", "parts") for v in (form.fields.get(name, []) if form else []))
    return RequestForm(
        tuple((str(n), name) for n, name in enumerate(WEEKDAYS)), tuple(PART_WORDS.items()),
        (("", _("Whoever is free")), *((str(p.id), p.name) for p in people if p.is_active)),
        {**values, **(form.values if form else {})}, chosen,
    )  # fmt: skip


def read(form: Form, visit_type: str, instead_of: UUID | None) -> RequestDraft:
    """What was sent. Invalid names what is wrong."""
    days = form.choices("days", {str(n) for n in range(7)}, _("Choose days of the week."))
    parts = form.choices("parts", PARTS, _("Choose parts of the day."))
    first_on = form.day("first_on", _("Enter the first day."))
    last_on = form.day("last_on", _("Enter the last day."))
    choose = _("Choose a provider from the list.")
    who = (form.uuid("provider", choose),) if form.text("provider", 36) else ()
    form.check()
    assert first_on is not None
    assert last_on is not None
    return RequestDraft(visit_type, first_on, last_on, windows_of(map(int, days), parts), who, instead_of)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request in words."""

    id: UUID
    state: str
    tone: str
    visit: str
    when_words: str
    windows: str
    provider: str
    since: str
    offer_id: UUID | None
    is_open: bool
    is_earlier: bool
    is_done: bool


def request_view(one: ConsultRequest, clinic: Clinic, people: Sequence[Practitioner], zone: str) -> RequestView:
    """One request; `zone` is the reader's."""
    state, tone = STATES[one.status]
    names = [p.name for p in people if p.id in one.practitioner_ids]
    visit = clinic.visit_types.get(one.visit_type)
    return RequestView(
        one.id, state, tone, visit.name if visit else one.visit_type,
        when.say_days(one.first_on, one.last_on),
        windows_words(one), ", ".join(names) or _("Whoever is free"), when.say_short(one.created_at, zone),
        one.offer_id if one.status == "offered" else None, one.is_open, one.instead_of is not None, one.status == "fulfilled",
    )  # fmt: skip


def windows_words(one: ConsultRequest) -> str:
    """ "Mon–Fri from 5 PM; Sat, Sun any time", or any time."""
    if not one.windows:
        return _("Any day, any time")
    spans: dict[tuple[int, int], list[int]] = {}
    for weekday, low, high in one.windows:
        spans.setdefault((low, high), []).append(weekday)
    return "; ".join(f"{_days_words(days)} {_span_words(*span)}" for span, days in spans.items())


def _days_words(days: list[int]) -> str:
    first, last = days[0], days[-1]
    if len(days) == 7:
        return _("Any day")
    if len(days) > 2 and last - first == len(days) - 1:
        return f"{WEEKDAYS[first][:3]}–{WEEKDAYS[last][:3]}"
    return ", ".join(WEEKDAYS[day][:3] for day in days)


def _span_words(low: int, high: int) -> str:
    if high - low == _DAY:
        return _("any time")
    if low == 0:
        return _("until {high}").format(high=_clock(high))
    if high == _DAY:
        return _("from {low}").format(low=_clock(low))
    return _("{low} to {high}").format(low=_clock(low), high=_clock(high))


def _clock(minutes: int) -> str:
    return _("noon") if minutes == _DAY // 2 else when.say_clock(time(*divmod(minutes, 60)))


def today_in(zone: str, now: datetime) -> date:
    """The date in that zone."""
    return now.astimezone(when.zone(zone)).date()
