"""All SQL over what a provider has seen to, and the findings that they go on in spite of. Rows are never changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.evaluations import queries
from carepath.evaluations.rules.checklist import Entry
from carepath.kit import crypto, db
from carepath.kit.actor import Scope
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Override:
    """A finding that a provider goes on in spite of, and why."""

    rule_id: str
    rule_version: str
    reason: str
    author_id: UUID
    at: datetime


async def insert_entry(scope: Scope, evaluation_id: UUID, entry: Entry, author_id: UUID, now: datetime) -> None:
    """One more entry; the newest of an item counts. NotFound out of reach."""
    await queries.get(scope, evaluation_id)
    row_id = new_id()
    sealed = crypto.seal(json.dumps(dict(entry.detail)), f"evaluation_check.detail_enc:{row_id}")
    await db.execute(
        """INSERT INTO evaluation_check (id, evaluation_id, item, is_done, on_date, detail_enc, author_id, at)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {})""",
        row_id, evaluation_id, entry.item, entry.is_done, entry.on, sealed, author_id, now,
    )  # fmt: skip


async def entries(scope: Scope, evaluation_id: UUID) -> dict[str, Entry]:
    """The newest entry of each item."""
    await queries.get(scope, evaluation_id)
    found = await db.rows(
        """SELECT DISTINCT ON (item) id, item, is_done, on_date, detail_enc FROM evaluation_check
           WHERE evaluation_id = {} ORDER BY item, at DESC, id DESC""",
        evaluation_id,
    )
    return {
        r["item"]: Entry(
            r["item"], r["is_done"], r["on_date"],
            json.loads(crypto.unseal_optional(r["detail_enc"], f"evaluation_check.detail_enc:{r['id']}") or "{}"),
        )
        for r in found
    }  # fmt: skip


async def insert_override(scope: Scope, evaluation_id: UUID, override: Override) -> bool:
    """False when this finding has one already."""
    await queries.get(scope, evaluation_id)
    row_id = new_id()
    found = await db.row(
        """INSERT INTO finding_override (id, evaluation_id, rule_id, rule_version, reason_enc, author_id, at)
           VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT (evaluation_id, rule_id) DO NOTHING RETURNING id""",
        row_id, evaluation_id, override.rule_id, override.rule_version,
        crypto.seal(override.reason, f"finding_override.reason_enc:{row_id}"), override.author_id, override.at,
    )  # fmt: skip
    return found is not None


async def overrides(scope: Scope, evaluation_id: UUID) -> dict[str, Override]:
    """By rule."""
    await queries.get(scope, evaluation_id)
    found = await db.rows("SELECT * FROM finding_override WHERE evaluation_id = {} ORDER BY at, id", evaluation_id)
    return {
        r["rule_id"]: Override(
            r["rule_id"], r["rule_version"],
            crypto.unseal(r["reason_enc"], f"finding_override.reason_enc:{r['id']}"), r["author_id"], r["at"],
        )
        for r in found
    }  # fmt: skip
