"""What a writer must know before it takes time: read in one statement, after its turn has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.scheduling.queries import OCCUPYING, Wish
from carepath.scheduling.rules.ranges import Range, minute_after, minute_of

_COLUMNS = """a.id, a.practitioner_id, a.visit_type, a.status, a.start_at, a.hold_expires_at, lower(a.occupied) AS begins,
    upper(a.occupied) AS ends, a.created_at"""
_STANDING = f"""
    SELECT {_COLUMNS} FROM appointment a
    WHERE a.patient_id = {{}} AND (a.status = 'proposed' OR (a.{OCCUPYING} AND a.start_at > {{}}))
    UNION ALL
    SELECT {_COLUMNS} FROM appointment a
    WHERE a.practitioner_id = {{}} AND a.{OCCUPYING} AND a.occupied && tstzrange({{}}, {{}})
    AND a.status = 'proposed' AND a.hold_expires_at <= {{}} AND a.patient_id <> {{}}
    ORDER BY created_at DESC, id DESC"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Before a wish is taken: what the patient has of exactly it already (id and status), the patient's other busy
    time, the patient's live holds (newest first), and holds that have run out: theirs, and others' in the way."""

    same: tuple[UUID, str] | None
    busy: tuple[Range, ...]
    holds: tuple[UUID, ...]
    run_out: tuple[UUID, ...]


async def standing(scope: Scope, wish: Wish, now: datetime) -> Standing:
    """All of it, in one statement."""
    mine, near = wish.patient_id, wish.start_at - timedelta(days=2)
    found = await db.records(_STANDING, mine, min(near, now), wish.practitioner_id, *wish.occupies, now, mine)
    same, busy, holds, run_out = None, [], [], []
    for r in found:
        is_over = r["status"] == "proposed" and r["hold_expires_at"] <= now
        if is_over:
            run_out.append(r["id"])
            continue
        if r["status"] == "proposed":
            holds.append(r["id"])
        else:
            busy.append((minute_of(r["begins"]), minute_after(r["ends"])))
        if (r["practitioner_id"], r["start_at"], r["visit_type"]) == (
            wish.practitioner_id, wish.start_at, wish.visit.code,
        ) and r["status"] in {"proposed", "booked"}:  # fmt: skip
            same = (r["id"], r["status"])
    return Standing(same, tuple(busy), tuple(holds), tuple(run_out))


async def end_holds(scope: Scope, ids: tuple[UUID, ...], now: datetime) -> None:
    """Holds that go away, whoever's they were."""
    if ids:
        await db.execute(
            """UPDATE appointment SET status = 'cancelled', hold_expires_at = NULL, updated_at = {}
               WHERE id = ANY({}) AND status = 'proposed'""",
            now, list(ids),
        )  # fmt: skip
