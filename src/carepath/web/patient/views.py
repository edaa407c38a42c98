"""What patient pages show, in words. Templates only arrange it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from carepath.journey.home import Home
from carepath.kit import when
from carepath.kit.errors import Conflict
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Appointment, ConsultOffer
from carepath.web.patient.next_step import next_step


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as its patient sees it."""

    id: UUID
    status: str
    status_words: str
    when_words: str
    provider: str
    minutes: int
    attention: str | None
    hold_seconds: int
    hold_words: str | None
    is_live: bool
    can_change: bool
    href: str


# Refusals that speak of the patient, said to the patient.
_WHY_NOT = {
    "no-telehealth": _("The rules of your state do not allow a video visit on that day."),
    "not-licensed": _("This provider is not licensed in your state any more."),
    "licence-expired": _("This provider's license for your state is not valid on that day any more."),
    "patient-busy": _("You already have a visit at that time."),
}


def why_not(refused: Conflict) -> str:
    """Why something cannot be had, in words for the patient who asked for it."""
    return _WHY_NOT.get(refused.code, refused.reason)


_STATUS_WORDS = {
    "proposed": _("Held for you"),
    "booked": _("Booked"),
    "checked-in": _("Under way"),
    "fulfilled": _("Took place"),
    "cancelled": _("Cancelled"),
    "noshow": _("Missed"),
}


def jurisdiction_options(clinic: Clinic) -> list[tuple[str, str]]:
    """Choices for "which state are you in today"."""
    return [(code, found.name) for code, found in clinic.jurisdictions.items()]


def zone_options(clinic: Clinic) -> list[tuple[str, str]]:
    """Every zone that the clinic's jurisdictions have; empty means the state's main one."""
    names = dict.fromkeys(z for j in clinic.jurisdictions.values() for z in (j.zone, *j.other_zones))
    moment = datetime(2026, 1, 15, 12, tzinfo=UTC)
    labelled = (
        (name, f"{when.zone_words(moment, name)} ({name.rpartition('/')[2].replace('_', ' ')})") for name in names
    )
    return [("", _("The usual one of that state")), *sorted(labelled, key=lambda option: option[1])]


