"""Evaluations to decide, a page at a time: by urgency, then due time, then age.

A provider sees what is theirs and what is nobody's. That is two walks along one index, each of as many rows as a page
has, merged; a page that lies deep is found as fast as the first one, and rows that come or go between two pages make
none appear twice or be left out.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.worklists.names import name_of

SIZE = 50
FILTERS = ("all", "mine", "unclaimed", "urgent", "waiting", "today")


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a row in the order; a page begins behind it or, `backwards`, ends before it."""

    backwards: bool
    rank: int
    due_at: datetime
    opened_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page: a filter, a place, and the provider's own day with its beginning and end."""

    show: str
    on: date
    since: datetime
    past: datetime
    mark: Mark | None = None
    size: int = SIZE


class PendingRow(msgspec.Struct, frozen=True):  # fifty of them a page: a dataclass takes several times as long
    """An evaluation to decide, and all that says why it stands where it does. Of one that is nobody's, the initials are
    enough to choose by. `urgent_words` name a rule, never an answer; `told`: so often somebody heard that it is late;
    `is_missed`: to the visit, the last there is, the patient did not come;
    `is_licensed`: the provider may treat where the patient is, without which nobody's evaluation can be taken."""

    evaluation_id: UUID
    name: str
    jurisdiction: str
    status: str
    priority: str
    rank: int
    due_at: datetime
    opened_at: datetime
    is_mine: bool
    told: int
    stops: int
    reviews: int
    urgent_words: str | None
    asked_at: datetime | None
    visit_at: datetime | None
    is_missed: bool
    handed_over_by: str | None
    is_licensed: bool

    def mark(self, backwards: bool) -> Mark:
        """Its place."""
        return Mark(backwards, self.rank, self.due_at, self.opened_at, self.evaluation_id)


@dataclass(frozen=True, slots=True)
class PendingPage:
    """Rows in order, and whether there are others on either side."""

    rows: tuple[PendingRow, ...]
    has_before: bool
    has_after: bool


_ORDER = ("rank", "due_at", "opened_at", "id")
_TODAY = """patient_id IN (SELECT patient_id FROM appointment WHERE practitioner_id = {} AND start_at >= {} AND start_at < {}
            AND status IN ('booked', 'checked-in', 'fulfilled', 'noshow'))"""
# Whose rows a filter walks along: mine, nobody's. What waits for a patient is always somebody's.
_WALKS = {"mine": (True,), "waiting": (True,), "unclaimed": (False,)}

# What a row says beside its place: each part is one step into an index, and none grows with the list.
_WHY = """
    SELECT e.*, p.first_name_enc, p.last_name_enc, p.jurisdiction, s.stops, s.reviews,
        coalesce((SELECT words FROM urgent_task WHERE patient_id = e.patient_id AND status = 'requested'
                  ORDER BY due_at, id LIMIT 1), s.urgent_words) AS words,
        CASE WHEN e.status = 'on-hold' THEN (SELECT min(asked_at) FROM information_request
             WHERE evaluation_id = e.id AND answered_at IS NULL) END AS asked_at,
        v.start_at, v.status = 'noshow' AS is_missed, h.name_enc,
        p.jurisdiction IN (SELECT jurisdiction FROM licence WHERE practitioner_id = {} AND valid_from <= {}
                           AND coalesce(valid_until, 'infinity') >= {}) AS is_licensed
    FROM page e JOIN patient p ON p.id = e.patient_id
    LEFT JOIN LATERAL (
        SELECT stops, reviews, urgent_words FROM screening_result WHERE intake_id = e.intake_id AND stage = 'intake'
        ORDER BY created_at DESC LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
        SELECT start_at, status FROM appointment WHERE patient_id = e.patient_id
        AND status IN ('booked', 'checked-in', 'fulfilled', 'noshow') ORDER BY start_at DESC LIMIT 1
    ) v ON true
    LEFT JOIN account h ON h.id = e.handed_by
    ORDER BY e.rank, e.due_at, e.opened_at, e.id"""


def _walk(scope: Scope, wanted: Wanted, is_mine: bool) -> tuple[str, list[object]]:
    """Along the index from the place of the page, over one's own rows or those of nobody. The limit is a number in the
    text: of one that is an argument the database takes a tenth of the table, and plans the page anew each time."""
    mark, turn = wanted.mark, _turn(wanted)
    conditions, args = ["practitioner_id = {}" if is_mine else "practitioner_id IS NULL"], list[object]()
    if is_mine:
        args.append(scope.practitioner_id)
    if mark is not None:
        conditions.append(f"({', '.join(_ORDER)}) {'<' if mark.backwards else '>'} ({{}}, {{}}, {{}}, {{}})")
        args += [mark.rank, mark.due_at, mark.opened_at, mark.id]
    if wanted.show == "urgent":
        conditions.append("rank < 2")
    if wanted.show == "waiting":
        conditions.append("status = 'on-hold'")
    if wanted.show == "today":
        conditions.append(_TODAY)
        args += [scope.practitioner_id, wanted.since, wanted.past]
    order = ", ".join(f"{name}{turn}" for name in ("practitioner_id", *_ORDER))
    return (
        f"""(SELECT id, patient_id, intake_id, practitioner_id, status, priority, rank, due_at, opened_at, escalations,
                 handed_by
             FROM evaluation WHERE {" AND ".join(conditions)} AND status IN ('requested', 'in-progress', 'on-hold')
             ORDER BY {order} LIMIT {wanted.size + 1})""",
        args,
    )


def _turn(wanted: Wanted) -> str:
    return " DESC" if wanted.mark is not None and wanted.mark.backwards else ""


async def page(scope: Scope, wanted: Wanted) -> PendingPage:
    """One page of one provider's list. One that would begin before the first row is the first page."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    walks = [_walk(scope, wanted, is_mine) for is_mine in _WALKS.get(wanted.show, (True, False))]
    order = ", ".join(f"{name}{_turn(wanted)}" for name in _ORDER)
    both = " UNION ALL ".join(sql for sql, _args in walks)
    found = await db.records(
        f"WITH page AS (SELECT * FROM ({both}) walks ORDER BY {order} LIMIT {wanted.size + 1}) {_WHY}",
        *(arg for _sql, args in walks for arg in args), scope.practitioner_id, wanted.on, wanted.on,
    )  # fmt: skip
    rows, size = tuple(_row(r) for r in found), wanted.size
    if wanted.mark is None or not wanted.mark.backwards:
        return PendingPage(rows[:size], wanted.mark is not None, len(rows) > size)
    if len(rows) <= size:
        return await page(scope, replace(wanted, mark=None))
    return PendingPage(rows[-size:], True, True)


def _row(r: Any) -> PendingRow:
    is_mine = r["practitioner_id"] is not None
    by = crypto.unseal(r["name_enc"], f"account.name_enc:{r['handed_by']}") if r["name_enc"] else None
    return PendingRow(
        r["id"], name_of(r, is_mine), r["jurisdiction"], r["status"], r["priority"], r["rank"], r["due_at"],
        r["opened_at"], is_mine, r["escalations"], r["stops"] or 0, r["reviews"] or 0, r["words"], r["asked_at"],
        r["start_at"], bool(r["is_missed"]), by, r["is_licensed"],
    )  # fmt: skip
