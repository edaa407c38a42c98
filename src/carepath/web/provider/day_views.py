"""A provider's day in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.followups.rules.plans import ROUTES
from carepath.journey.day import Consult
from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.rules.machine import LATE, LATE_FROM
from carepath.scheduling.rules.model import Clinic
from carepath.web.provider.desk_views import PHASES, plain
from carepath.web.provider.row_words import amount

_STATES = {
    "booked": (_("booked"), "blue"), "checked-in": (_("arrived"), "green"), "fulfilled": (_("took place"), "grey"),
    "noshow": (_("did not come"), "grey"),
}  # fmt: skip
_TOOK_PLACE, _NO_SHOW = ("fulfil", _("It took place")), ("no-show", _("The patient did not come"))
_OUTCOMES = {
    "urgent": (_("urgent"), "red"), "stop": (_("stop"), "red"), "review": (_("to review"), "amber"),
    "inform": (_("note"), "blue"),
}  # fmt: skip
_GAP = timedelta(minutes=15)  # a shorter one is the buffer between two visits


@dataclass(frozen=True, slots=True)
class ConsultView:
    """A consult. `is_next` is the one to turn to now; `late` are (minutes, is it said already) that can be chosen,
    `gap` how long nothing is booked before it, and `emergency` the way to read the record of a colleague's patient."""

    id: UUID
    version: int
    time: str
    name: str
    href: str
    emergency: str
    kind: str
    state: str
    tone: str
    rail: str
    is_next: bool
    soon: str
    gap: str
    room: str | None
    place: str
    late_words: str
    late: tuple[int, ...]
    acts: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """A date with its consults, and the way to the days around it. `left` says how many are still to come."""

    title: str
    on: str
    zone_words: str
    earlier: str
    later: str
    is_today: bool
    left: str
    consults: tuple[ConsultView, ...]


def day(found: Sequence[Consult], on: date, zone: str, clinic: Clinic, now: datetime) -> DayView:
    """One day, its consults in order."""
    ahead = [one for one in found if one.visit.status in {"booked", "checked-in"} and one.visit.end_at > now]
    following = ahead[0].visit.id if ahead else None
    before = [None, *(one.visit.end_at for one in found)]
    noon = datetime.combine(on, datetime.min.time(), when.zone(zone)) + timedelta(hours=12)
    return DayView(
        when.say_date(on), on.isoformat(), when.zone_words(noon, zone), (on - timedelta(days=1)).isoformat(),
        (on + timedelta(days=1)).isoformat(), on == now.astimezone(when.zone(zone)).date(),
        _("{n} of {all} to come").format(n=len(ahead), all=len(found)) if found else "",
        tuple(
            _consult(one, past, one.visit.id == following, zone, clinic, now)
            for one, past in zip(found, before, strict=False)
        ),
    )  # fmt: skip


def _consult(
    one: Consult, past: datetime | None, is_next: bool, zone: str, clinic: Clinic, now: datetime
) -> ConsultView:
    visit, kind = one.visit, clinic.visit_types.get(one.visit.visit_type)
    state, tone = _STATES[visit.status]
    gap = visit.start_at - past if past else timedelta()
    return ConsultView(
        visit.id, visit.version, f"{when.say_time(visit.start_at, zone)} – {when.say_time(visit.end_at, zone)}",
        one.facts.name, _href(one), _emergency(one), kind.name if kind else visit.visit_type, state, tone,
        _rail(one), is_next, _soon(visit.expected_at, now) if is_next else "",
        _("{amount} free").format(amount=amount(gap)) if gap >= _GAP else "",
        visit.room if one.entrance.state in {"ask", "open"} else None, _place(one, clinic), _late_words(one, zone),
        _late(one, now), _acts(one, now), tuple(_facts(one, now)),
    )  # fmt: skip


