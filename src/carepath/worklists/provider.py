"""The provider's dashboard: whom to look at first, and why each row stands there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import cursors, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.worklists import follow_ups, pending
from carepath.worklists.follow_ups import Counts, FollowUpRow
from carepath.worklists.names import name_of
from carepath.worklists.pending import PendingRow, Wanted

_MOST = 100
SHOWN = 20  # of each list; the lists themselves have all
_EVER = "-infinity"


@dataclass(frozen=True, slots=True)
class UrgentRow:
    """Somebody needs a person today. The name is there even before anybody has the patient: they may be in danger.
    `told`: so often somebody heard that it still waits."""

    task_id: UUID
    name: str
    words: str
    opened_at: datetime
    due_at: datetime
    is_mine: bool
    told: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The provider's desk: the beginning of each list, and how many there are. `waiting` counts pending evaluations,
    `standing` follow-ups; numbers end just above MOST. `to_plan` are those found suitable without a plan since, `left` those
    with a red signal whose provider may not sign in any more."""

    urgent: list[UrgentRow]
    pending: tuple[PendingRow, ...]
    follow_ups: list[FollowUpRow]
    standing: Counts
    waiting: int
    to_plan: list["ToPlanRow"]
    left: list["LeftRow"]


async def dashboard(scope: Scope, first_pending: Wanted, now: datetime, limit: int = SHOWN) -> Dashboard:
    """What stands first on one provider's desk; `first_pending` says how many evaluations, and which day is today."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    first = await follow_ups.page(scope, "all", None, now, limit)
    return Dashboard(
        await _urgent(scope), (await pending.page(scope, first_pending)).rows, first.rows, await follow_ups.counts(scope, now),
        await _waiting(scope), await to_plan(scope), await _left(scope),
    )  # fmt: skip


async def _waiting(scope: Scope) -> int:
    found = await db.row(
        """SELECT (SELECT count(*) FROM (SELECT 1 FROM evaluation WHERE status IN ('requested', 'in-progress', 'on-hold')
                    AND practitioner_id = d.who LIMIT d.most) x)
                + (SELECT count(*) FROM (SELECT 1 FROM evaluation WHERE status IN ('requested', 'in-progress', 'on-hold')
                    AND practitioner_id IS NULL LIMIT d.most) x) AS n
           FROM (SELECT {}::uuid AS who, {}::integer AS most) d""",
        scope.practitioner_id, follow_ups.MOST + 1,
    )  # fmt: skip
    return int(found["n"]) if found else 0


async def _urgent(scope: Scope) -> list[UrgentRow]:
    found = await db.rows(
        """SELECT t.id, t.patient_id, t.words, t.opened_at, t.due_at, t.practitioner_id, t.escalations, p.first_name_enc,
                  p.last_name_enc
           FROM urgent_task t LEFT JOIN patient p ON p.id = t.patient_id
           WHERE t.status = 'requested' AND (t.practitioner_id = {} OR t.practitioner_id IS NULL)
           ORDER BY t.due_at, t.id LIMIT {}""",
        scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [_urgent_row(r) for r in found]


def _urgent_row(r: dict[str, Any]) -> UrgentRow:
    is_mine, told = r["practitioner_id"] is not None, r["escalations"]
    return UrgentRow(r["id"], name_of(r), r["words"], r["opened_at"], r["due_at"], is_mine, told)


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient in maintenance, for the list of all of one's own."""

    patient_id: UUID
    name: str
    route: str
    status: str
    next_check_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Some of them, and where the next ones begin; None at the end."""

    rows: list[PatientRow]
    after: str | None


async def patients(scope: Scope, after: str | None = None) -> PatientPage:
    """Every patient with a running plan of this provider, next check-in first, a page at a time. Invalid `after`."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    place = f"patients:{scope.practitioner_id}"
    begin = cursors.read(place, after) if after else (_EVER, str(UUID(int=0)))
    found = await db.rows(
        """SELECT t.id, t.patient_id, t.route, t.status, t.next_check_in_at, p.first_name_enc, p.last_name_enc
           FROM treatment_plan t JOIN patient p ON p.id = t.patient_id
           WHERE t.practitioner_id = {} AND t.status IN ('active', 'on-hold')
             AND (coalesce(t.next_check_in_at, 'infinity'), t.id) > ({}::text::timestamptz, {}::text::uuid)
           ORDER BY coalesce(t.next_check_in_at, 'infinity'), t.id LIMIT {}""",
        scope.practitioner_id, *begin, follow_ups.PAGE + 1,
    )  # fmt: skip
    rows = [PatientRow(r["patient_id"], name_of(r), r["route"], r["status"], r["next_check_in_at"]) for r in found]
    if len(found) <= follow_ups.PAGE:
        return PatientPage(rows, None)
    last = found[follow_ups.PAGE - 1]
    at = last["next_check_in_at"].isoformat() if last["next_check_in_at"] else "infinity"
    return PatientPage(rows[: follow_ups.PAGE], cursors.write(place, (at, str(last["id"]))))


@dataclass(frozen=True, slots=True)
class ToPlanRow:
    """A patient who is found suitable and has had no plan since."""

    patient_id: UUID
    name: str
    decided_at: datetime


async def to_plan(scope: Scope) -> list[ToPlanRow]:
    """Decided as suitable, waiting for a plan, oldest first."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    found = await db.rows(
        """SELECT e.patient_id, e.decided_at, p.first_name_enc, p.last_name_enc FROM evaluation e
           JOIN patient p ON p.id = e.patient_id
           WHERE e.practitioner_id = {} AND e.outcome = 'suitable' AND looks_after(e.practitioner_id, e.patient_id)
             AND NOT EXISTS (SELECT 1 FROM treatment_plan t WHERE t.patient_id = e.patient_id
                             AND (t.status <> 'completed' OR t.created_at >= e.decided_at))
           ORDER BY e.decided_at LIMIT {}""",
        scope.practitioner_id, _MOST,
    )  # fmt: skip
    return [ToPlanRow(r["patient_id"], name_of(r), r["decided_at"]) for r in found]


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A patient with a red signal and nobody who sees it. Initials and place, as of an evaluation that nobody has."""

    patient_id: UUID
    name: str
    jurisdiction: str
    since: datetime


async def _left(scope: Scope) -> list[LeftRow]:
    found = await db.rows(
        """SELECT t.patient_id, t.attention_at, p.first_name_enc, p.last_name_enc, p.jurisdiction
           FROM treatment_plan t JOIN patient p ON p.id = t.patient_id
           WHERE t.attention = 0 AND t.practitioner_id IN (
               SELECT w.id FROM practitioner w
               WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.practitioner_id = w.id AND a.is_active))
           ORDER BY t.attention_at, t.id LIMIT {}""",
        _MOST,
    )
    return [LeftRow(r["patient_id"], name_of(r, False), r["jurisdiction"], r["attention_at"]) for r in found]
