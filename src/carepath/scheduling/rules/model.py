"""What the rules reason about. Wall times are minutes after local midnight, instants minutes since 1970 UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.scheduling.rules.ranges import Range


@dataclass(frozen=True, slots=True)
class VisitType:
    """A kind of consult. The buffers are kept free around it and belong to what it occupies.

    `stage` is what a patient must have reached to book it themselves: `intake` (answers sent) or
    `maintenance` (a treatment plan). `booked_by` names the roles that may book it. `grid_minutes`,
    `notice_hours` and `horizon_days` are the clinic's own where they are None. `after_session_check`: the
    patient is asked later how they have been since.
    """

    code: str
    name: str
    minutes: int
    buffer_before: int
    buffer_after: int
    modality: str = "video"
    stage: str = "intake"
    booked_by: frozenset[str] = frozenset({"patient", "coordinator"})
    grid_minutes: int | None = None
    notice_hours: int | None = None
    horizon_days: int | None = None
    after_session_check: bool = False


@dataclass(frozen=True, slots=True)
class BookingRules:
    """The clinic's own limits; units are in the names."""

    grid_minutes: int
    notice_hours: int
    horizon_days: int
    hold_minutes: int
    max_open_holds: int
    no_show_grace_minutes: int
    check_in_opens_minutes: int
    change_notice_hours: int = 0
    most_moves: int = 5
    assignment_days: int = 28
    offer_hours: int = 12
    proposal_hours: int = 72
    most_missed_offers: int = 2


@dataclass(frozen=True, slots=True)
class Weekly:
    """Open every `weekday` (0 = Monday) from `opens` to `closes`, on dates `valid_from` to `valid_until` inclusive.

    A break is the opposite: closed, whatever else says open.
    """

    weekday: int
    opens: int
    closes: int
    valid_from: date
    valid_until: date | None
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class DayChange:
    """Dates on which the week does not hold. `off` without times is the whole day; `extra` opens hours;
    `shortened` leaves of the week's hours only those between its times."""

    kind: str
    first_on: date
    last_on: date
    opens: int | None
    closes: int | None


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last date, both inclusive; without a last date it goes on."""

    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """When somebody works, as written: the zone, the week, and what differs. Wall times throughout.

    Compared by identity, so that what follows from it (weeks of open minutes) can be kept beside it
    at no cost; whoever reads patterns answers the same one for the same text.
    """

    zone: str
    hours: tuple[Weekly, ...]
    changes: tuple[DayChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many visits somebody takes in a day and in a week from Monday, and when those counted begin (minutes)."""

    per_day: int | None
    per_week: int | None
    begins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that decides whether a practitioner can be booked, as read at one moment.

    `licences` are those for the asked jurisdiction only; `busy` and `patient_busy` include buffers;
    `elsewhere` is what the practitioner's own calendar, outside of ours, says is busy.
    """

    practitioner_id: UUID
    practitioner_name: str
    credential: str
    pattern: Pattern
    is_active: bool
    licences: tuple[Validity, ...]
    busy: tuple[Range, ...] = ()
    patient_busy: tuple[Range, ...] = ()
    elsewhere: tuple[Range, ...] = ()
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted, apart from the time. `licence_zone` is where a licence's dates begin and end.

    `holidays` close the whole clinic; on the dates of `no_telehealth` the patient's state does not
    allow this kind of visit at all.
    """

    visit: VisitType
    licence_zone: str
    rules: BookingRules
    notice_minutes: int
    now: datetime
    holidays: frozenset[date] = frozenset()
    no_telehealth: tuple[Validity, ...] = ()

    @property
    def grid_minutes(self) -> int:
        """Visits start when the practitioner's wall clock shows a multiple of this."""
        return self.visit.grid_minutes or self.rules.grid_minutes

    @property
    def horizon_minutes(self) -> int:
        """How far ahead anything can be booked."""
        return (self.visit.horizon_days or self.rules.horizon_days) * 24 * 60


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a stable code, and words for a person."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A start that could be booked at the moment of asking."""

    practitioner_id: UUID
    practitioner_name: str
    credential: str
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class PrescribingRule:
    """What a state says about prescribing without an exam in person, between two dates (inclusive).

    `closes_booking`: on those dates nobody there can be booked for a video visit at all.
    """

    valid_from: date
    needs_review: bool
    words: str
    source: str
    valid_until: date | None = None
    closes_booking: bool = False


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A state or the District of Columbia: `zone` holds for most people there."""

    code: str
    name: str
    zone: str
    other_zones: tuple[str, ...]
    prescribing: tuple[PrescribingRule, ...]


@dataclass(frozen=True, slots=True)
class FederalRule:
    """The federal telemedicine flexibility and its last day."""

    until: date
    words: str
    words_after: str
    source: str
    closes_booking_after: bool = False


@dataclass(frozen=True, slots=True)
class Clinic:
    """config/clinic.toml and config/jurisdictions.toml, checked."""

    name: str
    phone: str
    email: str
    zone: str
    room_template: str
    rules: BookingRules
    visit_types: Mapping[str, VisitType]
    jurisdictions: Mapping[str, Jurisdiction]
    federal: FederalRule
    holidays: Mapping[date, str] = field(default_factory=dict)
    closed_on: frozenset[date] = frozenset()  # the dates of `holidays`, as the rules want them

    def no_telehealth(self, jurisdiction: str, modality: str) -> tuple[Validity, ...]:
        """The dates on which no visit of that kind can be booked from that place."""
        if modality != "video":
            return ()
        closed = [
            Validity(rule.valid_from, rule.valid_until)
            for rule in self.jurisdictions[jurisdiction].prescribing
            if rule.closes_booking
        ]
        if self.federal.closes_booking_after:
            closed.append(Validity(self.federal.until + timedelta(days=1), None))
        return tuple(closed)
