"""The one query of the slot search: all that decides whether practitioners can be booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.scheduling.queries import OCCUPYING
from carepath.scheduling.rules.model import DayChange, Limits, Pattern, Snapshot, Validity, Weekly
from carepath.scheduling.rules.ranges import Range, instant_of


@dataclass(frozen=True, slots=True)
class Sight:
    """What a search looks at: the window in minutes, and whose own rows do not count as busy."""

    jurisdiction: str
    window: Range
    now: datetime
    patient_id: UUID | None = None
    moving_id: UUID | None = None


_DAY = 24 * 60
_MARGIN = _DAY  # buffers and visits reach at most this far outside the window
_WEEK = 8 * _DAY  # to count the visits of every week that the window touches

_HOURS = msgspec.json.Decoder(list[tuple[int, int, int, date, date | None, bool]])
_CHANGES = msgspec.json.Decoder(list[tuple[str, date, date, int | None, int | None]])
_LICENCES = msgspec.json.Decoder(list[tuple[date, date | None]])

# Minutes since 1970, rounded outward, so that busy time is never read as shorter than it is.
_FROM_TO = """array_agg(floor(date_part('epoch', lower(a.occupied)) / 60)::bigint),
    array_agg(ceil(date_part('epoch', upper(a.occupied)) / 60)::bigint)"""
_COUNTS = f"""a.{OCCUPYING} AND a.id IS DISTINCT FROM $4
    AND NOT (a.status = 'proposed' AND (a.hold_expires_at <= $5 OR a.patient_id IS NOT DISTINCT FROM $1))"""
# start_at lets the index bound the rows by the window: history costs nothing.
_LIVE = f"a.start_at >= $2 AND a.start_at < $3 AND {_COUNTS}"
COLUMNS = 15
_EACH = f"""
    SELECT p.id, p.name, p.credential, p.zone, p.is_active, p.max_per_day, p.max_per_week,
        (SELECT json_agg(json_build_array(h.weekday, extract(epoch FROM h.opens)::int / 60,
            extract(epoch FROM h.closes)::int / 60, h.valid_from, h.valid_until, h.is_break) ORDER BY h.id)::text
         FROM opening_hours h WHERE h.practitioner_id = p.id) AS hours,
        (SELECT json_agg(json_build_array(e.kind, e.first_on, e.last_on, extract(epoch FROM e.opens)::int / 60,
            extract(epoch FROM e.closes)::int / 60) ORDER BY e.id)::text
         FROM availability_exception e WHERE e.practitioner_id = p.id AND e.last_on >= $8) AS changes,
        (SELECT json_agg(json_build_array(l.valid_from, l.valid_until) ORDER BY l.valid_from)::text
         FROM licence l WHERE l.practitioner_id = p.id AND l.jurisdiction = $9) AS licences,
        theirs.begins, theirs.ends, elsewhere.begins AS away_from, elsewhere.ends AS away_to,
        CASE WHEN p.max_per_day IS NULL AND p.max_per_week IS NULL THEN NULL ELSE
            (SELECT array_agg(floor(date_part('epoch', a.start_at) / 60)::bigint) FROM appointment a
             WHERE a.practitioner_id = p.id AND a.start_at >= $6 AND a.start_at < $7 AND {_COUNTS}) END AS counted
    FROM practitioner p
    LEFT JOIN LATERAL (SELECT {_FROM_TO} FROM appointment a
        WHERE a.practitioner_id = p.id AND {_LIVE}) theirs (begins, ends) ON true
    LEFT JOIN LATERAL (SELECT array_agg(floor(date_part('epoch', b.begins_at) / 60)::bigint),
            array_agg(ceil(date_part('epoch', b.ends_at) / 60)::bigint)
        FROM busy_time b WHERE b.practitioner_id = p.id AND b.ends_at > $2 AND b.begins_at < $3
        ) elsewhere (begins, ends) ON true
    WHERE """
ALL_OR_NAMED = f"{_EACH}$10::uuid[] IS NULL OR p.id = ANY($10::uuid[]) ORDER BY p.name, p.id"
ONE = f"{_EACH}p.id = $10"  # a plan made once serves it for ever; the other is planned each time
_PATIENT = f"SELECT {_FROM_TO} FROM appointment a WHERE a.patient_id = $1 AND {_LIVE}"


@lru_cache(maxsize=4096)
def _pattern(zone: str, hours: str | None, changes: str | None) -> Pattern:
    """The same object for the same text, so that what was worked out for it is found again."""
    return Pattern(
        zone, tuple(Weekly(*entry) for entry in _HOURS.decode(hours or "[]")),
        tuple(DayChange(*entry) for entry in _CHANGES.decode(changes or "[]")),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _validities(text: str | None) -> tuple[Validity, ...]:
    return tuple(Validity(*entry) for entry in _LICENCES.decode(text or "[]"))


def _pairs(begins: list[int] | None, ends: list[int] | None) -> tuple[Range, ...]:
    return tuple(zip(begins, ends, strict=True)) if begins and ends else ()


def snapshot(r: Any, mine: tuple[Range, ...]) -> Snapshot:
    """From a row of these queries, or the first COLUMNS of a wider one; `mine` is the patient's busy time."""
    (id_, name, credential, zone, is_active, per_day, per_week, hours, changes, licences, begins, ends, away_from,
     away_to, counted) = r[:COLUMNS]  # fmt: skip
    limits = None if per_day is None and per_week is None else Limits(per_day, per_week, tuple(counted or ()))
    return Snapshot(
        id_, name, credential, _pattern(zone, hours, changes), is_active, _validities(licences),
        _pairs(begins, ends), mine, _pairs(away_from, away_to), limits,
    )  # fmt: skip


def asked(sight: Sight, whom: UUID | list[UUID] | None) -> tuple[object, ...]:
    """The arguments of `ONE` or `ALL_OR_NAMED`, in their order; the first five are the patient's query too."""
    begin, end = instant_of(sight.window[0] - _MARGIN), instant_of(sight.window[1] + _MARGIN)
    wide = (instant_of(sight.window[0] - _WEEK), instant_of(sight.window[1] + _WEEK))
    return (sight.patient_id, begin, end, sight.moving_id, sight.now, *wide, begin.date(), sight.jurisdiction, whom)


async def snapshots(scope: Scope, sight: Sight, practitioner_ids: Sequence[UUID] | None = None) -> list[Snapshot]:
    """The inputs of the slot search for all practitioners (or those named), in one query (and one for the patient).
    Open to everybody: it tells when somebody is busy, never with whom."""
    args = asked(sight, None if practitioner_ids is None else list(practitioner_ids))
    found, mine = await db.records(ALL_OR_NAMED, *args), tuple[Range, ...]()
    if sight.patient_id is not None:
        mine = _pairs(*(await db.records(_PATIENT, *args[:5]))[0])
    return [snapshot(r, mine) for r in found]
