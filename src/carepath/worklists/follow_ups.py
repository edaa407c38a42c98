"""Maintenance follow-ups: whom of their patients a provider looks at first, and why. Read in the order that is kept
beside each plan (followups.standing_queries), a page at a time, so that it costs the same for forty as for a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from carepath.kit import cursors, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.words import _
from carepath.worklists.names import name_of

PAGE = 50
MOST = 200  # counted up to here; more is shown as "200+"
RANKS = {"red": 0, "amber": 1, "overdue": 2, "due": 3}
DATES = {"labs": "labs_due_on", "pdmp": "pdmp_due_on"}
FILTERS = ("all", *RANKS, *DATES)


class Scores(msgspec.Struct, frozen=True):
    """As followups.rules.scores writes them. `line`: complete PEG scores, oldest first, the intake's included."""

    line: tuple[float, ...] = ()
    baseline: str | None = None
    best: str | None = None
    now: str | None = None
    relief: int | None = None
    phq9: int | None = None
    pgic: int | None = None


class FollowUpRow(msgspec.Struct, frozen=True):  # fifty of them a page: a dataclass takes several times as long
    """A patient who needs a look, once, by what is worst. A warning nobody has acknowledged outlives its plan.

    `stands` is red, amber, overdue, due, or nothing; `has_item9`: an open signal counts an answer about suicidal
    thoughts; `pressure` is the blood pressure of an open signal, with its time.
    """

    plan_id: UUID
    patient_id: UUID
    name: str
    stands: str | None
    since: datetime | None
    route: str
    phase: str
    interval_days: int
    plan_status: str
    check_in_status: str | None
    due_at: datetime | None
    worst: str | None
    words: str | None
    raised_at: datetime | None
    open_signals: int
    has_item9: bool
    pressure: tuple[str, datetime] | None
    scores: Scores
    runway_until: date | None
    labs_due_on: date | None
    pdmp_due_on: date | None
    next_visit_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next ones begin; None at the end."""

    rows: list[FollowUpRow]
    after: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, by filter; nobody is counted further than MOST + 1."""

    of: dict[str, int]

    @property
    def all(self) -> int:
        """Everybody who needs a look, each once."""
        return sum(self.of[name] for name in RANKS)


async def page(scope: Scope, wanted: str, after: str | None, now: datetime, limit: int = PAGE) -> Page:
    """The rows after `after`, worst first and oldest first within each; for `labs` and `pdmp` by their date.

    Invalid `show` for another filter, `after` for what is not a cursor of this very list.
    """
    if scope.role is not Role.PROVIDER:
        raise NotFound
    if wanted not in FILTERS:
        raise Invalid({"show": _("Choose one of the lists.")})
    place = f"follow-ups:{scope.practitioner_id}:{wanted}"
    key = cursors.read(place, after) if after else None
    found = await (_dated if wanted in DATES else _ranked)(scope, wanted, key, now, limit + 1)
    rows, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return Page([_row(r) for r in rows], cursors.write(place, _key(last, wanted)) if last else None)


def _key(r: Any, wanted: str) -> list[str | int]:
    if wanted in DATES:
        return [r[DATES[wanted]].isoformat(), str(r["id"])]
    return [r["attention"], r["attention_at"].isoformat(), str(r["id"])]


# The place is the only bound from below: beside another one the index is walked from its beginning, however deep the page.
_BEGINNING = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
_COLUMNS = """id, patient_id, attention, attention_at, route, phase, interval_days, status, runway_until,
    labs_due_on, pdmp_due_on, standing, scores"""


async def _ranked(scope: Scope, wanted: str, key: Sequence[Any] | None, now: datetime, limit: int) -> list[Any]:
    low, high = (RANKS[wanted], RANKS[wanted]) if wanted in RANKS else (0, 3)
    begin = (int(key[0]), datetime.fromisoformat(key[1]), UUID(key[2])) if key else (low, *_BEGINNING)
    return await db.records(
        _with_facts(
            f"""SELECT {_COLUMNS} FROM treatment_plan WHERE practitioner_id = {{}} AND attention < 9
                AND attention <= {{}} AND (attention, attention_at, id) > ({{}}, {{}}, {{}})
                ORDER BY attention, attention_at, id LIMIT {limit}""",
            "t.attention, t.attention_at, t.id",
        ),
        scope.practitioner_id, high, *begin, now,
    )  # fmt: skip


