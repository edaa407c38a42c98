"""How much waits for somebody: numbers, and nothing that says about whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class ProviderCounts:
    """What is on a provider's desk: theirs, and what is nobody's yet. `check_ins` are those of patients who
    have a signal that nobody has acknowledged; `consults` begin on the day that was asked for."""

    urgent: int
    pending: int
    check_ins: int
    consults: int


@dataclass(frozen=True, slots=True)
class CoordinatorCounts:
    """What coordinators see: visits that do not stand, people who wait, messages and calendars that fail, calls to make."""

    flagged: int
    waiting: int
    failed: int
    calendars: int
    calls: int


async def of_providers(
    scope: Scope, days: Sequence[tuple[UUID, datetime, datetime]]
) -> dict[UUID, ProviderCounts]:  # fmt: skip
    """For each (practitioner, their day's beginning and end)."""
    if not scope.is_system:
        raise NotFound
    found = await db.rows(
        """SELECT d.who,
               (SELECT count(*) FROM urgent_task t WHERE t.status = 'requested'
                  AND (t.practitioner_id = d.who OR t.practitioner_id IS NULL)) AS urgent,
               (SELECT count(*) FROM evaluation e WHERE e.status IN ('requested', 'in-progress', 'on-hold')
                  AND (e.practitioner_id = d.who OR e.practitioner_id IS NULL)) AS pending,
               (SELECT count(*) FROM treatment_plan t WHERE t.practitioner_id = d.who AND t.attention < 9
                  AND t.attention < 2) AS check_ins,
               (SELECT count(*) FROM appointment a WHERE a.practitioner_id = d.who AND a.status IN ('booked', 'checked-in')
                  AND a.start_at >= d.since AND a.start_at < d.past) AS consults
           FROM unnest({}::uuid[], {}::timestamptz[], {}::timestamptz[]) d (who, since, past)""",
        [who for who, _since, _past in days], [since for _who, since, _past in days],
        [past for _who, _since, past in days],
    )  # fmt: skip
    return {r["who"]: ProviderCounts(r["urgent"], r["pending"], r["check_ins"], r["consults"]) for r in found}


async def of_coordinators(scope: Scope, now: datetime) -> CoordinatorCounts:
    """The same for all of them."""
    if not scope.is_system:
        raise NotFound
    found = await db.row(
        """SELECT
               (SELECT count(*) FROM appointment WHERE attention IS NOT NULL AND status IN ('booked', 'checked-in')
                  AND (end_at > {} OR attention = 'located-elsewhere')) AS flagged,
               (SELECT count(*) FROM consult_request WHERE status IN ('waiting', 'offered')) AS waiting,
               (SELECT count(*) FROM message WHERE status = 'failed' AND recipient_kind <> 'account') AS failed,
               (SELECT count(*) FROM busy_feed f JOIN practitioner p ON p.id = f.practitioner_id
                  WHERE p.is_active AND f.problem IS NOT NULL) AS calendars,
               (SELECT count(*) FROM patient_call WHERE status = 'requested' AND due_at <= {}) AS calls""",
        now,
        now,
    )
    assert found is not None
    return CoordinatorCounts(**found)
