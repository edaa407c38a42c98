"""All SQL over readings."""

import json
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from carepath.followups.check_in_queries import reach
from carepath.followups.plan_queries import Plan
from carepath.followups.rules.history import Dose, Reading
from carepath.kit import crypto, db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound

_OUTSIDE = frozenset({"id", "at", "source"})  # columns of their own
_ANSWERS = frozenset({"bladder"})
_DECIMALS = ("peg", "nrs", "mme")
_SETS = ("effects", "bladder", "misuse", "mind")


def _body(reading: Reading) -> str:
    """What is sealed: what was said, and nothing that was not. No bladder symptom is an answer; no answer is none."""
    said = {one.name: getattr(reading, one.name) for one in fields(reading) if one.name not in _OUTSIDE}
    kept = {name: value for name, value in said.items() if value not in (None, "", frozenset()) or name in _ANSWERS}
    return json.dumps({name: value for name, value in kept.items() if value is not None}, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Dose):
        return {"amount": str(value.amount), "unit": value.unit}
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _reading(r: dict[str, Any]) -> Reading:
    body = json.loads(crypto.unseal(r["body_enc"], f"reading.body_enc:{r['id']}"))
    body |= {name: Decimal(str(body[name])) for name in _DECIMALS if name in body}
    body |= {name: frozenset(body[name]) for name in _SETS if name in body}
    if "dose" in body:
        body["dose"] = Dose(Decimal(body["dose"]["amount"]), body["dose"]["unit"])
    return Reading(r["id"], r["taken_at"], r["source"], **body)


async def insert(
    scope: Scope, plan: Plan, reading: Reading, source_id: UUID, replaces: UUID | None, now: datetime
) -> bool:
    """Keep a reading once for what it was taken from; False when it is there already."""
    found = await db.row(
        """INSERT INTO reading (id, patient_id, practitioner_id, plan_id, source, source_id, taken_at, body_enc, replaces,
           recorded_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})
           ON CONFLICT (source, source_id) DO NOTHING RETURNING id""",
        reading.id, plan.patient_id, plan.practitioner_id, plan.id, reading.source, source_id, reading.at,
        crypto.seal(_body(reading), f"reading.body_enc:{reading.id}"), replaces, now,
    )  # fmt: skip
    return found is not None


async def kept(scope: Scope, source: str, source_id: UUID) -> tuple[UUID, Reading]:
    """Whose the reading is that was taken from this before, and what it says. NotFound when absent or out of reach."""
    condition, args = reach(scope)
    found = await db.row(
        f"SELECT * FROM reading WHERE source = {{}} AND source_id = {{}} AND {condition}", source, source_id, *args
    )
    if found is None:
        raise NotFound
    return found["patient_id"], _reading(found)


async def of_check_in(scope: Scope, check_in_id: UUID) -> set[UUID]:
    """The readings in reach that its answers left, themselves or as a report of a session."""
    condition, args = reach(scope)
    found = await db.rows(
        f"""SELECT id FROM reading WHERE source_id IN
                (SELECT {{}}::uuid UNION ALL SELECT id FROM dosing_session WHERE check_in_id = {{}}) AND {condition}""",
        check_in_id, check_in_id, *args,
    )  # fmt: skip
    return {r["id"] for r in found}


async def taken_at(scope: Scope, reading_id: UUID) -> datetime:
    """When a reading was taken. NotFound when absent or out of reach."""
    condition, args = reach(scope)
    found = await db.row(f"SELECT taken_at AS at FROM reading WHERE id = {{}} AND {condition}", reading_id, *args)
    if found is None:
        raise NotFound
    at: datetime = found["at"]
    return at


async def of_patient(scope: Scope, patient_id: UUID) -> list[Reading]:
    """Every reading in reach that no other replaces, oldest first."""
    condition, args = reach(scope)
    found = await db.rows(
        f"""SELECT * FROM reading r WHERE patient_id = {{}} AND {condition}
            AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces = r.id) ORDER BY taken_at, id""",
        patient_id, *args,
    )  # fmt: skip
    return [_reading(r) for r in found]
