"""Records that were opened in an emergency, in words: for the patient's own provider, and for admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from carepath.journey.emergency import Told
from carepath.kit import when
from carepath.kit.words import _

_RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OpenedLine:
    """One opening. `name` with its address is empty where the reader knows no patient, or is on their page already."""

    when: str
    who: str
    until: str
    is_running: bool
    reason: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Of one patient: what calls for a look now, and what was before."""

    recent: tuple[OpenedLine, ...]
    earlier: tuple[OpenedLine, ...]


def lines(found: Sequence[Told], zone: str, now: datetime) -> tuple[OpenedLine, ...]:
    """Each in words."""
    return tuple(_line(one, zone, now) for one in found)


def opened(found: Sequence[Told], zone: str, now: datetime) -> Opened:
    """On the page of one patient."""
    recent = [one for one in found if now - one.opening.opened_at < _RECENT]
    earlier = [one for one in found if now - one.opening.opened_at >= _RECENT]
    return Opened(lines(recent, zone, now), lines(earlier, zone, now))


def _line(one: Told, zone: str, now: datetime) -> OpenedLine:
    opening, patient = one.opening, one.patient
    is_running = opening.ends_at > now
    words = _("open until {when}") if is_running else _("closed {when}")
    return OpenedLine(
        when.say_short(opening.opened_at, zone), one.who, words.format(when=when.say_short(opening.ends_at, zone)),
        is_running, opening.reason if opening.reason is not None else _("A reason was given."),
        patient.name if patient else "", f"/provider/patients/{patient.id}" if patient else "",
    )  # fmt: skip
