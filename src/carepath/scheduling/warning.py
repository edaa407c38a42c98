"""Changes ahead, with how many booked visits lie behind them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.kit import when
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.scheduling import ahead_queries
from carepath.scheduling.catalogue import clinic
from carepath.scheduling.rules import days
from carepath.scheduling.rules.drafts import LAST_DATE
from carepath.scheduling.rules.ranges import instant_of
from carepath.scheduling.rules.warnings import Ahead, ahead


@dataclass(frozen=True, slots=True)
class Warned:
    """A change ahead; `visits` are booked on the days that it is about."""

    change: Ahead
    visits: int


async def changes_ahead(scope: Scope, now: datetime) -> list[Warned]:
    """What changes in the next weeks, the soonest first; for a provider, what is about their own licences and visits."""
    if not (scope.is_staff or scope.is_system):
        raise NotFound
    own = scope.practitioner_id if scope.role is Role.PROVIDER else None
    here, today = clinic(), now.astimezone(when.zone(clinic().zone)).date()
    found = ahead(await ahead_queries.licences(scope, own), here.jurisdictions, here.federal, today)
    return [Warned(one, await _visits(scope, one, own, now)) for one in found]


async def _visits(scope: Scope, change: Ahead, own: UUID | None, now: datetime) -> int:
    """A licence binds every visit, rules on telehealth only those by video. Days are those of the patient's state."""
    here = clinic()
    codes = [change.jurisdiction] if change.jurisdiction else list(here.jurisdictions)
    spans = [
        (code, _begin(here.jurisdictions[code].zone, change.since), _end(here.jurisdictions[code].zone, change.until))
        for code in codes
        if code in here.jurisdictions
    ]
    in_person = [code for code, visit in here.visit_types.items() if visit.modality != "video"]
    but_kinds = [] if change.kind == "licence-ends" else in_person
    return await ahead_queries.booked_within(scope, spans, change.practitioner_id or own, but_kinds, now)


def _begin(zone: str, on: date) -> datetime:
    return instant_of(days.day_range(zone, on, on)[0])


def _end(zone: str, until: date | None) -> datetime:
    return _begin(zone, (until or LAST_DATE) + timedelta(days=1))
