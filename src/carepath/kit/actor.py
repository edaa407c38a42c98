"""Who acts, and which rows that allows them to reach."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The people of design.md, the software itself, and whoever has not said who they are."""

    ANONYMOUS = "anonymous"
    PATIENT = "patient"
    PROVIDER = "provider"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
    SYSTEM = "system"


STAFF = frozenset({Role.PROVIDER, Role.COORDINATOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a query may touch; the first argument of every query."""

    role: Role
    account_id: UUID | None = None
    patient_id: UUID | None = None
    practitioner_id: UUID | None = None
    intake_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        """True for a signed-in member of the clinic."""
        return self.role in STAFF

    @property
    def is_system(self) -> bool:
        """True for workers and set-up, which serve everybody."""
        return self.role is Role.SYSTEM


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or worker) behind a request.

    `intake_id` is set while an applicant has proved no address yet: they reach that intake only.
    `limited_to` is set for a session opened by a link of one purpose: ("appointment" | "check-in", its id).
    """

    role: Role
    account_id: UUID | None = None
    patient_id: UUID | None = None
    practitioner_id: UUID | None = None
    intake_id: UUID | None = None
    session_id: UUID | None = None
    request_id: str = ""
    limited_to: tuple[str, UUID] | None = None

    @property
    def scope(self) -> Scope:
        """The rows this actor reaches."""
        return Scope(self.role, self.account_id, self.patient_id, self.practitioner_id, self.intake_id)

    @property
    def author_id(self) -> UUID | None:
        """The id that history and audit rows carry."""
        return self.account_id or self.patient_id or self.intake_id


SYSTEM = Actor(Role.SYSTEM)
NOBODY = Actor(Role.ANONYMOUS)