def visit(appointment: Appointment, now: datetime) -> VisitView:
    """One visit in its patient's zone."""
    zone, status = appointment.patient_zone, appointment.status
    is_live = status in {"booked", "checked-in"} and appointment.end_at > now
    expires = appointment.hold_expires_at
    return VisitView(
        appointment.id, status, _STATUS_WORDS.get(status, status), when.say(appointment.start_at, zone),
        appointment.practitioner_name, int((appointment.end_at - appointment.start_at).total_seconds() // 60),
        appointment.attention,
        max(0, int((expires - now).total_seconds())) if expires else 0, _hold_words(expires, zone),
        is_live, status == "booked" and appointment.start_at > now, _page(appointment),
    )  # fmt: skip


def _page(appointment: Appointment) -> str:
    """Where it is seen; what is only kept is seen where one says yes or no."""
    folder = "visits" if appointment.status != "proposed" else "offers" if appointment.request_id else "holds"
    return f"/{folder}/{appointment.id}"


def _hold_words(expires: datetime | None, zone: str) -> str | None:
    if expires is None:
        return None
    return _("We keep this time for you until {time}.").format(
        time=f"{when.say_time(expires, zone)} {when.zone_words(expires, zone)}"
    )


@dataclass(frozen=True, slots=True)
class OfferView:
    """A time from the waiting list. `title` and `words` say what became of it once it is over."""

    id: UUID
    is_open: bool
    title: str
    words: str
    when_words: str
    provider: str
    minutes: int
    until_words: str
    instead_words: str
    visit_href: str


_ENDED = {
    "accepted": (_("This time is yours"), _("It is booked. We have written to you with all you need.")),
    "declined": (
        _("You said no to this time"),
        _("It went to somebody else. If you are still looking, we write again."),
    ),
    "withdrawn": (
        _("This time is not kept any more"),
        _("You stopped looking, have a visit already, or the provider's calendar has changed since."),
    ),
    "expired": (_("This time is not kept any more"), _("It was kept for you and has gone to somebody else since.")),
}


def offer(held: Appointment, found: ConsultOffer, instead_of: Appointment | None, now: datetime) -> OfferView:
    """One offer in its patient's zone. One that has run out counts as ended before the worker has noticed."""
    zone, outcome = held.patient_zone, found.outcome
    is_open = outcome == "open" and found.expires_at > now and held.status == "proposed"
    title, words = _ENDED["expired" if outcome == "open" else outcome]
    is_move = instead_of is not None and held.status == "cancelled"
    visit = (instead_of if instead_of and is_move else held).id if outcome == "accepted" else None
    return OfferView(
        held.id, is_open, title, words, when.say(found.start_at, zone), held.practitioner_name,
        int((held.end_at - held.start_at).total_seconds() // 60), when.say(found.expires_at, zone),
        when.say(instead_of.start_at, zone) if instead_of else "", f"/visits/{visit}" if visit else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class HomeView:
    """The patient's page in words: one next step, then everything else."""

    first_name: str
    next_words: str
    next_href: str | None
    next_label: str
    questions: tuple["Choice", ...]
    check_in_href: str | None
    check_in_words: str
    visits: tuple[VisitView, ...]
    decision_words: str | None
    plan_words: str | None
    book_href: str | None
    looking: "Choice | None"
    to_sign: tuple[tuple[str, str], ...]
    may_withdraw: bool
    phone_words: str
    phone_label: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to open."""

    id: UUID
    label: str


def home(found: Home, now: datetime) -> HomeView:
    """The page of one patient."""
    zone = found.patient.zone
    visits = tuple(visit(a, now) for a in _in_order(found, now))
    live = next((v for v in visits if v.is_live), None)
    held = next((v for v in visits if v.status == "proposed" and v.hold_seconds), None)
    words, href, label = next_step(found, live or held)
    open_href = f"/check-ins/{found.check_in.id}" if found.check_in else None
    check_in_href = None if open_href == href else open_href
    return HomeView(
        found.patient.first_name, words, href, label,
        tuple(Choice(q.id, _("Asked on {day}").format(day=when.say_day(q.asked_at, zone))) for q in found.questions),
        check_in_href, _("It takes about three minutes.") if check_in_href else "",
        visits, found.decision.patient_words if found.decision else None, _plan_words(found),
        "/slots" if found.plan and found.plan.status == "active" else None, _looking(found, href),
        tuple((f"/consents/{one.id}", one.title) for one in found.to_sign),
        found.evaluation_status in {"requested", "in-progress", "on-hold"}, *_phone(found.patient.phone),
    )  # fmt: skip


def _phone(number: str | None) -> tuple[str, str]:
    if number is None:
        return _("We have no number of yours."), _("Tell us your number")
    return _("At {number}.").format(number=number), _("Change or remove it")


def _in_order(found: Home, now: datetime) -> list[Appointment]:
    """What is ahead, the next one first; then what is past, the newest first."""
    ahead = sorted((one for one in found.visits if one.end_at > now), key=lambda one: one.start_at)
    past = sorted((one for one in found.visits if one.end_at <= now), key=lambda one: one.start_at, reverse=True)
    return [*ahead, *past]


def _looking(found: Home, next_href: str | None) -> Choice | None:
    """What is looked for besides the next step."""
    one = found.request
    if one is None or one.offer_id or next_href == f"/requests/{one.id}":
        return None
    return Choice(one.id, _("We are looking for an earlier time") if one.instead_of else _("We are looking for a time"))


def _plan_words(found: Home) -> str | None:
    plan = found.plan
    if plan is None or plan.status == "completed":
        return None
    if plan.status == "on-hold":
        words = _("Paused for now. You get no questions meanwhile. Call us with any worry.")
    else:
        words = _("Your questions come every {days} days.").format(days=plan.check_in_every_days)
    return "\n".join(part for part in (plan.goals, words) if part)
