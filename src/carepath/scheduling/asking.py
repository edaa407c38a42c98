"""What callers send, checked against the clinic before any SQL, and refusals that come with alternatives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.kit import when
from carepath.kit.actor import Actor, Role, Scope
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.words import _
from carepath.scheduling import snapshot_queries
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.queries import Wish
from carepath.scheduling.rules import days, slots
from carepath.scheduling.rules.drafts import date_problem
from carepath.scheduling.rules.model import Ask, Offer, Refusal, Snapshot, VisitType
from carepath.scheduling.rules.ranges import Range, minute_of
from carepath.scheduling.rules.refusals import OVERRIDABLE, refusal
from carepath.scheduling.snapshot_queries import Sight

MOST_DAYS = 92
_ALTERNATIVES = 5
_AROUND = (timedelta(hours=12), timedelta(days=7))
_LONGEST_REASON = 500
_DAY = 24 * 60


class Unbookable(Conflict):
    """The time cannot be had. `code` is the rule's; `alternatives` are the nearest times that could."""

    def __init__(self, refusal: Refusal, alternatives: Sequence[Offer] = ()) -> None:
        super().__init__(refusal.words, refusal.code)
        self.alternatives = list(alternatives)


class SlotTaken(Unbookable):
    """Somebody else has the time, or was quicker."""


@dataclass(frozen=True, slots=True)
class Search:
    """A checked question for free times; `window` is in minutes since 1970."""

    ask: Ask
    sight: Sight
    practitioner_ids: tuple[UUID, ...] | None


def notice_minutes(role: Role, visit: VisitType) -> int:
    """How far ahead this role books: the notice binds patients only."""
    if role not in {Role.PATIENT, Role.ANONYMOUS}:
        return 0
    return (clinic().rules.notice_hours if visit.notice_hours is None else visit.notice_hours) * 60


def own(actor: Actor, appointment_id: UUID) -> None:
    """NotFound when the session came by a link to something else."""
    if actor.limited_to is not None and actor.limited_to != ("appointment", appointment_id):
        raise NotFound


def for_patient(actor: Actor, patient_id: UUID) -> None:
    """NotFound for a patient who asks in another's name; Refused for a session of one link."""
    if actor.role is Role.PATIENT and actor.patient_id != patient_id:
        raise NotFound
    if actor.limited_to is not None:
        raise Refused(_("Please sign in to book another visit."))


def check_reason(reason: str) -> str | None:
    """The reason, trimmed; None when empty. Invalid when it cannot be kept."""
    if len(reason) > _LONGEST_REASON:
        raise Invalid({"reason": _("Use at most 500 characters.")})
    if "\0" in reason or any("\ud800" <= letter <= "\udfff" for letter in reason):
        raise Invalid({"reason": _("This text has characters that cannot be kept.")})
    return reason.strip() or None


def check_search(
    actor: Actor, visit_type: str, jurisdiction: str, now: datetime, days_asked: tuple[date, date, str],
    practitioner_ids: Sequence[UUID] | None, whose: tuple[UUID | None, UUID | None],
) -> Search:  # fmt: skip
    """`days_asked` is (first date, last date, zone), `whose` the patient and the appointment whose own time
    counts as free. Invalid names every field that is wrong."""
    first_on, last_on, zone = days_asked
    visit = clinic().visit_types.get(visit_type)
    problems = _place_problems(jurisdiction, zone, "zone") | _dates_problems(first_on, last_on)
    if visit is None:
        problems["visit_type"] = refusal("visit-type-unknown").words
    if practitioner_ids is not None and len(practitioner_ids) > 500:
        problems["practitioner_ids"] = _("Name at most 500 providers.")
    if problems or visit is None:
        raise Invalid(problems)
    window = _useful(days.day_range(zone, first_on, last_on), visit, now)
    named = None if practitioner_ids is None else tuple(practitioner_ids)
    return Search(ask_for(visit, jurisdiction, actor.role, now), Sight(jurisdiction, window, now, *whose), named)


def _place_problems(jurisdiction: str, zone: str, zone_field: str) -> dict[str, str]:
    problems = {}
    if jurisdiction not in clinic().jurisdictions:
        problems["jurisdiction"] = _("Choose the state where the patient is.")
    if not when.is_zone(zone):
        problems[zone_field] = _("Choose a time zone from the list.")
    return problems


def _dates_problems(first_on: date, last_on: date) -> dict[str, str]:
    if problem := date_problem(first_on):
        return {"first_on": problem}
    if problem := date_problem(last_on):
        return {"last_on": problem}
    if not 0 <= (last_on - first_on).days < MOST_DAYS:
        return {"last_on": _("Choose a last day within 92 days of the first.")}
    return {}


def check_dates(first_on: date, last_on: date) -> None:
    """Invalid names first_on or last_on: real dates, in order, at most 92 of them."""
    if problems := _dates_problems(first_on, last_on):
        raise Invalid(problems)


def _useful(window: Range, visit: VisitType, now: datetime) -> Range:
    """The part of a window in which anything can be free at all, in whole days, so that the same search a minute
    later finds what was worked out for it; an empty window stays one minute long."""
    low = minute_of(now)
    far = (visit.horizon_days or clinic().rules.horizon_days) * _DAY
    first, past = max(window[0], low - low % _DAY), min(window[1], low - low % _DAY + far + 2 * _DAY)
    return (first, past) if first < past else (window[0], window[0] + 1)


