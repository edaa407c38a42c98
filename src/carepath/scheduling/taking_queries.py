"""What a writer must know before it takes time: read in one statement, after its turn has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound
from carepath.scheduling.queries import OCCUPYING, Wish
from carepath.scheduling.rules.model import Snapshot
from carepath.scheduling.rules.ranges import Range, minute_after, minute_of
from carepath.scheduling.snapshot_queries import ONE, Sight, asked, snapshot

_THEIRS = """a.id, a.practitioner_id, a.visit_type, a.status, a.start_at, a.hold_expires_at, lower(a.occupied) AS begins,
    upper(a.occupied) AS ends, a.created_at, a.request_id"""
# Beside the practitioner, once or once for each row of theirs. The first ten arguments are those of ONE.
_SEEN = f"""
    SELECT seen.*, theirs.* FROM ({ONE}) seen LEFT JOIN LATERAL (
        SELECT {_THEIRS} FROM appointment a
        WHERE a.patient_id = $1 AND (a.status = 'proposed' OR (a.{OCCUPYING} AND a.start_at > $11))
        UNION ALL
        SELECT {_THEIRS} FROM appointment a
        WHERE a.practitioner_id = seen.id AND a.{OCCUPYING} AND a.occupied && tstzrange($12, $13)
        AND a.status = 'proposed' AND a.hold_expires_at <= $5 AND a.patient_id <> $1
    ) theirs (row_id, practitioner_id, visit_type, status, start_at, hold_expires_at, "from", "until", created_at, request_id)
    ON true ORDER BY theirs.created_at DESC, theirs.row_id DESC"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Before a wish is taken: what the patient has of exactly it already (id and status), the patient's other busy
    time, the patient's live holds (newest first), and holds that have run out: theirs, and others' in the way.

    `in_the_way` is what is kept for the patient and overlaps the wish: their own holds, and offers of the waiting list.
    Offers elsewhere are none of its business: a patient may look around while one is open.
    """

    same: tuple[UUID, str] | None
    busy: tuple[Range, ...]
    holds: tuple[UUID, ...]
    run_out: tuple[UUID, ...]
    in_the_way: tuple[UUID, ...] = ()


_NOTHING = Standing(None, (), (), ())


@dataclass(frozen=True, slots=True)
class Seen:
    """What `_take` decides on: how things stand for the patient, and what the rules must know of the practitioner."""

    standing: Standing
    provider: Snapshot


async def look(scope: Scope, wish: Wish, now: datetime) -> Seen:
    """All of it, in one statement. NotFound for an unknown practitioner."""
    start = minute_of(wish.start_at)
    sight = Sight(wish.jurisdiction, (start, start + 1), now, wish.patient_id)
    since = min(wish.start_at - timedelta(days=2), now)
    found = await db.records(_SEEN, *asked(sight, wish.practitioner_id), since, *wish.occupies)
    if not found:
        raise NotFound
    standing = _NOTHING if found[0]["row_id"] is None else _standing(found, wish, now)
    return Seen(standing, snapshot(found[0], standing.busy))


def _standing(found: list[Any], wish: Wish, now: datetime) -> Standing:
    begin, end = wish.occupies
    same: tuple[UUID, str] | None = None
    busy, holds, run_out, in_the_way = list[Range](), list[UUID](), list[UUID](), list[UUID]()
    for r in found:
        if r["status"] == "proposed" and r["hold_expires_at"] <= now:
            run_out.append(r["row_id"])
            continue
        if r["status"] != "proposed":
            busy.append((minute_of(r["from"]), minute_after(r["until"])))
        elif r["from"] < end and begin < r["until"]:
            in_the_way.append(r["row_id"])
        elif r["request_id"] is None:
            holds.append(r["row_id"])
        if _is(r, wish) and r["status"] in {"proposed", "booked"}:
            same = (r["row_id"], r["status"])
    return Standing(same, tuple(busy), tuple(holds), tuple(run_out), tuple(in_the_way))


def _is(r: Any, wish: Wish) -> bool:
    """Exactly what is wished for. An offer is not: it is taken by accepting it."""
    known = (r["practitioner_id"], r["start_at"], r["visit_type"])
    return r["request_id"] is None and known == (wish.practitioner_id, wish.start_at, wish.visit.code)


async def end_holds(scope: Scope, ids: tuple[UUID, ...], now: datetime) -> frozenset[UUID]:
    """Holds that go away, whoever's they were; those that did. Their time is noted as free.

    Somebody without our turns may end the same hold since it was read: the sweeper, or whoever wants its time while
    we want another. So each is locked in order, and what is over already is neither ended nor noted again.
    """
    if not ids:
        return frozenset()
    found = await db.rows(
        """UPDATE appointment SET status = 'cancelled', hold_expires_at = NULL, updated_at = {}
           WHERE id IN (SELECT id FROM appointment WHERE id = ANY({}) AND status = 'proposed' ORDER BY id FOR UPDATE)
           RETURNING id""",
        now, list(ids),
    )  # fmt: skip
    ended = frozenset(r["id"] for r in found)
    await note_free(scope, tuple(ended), now)
    return ended


async def note_free(scope: Scope, ids: Sequence[UUID], now: datetime) -> None:
    """Tell the waiting list what these occupy or did. Time that has passed is of no use to it."""
    await db.execute(
        """INSERT INTO freed_time (id, practitioner_id, begins_at, ends_at, created_at)
           SELECT gen_random_uuid(), practitioner_id, lower(occupied), upper(occupied), {} FROM appointment
           WHERE id = ANY({}) AND upper(occupied) > {}""",
        now, list(ids), now,
    )  # fmt: skip
