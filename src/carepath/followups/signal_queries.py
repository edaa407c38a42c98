"""All SQL over signals."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.followups.check_in_queries import reach
from carepath.followups.rules.signals.model import Raised
from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that a reading raised, or that fell due, in the rule's words of that day.

    `about_at` is the time it is about, `raised_at` when it was seen. `lapsed_at`: since then what is known no longer
    raises it. `is_open`: a provider still has to look at it.
    """

    id: UUID
    patient_id: UUID
    check_in_id: UUID | None
    rule_id: str
    rule_version: str
    severity: str
    words: str
    source: str
    readings: dict[str, str]
    raised_at: datetime
    acknowledged_at: datetime | None
    note: str | None
    reading_id: UUID | None
    anchor: str
    about_at: datetime
    lapsed_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a signal belongs to. `check_in_id` is the check-in that it was answered in, if it was."""

    patient_id: UUID
    practitioner_id: UUID
    check_in_id: UUID | None = None


def _signal(r: dict[str, Any]) -> Signal:
    return Signal(
        r["id"], r["patient_id"], r["check_in_id"], r["rule_id"], r["rule_version"], r["severity"], r["words"],
        r["source"], json.loads(r["readings"]), r["raised_at"], r["acknowledged_at"],
        crypto.unseal_optional(r["note_enc"], f"signal.note_enc:{r['id']}"), r["reading_id"], r["anchor"],
        r["about_at"], r["lapsed_at"], r["is_open"],
    )  # fmt: skip


async def insert(
    scope: Scope, found: Sequence[tuple[Whose, Raised]], red_again_at: datetime, now: datetime
) -> list[Signal]:  # fmt: skip
    """Keep signals with the numbers and the words of the day; those that are new. A later change of a rule touches none.
    Red ones are told again at `red_again_at` unless somebody has acknowledged them by then.

    One that is there already stands again if it had lapsed; nothing else of it changes.
    """
    rows = [(new_id(), whose, one) for whose, one in found]
    kept = await db.rows(
        """INSERT INTO signal (id, patient_id, practitioner_id, check_in_id, reading_id, anchor, about_at, rule_id,
               rule_version, severity, words, source, readings, escalate_at, raised_at)
           SELECT s.*, {}::timestamptz FROM unnest({}::uuid[], {}::uuid[], {}::uuid[], {}::uuid[], {}::uuid[], {}::text[],
               {}::timestamptz[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::jsonb[],
               {}::timestamptz[]) s
           ON CONFLICT (anchor, rule_id) DO UPDATE SET lapsed_at = NULL
           WHERE signal.lapsed_at IS NOT NULL AND signal.rule_version = excluded.rule_version RETURNING *""",
        now, [one for one, _, _ in rows], [w.patient_id for _, w, _ in rows], [w.practitioner_id for _, w, _ in rows],
        [w.check_in_id for _, w, _ in rows], [r.reading_id for _, _, r in rows], [r.anchor for _, _, r in rows],
        [r.about_at for _, _, r in rows], [r.rule.id for _, _, r in rows], [r.rule.version for _, _, r in rows],
        [r.rule.tone for _, _, r in rows], [r.rule.words for _, _, r in rows], [r.rule.source for _, _, r in rows],
        [json.dumps(r.readings) for _, _, r in rows],
        [red_again_at if r.rule.tone == "red" else None for _, _, r in rows],
    )  # fmt: skip
    new = {one for one, _, _ in rows}
    return [_signal(r) for r in kept if r["id"] in new]


async def lapse(scope: Scope, found: Sequence[Raised], now: datetime) -> None:
    """What is known no longer raises these, by the very rule that had raised them."""
    await db.execute(
        """UPDATE signal g SET lapsed_at = {}
           FROM unnest({}::text[], {}::text[], {}::text[]) l (anchor, rule_id, rule_version)
           WHERE g.anchor = l.anchor AND g.rule_id = l.rule_id AND g.rule_version = l.rule_version
             AND g.lapsed_at IS NULL""",
        now, [one.anchor for one in found], [one.rule.id for one in found], [one.rule.version for one in found],
    )  # fmt: skip


async def signals_of(scope: Scope, patient_id: UUID) -> list[Signal]:
    """Every signal of a patient, newest first. Providers only: a patient reads them from a person."""
    if not (scope.is_system or scope.role is Role.PROVIDER):
        return []
    condition, args = reach(scope)
    found = await db.rows(
        f"SELECT * FROM signal WHERE patient_id = {{}} AND {condition} ORDER BY about_at DESC, id", patient_id, *args
    )
    return [_signal(r) for r in found]


async def acknowledged_reds(scope: Scope, reading_ids: Collection[UUID]) -> dict[UUID, int]:
    """Of each of these readings in reach, how many red signals somebody has looked at; none is not listed."""
    condition, args = reach(scope)
    found = await db.rows(
        f"""SELECT reading_id, count(*) AS n FROM signal WHERE reading_id = ANY({{}}) AND severity = 'red'
            AND acknowledged_at IS NOT NULL AND {condition} GROUP BY reading_id""",
        list(reading_ids), *args,
    )  # fmt: skip
    return {r["reading_id"]: r["n"] for r in found}


async def signals(scope: Scope, ids: Sequence[UUID], lock: bool = False) -> list[Signal]:
    """Those of these that the scope reaches, in one order."""
    if not (scope.is_system or scope.role is Role.PROVIDER):
        return []
    condition, args = reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.rows(
        f"SELECT * FROM signal WHERE id = ANY({{}}) AND {condition} ORDER BY id{suffix}", list(ids), *args
    )
    return [_signal(r) for r in found]


async def signal(scope: Scope, signal_id: UUID, lock: bool = False) -> Signal:
    """One signal. NotFound when absent or out of reach."""
    found = await signals(scope, [signal_id], lock)
    if not found:
        raise NotFound
    return found[0]


async def acknowledge(scope: Scope, ids: Sequence[UUID], note: str, by: UUID, now: datetime) -> None:
    """Somebody has looked, and says what they did; the rows are locked by the caller."""
    await db.execute(
        """UPDATE signal g SET acknowledged_at = {}, acknowledged_by = {}, note_enc = n.note
           FROM unnest({}::uuid[], {}::bytea[]) n (id, note) WHERE g.id = n.id""",
        now, by, list(ids), [crypto.seal(note, f"signal.note_enc:{one}") for one in ids],
    )  # fmt: skip


async def tell_again(scope: Scope, next_at: datetime, now: datetime, limit: int) -> list[UUID]:
    """Open red signals of which somebody is to be told again, counted and put off until `next_at`; whose each is. What
    another worker has, or a provider just acknowledges, is passed over."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """WITH late AS MATERIALIZED (
               SELECT id FROM signal WHERE is_open AND escalate_at <= {} ORDER BY escalate_at LIMIT {}
               FOR UPDATE SKIP LOCKED)
           UPDATE signal g SET escalations = g.escalations + 1, escalate_at = {} FROM late WHERE g.id = late.id
           RETURNING g.practitioner_id""",
        now, limit, next_at,
    )  # fmt: skip
    return [r["practitioner_id"] for r in found]


async def told_again_by_owner(scope: Scope) -> list[tuple[UUID | None, int, int]]:
    """(whose, how often told again, how many) of the open red signals of which somebody was told again."""
    if not scope.is_system:
        return []
    found = await db.rows(
        """SELECT practitioner_id, escalations, count(*) AS n FROM signal
           WHERE is_open AND severity = 'red' AND escalations > 0 GROUP BY practitioner_id, escalations"""
    )
    return [(r["practitioner_id"], r["escalations"], r["n"]) for r in found]