def _whole_days(first: int, past: int) -> Range:
    """Widened, so that everybody who loses on one day looks through the same window."""
    return first - first % _DAY, past - past % -_DAY


def ask_for(visit: VisitType, jurisdiction: str, role: Role, now: datetime, notice: int | None = None) -> Ask:
    """What the rules need beside the practitioner and the time. `notice` (minutes) replaces the role's own."""
    here = clinic()
    minutes = notice_minutes(role, visit) if notice is None else notice
    closed = here.no_telehealth(jurisdiction, visit.modality)
    return Ask(visit, here.jurisdictions[jurisdiction].zone, here.rules, minutes, now, here.closed_on, closed)


def check_wish(
    patient_id: UUID, practitioner_id: UUID, visit_type: str, start_at: datetime, jurisdiction: str, patient_zone: str
) -> Wish:
    """A wish whose every part the clinic knows. Invalid, or Unbookable for an unknown kind of visit."""
    problems = _place_problems(jurisdiction, patient_zone, "patient_zone")
    if problem := _instant_problem(start_at):
        problems["start_at"] = problem
    if problems:
        raise Invalid(problems)
    visit = clinic().visit_types.get(visit_type)
    if visit is None:
        raise Unbookable(refusal("visit-type-unknown"))
    return Wish(patient_id, practitioner_id, visit, start_at, jurisdiction, patient_zone)


def _instant_problem(start_at: datetime) -> str | None:
    if start_at.utcoffset() is None:
        return _("The time needs a time zone.")
    return date_problem(start_at.date())


@dataclass(frozen=True, slots=True)
class Allowed:
    """A start that may be taken: what was seen of the practitioner, and the rules that were set aside for it."""

    provider: Snapshot
    overridden: tuple[str, ...] = ()


async def check_bookable(
    actor: Actor, wish: Wish, now: datetime, moving_id: UUID | None = None, notice: int | None = None,
    override: str | None = None,
) -> Allowed:  # fmt: skip
    """`judge` on what the database says at this moment. Unbookable with alternatives; NotFound."""
    start = minute_of(wish.start_at)
    sight = Sight(wish.jurisdiction, (start, start + 1), now, wish.patient_id, moving_id)
    found = await snapshot_queries.snapshots(actor.scope, sight, [wish.practitioner_id])
    if not found:
        raise NotFound
    return await judge(actor, wish, found[0], now, moving_id, notice, override)


async def judge(
    actor: Actor, wish: Wish, provider: Snapshot, now: datetime, moving_id: UUID | None = None,
    notice: int | None = None, override: str | None = None,
) -> Allowed:  # fmt: skip
    """The search's own rule on what was seen of the practitioner. Unbookable with alternatives.

    `notice` (minutes) replaces the actor's own: a hold in time may be confirmed a little later. `override` is
    staff's reason to set rules aside that may be.
    """
    ask = ask_for(wish.visit, wish.jurisdiction, actor.role, now, notice)
    refused = slots.bookable(provider, ask, wish.start_at)
    if refused is None:
        return Allowed(provider)
    if override is not None:
        codes = slots.against(provider, ask, wish.start_at)
        if set(codes) <= OVERRIDABLE:
            return Allowed(provider, tuple(codes))
        refused = refusal(next(code for code in codes if code not in OVERRIDABLE))
    raise await unbookable(actor.scope, actor.role, wish, refused, now, moving_id)


def check_override(actor: Actor, reason: str | None) -> str | None:
    """The reason to set rules aside, or None. Refused for patients; Invalid `reason` for an empty one."""
    if reason is None:
        return None
    if actor.role not in {Role.COORDINATOR, Role.PROVIDER, Role.SYSTEM}:
        raise Refused(_("Only the clinic's staff can set a rule aside."))
    kept = check_reason(reason)
    if kept is None:
        raise Invalid({"reason": _("Please write why this time is right.")})
    return kept


async def unbookable(
    scope: Scope, role: Role, wish: Wish, refused: Refusal, now: datetime, moving_id: UUID | None = None
) -> Unbookable:
    """The refusal together with the free times nearest to the wish, in the order of time.

    Most who lose find enough within half a day; only where they do not are two weeks looked through.
    """
    kind = SlotTaken if refused.code == "taken" else Unbookable
    if role is Role.SYSTEM:  # a worker goes on by itself and reads no alternatives
        return kind(refused)
    horizon = now + timedelta(days=wish.visit.horizon_days or clinic().rules.horizon_days)
    centre = min(max(wish.start_at, now), horizon)
    ask = ask_for(wish.visit, wish.jurisdiction, role, now)
    found: list[Offer] = []
    for around in _AROUND:
        window = _useful(_whole_days(minute_of(centre - around), minute_of(centre + around)), wish.visit, now)
        sight = Sight(wish.jurisdiction, window, now, wish.patient_id, moving_id)
        seen = await snapshot_queries.snapshots(scope, sight)
        found = slots.nearest(seen, ask, window, minute_of(wish.start_at), _ALTERNATIVES)
        if len(found) >= _ALTERNATIVES and all(abs(offer.start_at - centre) <= around for offer in found):
            break
    return kind(refused, found)
