"""What the rest of the product may know of a person."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.kit.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff. Secrets stay below."""

    id: UUID
    role: Role
    practitioner_id: UUID | None
    email: str
    name: str
    zone: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff who may sign in, as far as a worker needs it that writes to them: nothing that is sealed."""

    id: UUID
    role: Role
    practitioner_id: UUID | None
    zone: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient's identity and contact. `zone` is the IANA zone their times are shown in."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str | None
    birth_date: date
    jurisdiction: str
    zone: str
    created_at: datetime

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What is known of a person at the moment their address is proved."""

    email: str
    first_name: str
    last_name: str
    birth_date: date
    jurisdiction: str
    zone: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever a session cookie belongs to. `awaits_code` is true between password and one-time code."""

    actor: Actor
    session_id: UUID
    awaits_code: bool
    zone: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A mailed link that is still good."""

    id: UUID
    purpose: str
    patient_id: UUID | None
    intake_id: UUID | None
    subject_id: UUID | None