async def _dated(scope: Scope, wanted: str, key: Sequence[Any] | None, now: datetime, limit: int) -> list[Any]:
    column = DATES[wanted]
    begin = (date.fromisoformat(key[0]), UUID(key[1])) if key else (date.min, UUID(int=0))
    return await db.records(
        _with_facts(
            f"""SELECT {_COLUMNS} FROM treatment_plan WHERE practitioner_id = {{}} AND status IN ('active', 'on-hold')
                AND {column} IS NOT NULL AND {column} <= {{}} AND ({column}, id) > ({{}}, {{}})
                ORDER BY {column}, id LIMIT {limit}""",
            f"t.{column}, t.id",
        ),
        scope.practitioner_id, now.date(), *begin, now,
    )  # fmt: skip


def _with_facts(plans: str, order: str) -> str:
    """What a row says, of the plans of one page. Nearly all is kept beside the plan and comes with it; the name and the
    next visit are one step into an index each, and none grows with the list. Limits are numbers in the text: of one that
    is an argument the database takes a tenth of the table, and plans the page anew each time."""
    return f"""SELECT t.*, p.first_name_enc, p.last_name_enc, v.start_at AS visit_at
        FROM ({plans}) t
        JOIN patient p ON p.id = t.patient_id
        LEFT JOIN LATERAL (
            SELECT start_at FROM appointment WHERE patient_id = t.patient_id AND status IN ('booked', 'checked-in')
              AND start_at > {{}} ORDER BY start_at LIMIT 1) v ON true
        ORDER BY {order}"""


class _Standing(msgspec.Struct):
    """As followups.standing_queries writes it."""

    signals: int = 0
    words: str | None = None
    item9: bool = False
    pressure: str | None = None
    pressed_at: datetime | None = None
    check_in: str | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None


_STANDS = {rank: name for name, rank in RANKS.items()}
_standing = msgspec.json.Decoder(_Standing).decode
_scores = msgspec.json.Decoder(Scores).decode


def _row(r: Any) -> FollowUpRow:
    kept = _standing(r["standing"] or "{}")
    stands, since = _STANDS.get(r["attention"]), r["attention_at"]
    worst = stands if kept.signals else None
    pressure = (kept.pressure.rpartition(", ")[2], kept.pressed_at) if kept.pressure and kept.pressed_at else None
    return FollowUpRow(
        r["id"], r["patient_id"], name_of(r), stands, since, r["route"], r["phase"], r["interval_days"], r["status"],
        kept.check_in, kept.due_at, worst, kept.words, since if worst else None, kept.signals, kept.item9, pressure,
        _scores(r["scores"] or "{}"), r["runway_until"], r["labs_due_on"], r["pdmp_due_on"], r["visit_at"],
        kept.answered_at,
    )  # fmt: skip


async def counts(scope: Scope, now: datetime) -> Counts:
    """How many stand in each list, counted no further than one past MOST."""
    if scope.role is not Role.PROVIDER:
        raise NotFound
    ranked = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM treatment_plan WHERE practitioner_id = d.who AND attention < 9"
        f" AND attention = {rank} LIMIT {MOST + 1}) x) AS {name}"
        for name, rank in RANKS.items()
    )
    dated = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM treatment_plan WHERE practitioner_id = d.who AND {column} IS NOT NULL"
        f" AND status IN ('active', 'on-hold') AND {column} <= d.today LIMIT {MOST + 1}) x) AS {name}"
        for name, column in DATES.items()
    )
    running = f"""(SELECT count(*) FROM (SELECT 1 FROM treatment_plan WHERE practitioner_id = d.who
        AND status IN ('active', 'on-hold') LIMIT {MOST + 1}) x) AS running"""
    found = await db.row(
        f"SELECT {ranked}, {dated}, {running} FROM (SELECT {{}}::uuid AS who, {{}}::date AS today) d",
        scope.practitioner_id, now.date(),
    )  # fmt: skip
    return Counts({name: int(number) for name, number in (found or {}).items()})
