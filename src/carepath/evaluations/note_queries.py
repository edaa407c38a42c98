"""All SQL over clinical notes. A signed one is never changed: the database refuses it too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Note:
    """A draft, or a signed note. `addends` is the note that it adds to."""

    id: UUID
    evaluation_id: UUID
    addends: UUID | None
    text: str
    author_id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewNote:
    """Where a note belongs before it has a row."""

    patient_id: UUID
    evaluation_id: UUID
    addends: UUID | None


def _note(r: dict[str, Any]) -> Note:
    text = crypto.unseal(r["text_enc"], f"clinical_note.text_enc:{r['id']}")
    return Note(
        r["id"], r["evaluation_id"], r["addends"], text, r["author_id"], r["version"], r["created_at"],
        r["updated_at"], r["signed_at"],
    )  # fmt: skip


def _reach(scope: Scope) -> tuple[str, list[object]]:
    """Notes are read by the provider who has the evaluation; a draft by its author alone."""
    if scope.role is Role.PROVIDER:
        return (
            """evaluation_id IN (SELECT id FROM evaluation WHERE practitioner_id = {})
               AND (signed_at IS NOT NULL OR author_id = {})""",
            [scope.practitioner_id, scope.account_id],
        )
    return "false", []


async def of_evaluation(scope: Scope, evaluation_id: UUID) -> list[Note]:
    """Oldest first."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"SELECT * FROM clinical_note WHERE evaluation_id = {{}} AND {condition} ORDER BY created_at, id",
        evaluation_id, *args,
    )  # fmt: skip
    return [_note(r) for r in found]


async def signed(scope: Scope, evaluation_id: UUID, note_id: UUID) -> Note:
    """One signed note of an evaluation. NotFound when absent, a draft, or out of reach."""
    condition, args = _reach(scope)
    found = await db.row(
        f"""SELECT * FROM clinical_note WHERE id = {{}} AND evaluation_id = {{}} AND signed_at IS NOT NULL
            AND {condition}""",
        note_id, evaluation_id, *args,
    )  # fmt: skip
    if found is None:
        raise NotFound
    return _note(found)


async def is_signed(scope: Scope, place: NewNote, text: str, since: datetime) -> bool:
    """Was one's own newest note at that place signed since then, and says the very same?"""
    found = await db.row(
        """SELECT * FROM clinical_note WHERE evaluation_id = {} AND addends IS NOT DISTINCT FROM {} AND author_id = {}
           AND signed_at > {} ORDER BY signed_at DESC, id DESC LIMIT 1""",
        place.evaluation_id, place.addends, scope.account_id, since,
    )  # fmt: skip
    return found is not None and _note(found).text == text


async def draft(scope: Scope, evaluation_id: UUID, addends: UUID | None) -> Note | None:
    """One's own draft at that place, locked."""
    condition, args = _reach(scope)
    found = await db.row(
        f"""SELECT * FROM clinical_note WHERE evaluation_id = {{}} AND addends IS NOT DISTINCT FROM {{}}
            AND author_id = {{}} AND signed_at IS NULL AND {condition} FOR UPDATE""",
        evaluation_id, addends, scope.account_id, *args,
    )  # fmt: skip
    return _note(found) if found else None


async def insert(scope: Scope, new: NewNote, text: str, now: datetime) -> UUID | None:
    """A first draft; None when another window began one a moment ago."""
    row_id = new_id()
    found = await db.row(
        """INSERT INTO clinical_note (id, patient_id, practitioner_id, evaluation_id, addends, text_enc, author_id,
           created_at, updated_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) ON CONFLICT DO NOTHING RETURNING id""",
        row_id, new.patient_id, scope.practitioner_id, new.evaluation_id, new.addends,
        crypto.seal(text, f"clinical_note.text_enc:{row_id}"), scope.account_id, now, now,
    )  # fmt: skip
    return UUID(str(found["id"])) if found else None


async def update(scope: Scope, note: Note, text: str, now: datetime) -> None:
    """The next version of a draft; the row is locked by the caller."""
    await db.execute(
        """UPDATE clinical_note SET text_enc = {}, version = version + 1, updated_at = {}
           WHERE id = {} AND author_id = {}""",
        crypto.seal(text, f"clinical_note.text_enc:{note.id}"), now, note.id, scope.account_id,
    )  # fmt: skip


async def discard(scope: Scope, note_id: UUID) -> None:
    """Remove one's own draft; the row is locked by the caller."""
    await db.execute(
        "DELETE FROM clinical_note WHERE id = {} AND author_id = {} AND signed_at IS NULL", note_id, scope.account_id
    )


async def sign(scope: Scope, note_id: UUID, now: datetime) -> None:
    """From now on it stays as it is."""
    await db.execute(
        "UPDATE clinical_note SET signed_at = {}, updated_at = {} WHERE id = {} AND author_id = {}",
        now, now, note_id, scope.account_id,
    )  # fmt: skip
