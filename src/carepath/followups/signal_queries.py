"""All SQL over signals."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.followups.check_in_queries import CheckIn, reach
from carepath.followups.rules.signals import Raised
from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a check-in raised."""

    id: UUID
    patient_id: UUID
    check_in_id: UUID
    rule_id: str
    rule_version: str
    severity: str
    words: str
    source: str
    readings: dict[str, str]
    raised_at: datetime
    acknowledged_at: datetime | None
    note: str | None


def _signal(r: dict[str, Any]) -> Signal:
    return Signal(
        r["id"], r["patient_id"], r["check_in_id"], r["rule_id"], r["rule_version"], r["severity"], r["words"],
        r["source"], json.loads(r["readings"]), r["raised_at"], r["acknowledged_at"],
        crypto.unseal_optional(r["note_enc"], f"signal.note_enc:{r['id']}"),
    )  # fmt: skip


async def insert_signal(scope: Scope, found: CheckIn, raised: Raised, now: datetime) -> None:
    """Keep a signal with the numbers and the words of the day. A later change of the rule does not touch it."""
    await db.execute(
        """INSERT INTO signal (id, patient_id, practitioner_id, check_in_id, rule_id, rule_version, severity, words,
           source, readings, raised_at, anchor, about_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
           ON CONFLICT (anchor, rule_id) DO NOTHING""",
        new_id(), found.patient_id, found.practitioner_id, found.id, raised.rule.id, raised.rule.version,
        raised.rule.tone, raised.rule.words, raised.rule.source, json.dumps(raised.readings), now,
        f"check-in:{found.id}", now,
    )  # fmt: skip


async def signals_of(scope: Scope, patient_id: UUID) -> list[Signal]:
    """Every signal of a patient, newest first. Providers only: a patient reads them from a person."""
    if not (scope.is_system or scope.role is Role.PROVIDER):
        return []
    condition, args = reach(scope)
    found = await db.rows(
        f"SELECT * FROM signal WHERE patient_id = {{}} AND {condition} ORDER BY raised_at DESC, id", patient_id, *args
    )
    return [_signal(r) for r in found]


async def signal(scope: Scope, signal_id: UUID, lock: bool = False) -> Signal:
    """One signal. NotFound when absent or out of reach."""
    if not (scope.is_system or scope.role is Role.PROVIDER):
        raise NotFound
    condition, args = reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(f"SELECT * FROM signal WHERE id = {{}} AND {condition}{suffix}", signal_id, *args)
    if found is None:
        raise NotFound
    return _signal(found)


async def acknowledge(scope: Scope, signal_id: UUID, note: str, by: UUID, now: datetime) -> None:
    """Somebody has looked, and says what they did; the row is locked by the caller."""
    await db.execute(
        "UPDATE signal SET acknowledged_at = {}, acknowledged_by = {}, note_enc = {} WHERE id = {}",
        now, by, crypto.seal(note, f"signal.note_enc:{signal_id}"), signal_id,
    )  # fmt: skip
