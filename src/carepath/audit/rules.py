"""What one audit row says, in a form that can be signed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """An audit row before it is signed. `detail` holds ids, codes and counts; never a name or an answer."""

    id: UUID
    at: datetime
    actor_role: str
    actor_id: UUID | None
    action: str
    subject: str
    subject_id: UUID | None
    patient_id: UUID | None
    request_id: str
    detail: dict[str, str | int | bool | None]


def canonical(event: Event) -> str:
    """The row as one line that is the same for ever, whatever the database makes of it."""
    return json.dumps(
        [
            str(event.id),
            event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            event.actor_role,
            str(event.actor_id or ""),
            event.action,
            event.subject,
            str(event.subject_id or ""),
            str(event.patient_id or ""),
            event.request_id,
            event.detail,
        ],
        separators=(",", ":"),
        sort_keys=True,
        ensure_ascii=True,
    )
