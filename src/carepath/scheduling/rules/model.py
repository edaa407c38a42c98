"""What the rules reason about. Wall times are minutes after local midnight, instants minutes since 1970 UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.scheduling.rules.ranges import Range


@dataclass(frozen=True, slots=True)
class VisitType:
    """A kind of consult. The buffers are kept free around it and belong to what it occupies."""

    code: str
    name: str
    minutes: int
    buffer_before: int
    buffer_after: int


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


@dataclass(frozen=True, slots=True)
class Weekly:
    """Open every `weekday` (0 = Monday) from `opens` to `closes`, on dates `valid_from` to `valid_until` inclusive."""

    weekday: int
    opens: int
    closes: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class DayChange:
    """Dates on which the week does not hold. `off` without times is the whole day; `extra` opens hours."""

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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that decides whether a practitioner can be booked, as read at one moment.

    `licences` are those for the asked jurisdiction only; `busy` and `patient_busy` include buffers.
    """

    practitioner_id: UUID
    practitioner_name: str
    credential: str
    zone: str
    is_active: bool
    hours: tuple[Weekly, ...]
    changes: tuple[DayChange, ...]
    licences: tuple[Validity, ...]
    busy: tuple[Range, ...]
    patient_busy: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted, apart from the time. `licence_zone` is where a licence's dates begin and end."""

    visit: VisitType
    licence_zone: str
    rules: BookingRules
    notice_minutes: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One start, wanted by somebody. `visit` is None when nobody knows that kind of visit."""

    visit: VisitType | None
    licence_zone: str
    rules: BookingRules
    notice_minutes: int
    now: datetime
    start_at: datetime


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
    """What a state says about prescribing without an exam in person, between two dates (inclusive)."""

    valid_from: date
    needs_review: bool
    words: str
    source: str
    valid_until: date | None = None


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
