"""A letter of every kind to nobody real: what the preview shows, and what a clinic's own wording is tried with.

What a kind's writer puts into `context` stands here, too, by the kind's name or, for all that are about one subject,
by the subject's. A test holds each to the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from carepath.journey.letters.desk import Desk
from carepath.kit import when
from carepath.kit.words import _
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.service import Letter
from carepath.scheduling.service import Appointment

_ZONE, _ADDRESS, _DOCTOR = "America/Denver", "jordan@mail.example", "Dr. Sam Sample"
_AT, _UNTIL = datetime(2027, 3, 9, 16, 30, tzinfo=UTC), datetime(2027, 3, 8, 23, 0, tzinfo=UTC)
_LATER = timedelta(days=28)
_NAMES = {"account": _DOCTOR}
_VISIT = {
    "when": when.say(_AT, _ZONE),
    "day": when.say_day(_AT, _ZONE),
    "provider": _DOCTOR,
    "by_video": "yes",
}
_OFFER = {
    "when": when.say(_AT, _ZONE), "until": when.say(_UNTIL, _ZONE), "until_short": when.say_short(_UNTIL, _ZONE),
}  # fmt: skip
_CONTEXT: Mapping[str, Mapping[str, str | Sequence[str]]] = {
    "appointment": _VISIT, "consult-offer": _OFFER,
    "late-visit": {"when": when.say(_AT, _ZONE), "time": when.say_time(_AT, _ZONE)},
    "offer-ended": {"when": when.say(_AT, _ZONE), "waits": "yes"},
    "evaluation-late": {"n": "2"}, "urgent-late": {"n": "2"}, "red-late": {"n": "2"},
    "break-glass": {"when": when.say(_AT, _ZONE)},
    "practice-change": {"day": when.say_day(_AT, _ZONE), "visits": "3"},
    "staff-digest": {"lines": [_("Waiting for your decision: {n}").format(n=2), _("Visits today: {n}").format(n=5)]},
    "replan": {"times": [when.say(_AT, _ZONE), when.say(_AT + _LATER, _ZONE)]},
    "intake": {}, "sign-in": {}, "information-request": {}, "evaluation": {}, "check-in": {}, "urgent-task": {},
    "reading": {},
}  # fmt: skip


def letter(desk: Desk, kind: str) -> Letter:
    """The sample of a kind. KeyError while nobody has written one."""
    known = KINDS[kind]
    context = _CONTEXT[kind] if kind in _CONTEXT else _CONTEXT[known.subject]
    name = _NAMES.get(known.recipient, "Jordan")
    stop_link = f"{desk.base_url}/stop/sample" if known.optional else ""
    found = Letter(_ADDRESS, name, kind, name, _ZONE, context, f"{desk.base_url}/link/sample", stop_link=stop_link)
    if known.subject == "replan":
        return replace(found, more=tuple(desk.invite(_visit(kind, n), _ADDRESS, _UNTIL) for n in (0, 1)))
    is_told = known.subject == "appointment" and known.before is None
    return desk.with_invite(found, _visit(kind, 0), _UNTIL) if is_told else found


def _visit(kind: str, number: int) -> Appointment:
    """A visit of nobody with nobody."""
    status, start = "cancelled" if kind == "consult-cancelled" else "booked", _AT + number * _LATER
    return Appointment(
        id=UUID(int=number + 1), practitioner_id=UUID(int=0), practitioner_name=_DOCTOR, patient_id=UUID(int=0),
        visit_type="", status=status, start_at=start, end_at=start + timedelta(minutes=50), version=1, jurisdiction="",
        patient_zone=_ZONE, hold_expires_at=None, room="sample", attention=None, created_at=_UNTIL, updated_at=_UNTIL,
    )  # fmt: skip