def _href(one: Consult) -> str:
    """The summary to read before it: the evaluation until it is decided, then the patient's own page; none of a
    colleague's patient."""
    facts = one.facts
    if not facts.is_own:
        return ""
    if facts.evaluation_id is not None and not facts.is_decided:
        return f"/provider/evaluations/{facts.evaluation_id}"
    return f"/provider/patients/{facts.patient_id}"


def _emergency(one: Consult) -> str:
    """Of a colleague's patient: where to read the record if there is no other way."""
    return "" if one.facts.is_own else f"/provider/patients/{one.facts.patient_id}/emergency"


def _rail(one: Consult) -> str:
    if one.visit.status not in {"booked", "checked-in"}:
        return "grey"
    return one.facts.signal[0] if one.facts.signal else "green" if one.visit.status == "checked-in" else "blue"


def _soon(at: datetime, now: datetime) -> str:
    return _("in {amount}").format(amount=amount(at - now)) if at > now else _("now")


def _place(one: Consult, clinic: Clinic) -> str:
    visit = one.visit
    if visit.located_in is None:
        asks = one.entrance.state == "ask"
        return _("The patient has not come to the door yet.") if asks else ""
    known = clinic.jurisdictions.get(visit.located_in)
    said = _("Says to be in {state}.").format(state=known.name if known else visit.located_in)
    if visit.attention != "located-elsewhere":
        return said
    return f"{said} {_('You may not see them there, so the room is closed to them. Please call.')}"


def said_today(at: datetime, zone: str, now: datetime) -> str:
    """A time on a page that names its zone; with the day unless that is today."""
    local = when.zone(zone)
    is_today = at.astimezone(local).date() == now.astimezone(local).date()
    return when.say_time(at, zone) if is_today else when.say_short(at, zone)


def _late_words(one: Consult, zone: str) -> str:
    visit = one.visit
    if not visit.late_minutes or visit.status not in {"booked", "checked-in"}:
        return ""
    words = _("{minutes} min late: the patient expects you at {time}.")
    return words.format(minutes=visit.late_minutes, time=when.say_time(visit.expected_at, zone))


def _late(one: Consult, now: datetime) -> tuple[int, ...]:
    """Only longer than what was said already, while it can still be said."""
    visit = one.visit
    if visit.status not in {"booked", "checked-in"} or not visit.start_at - LATE_FROM <= now < visit.end_at:
        return ()
    return tuple(minutes for minutes in LATE if minutes > (visit.late_minutes or 0))


def _acts(one: Consult, now: datetime) -> tuple[tuple[str, str], ...]:
    visit = one.visit
    if visit.start_at > now:
        return ()
    return {
        "booked": (_TOOK_PLACE, _NO_SHOW), "checked-in": (_TOOK_PLACE,),
        "noshow": (("reverse-no-show", _("They came after all")),),
    }.get(visit.status, ())  # fmt: skip


def _facts(one: Consult, now: datetime) -> Iterator[tuple[str, str, str]]:
    """(label, its tone, words) of what to know before it, the worst first."""
    facts = one.facts
    if not facts.is_own:
        yield "", "", _("A colleague has this patient: ask them what to know.")
    if facts.signal is not None:
        severity, words, raised_at = facts.signal
        yield _("signal"), severity, f"{words} ({_('{amount} ago').format(amount=amount(now - raised_at))})"
    if facts.finding is not None:
        outcome, words = facts.finding
        yield *_OUTCOMES[outcome], words
    elif facts.evaluation_id is not None and not facts.is_decided:
        yield "", "", _("Nothing in the answers needs a look.")
    if facts.route is not None:
        yield "", "", f"{ROUTES.get(facts.route, facts.route)}, {PHASES.get(facts.phase or '', '')}"
    if facts.peg is not None:
        value, at = facts.peg
        words = _("PEG {value}, {amount} ago").format(value=plain(value), amount=amount(now - at))
        if facts.baseline is not None and facts.baseline != value:
            words += f" ({_('began at {value}').format(value=plain(facts.baseline))})"
        yield "", "", words
