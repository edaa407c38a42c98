"""Clinical notes: a draft that its author alone sees, signed once, added to by another note and never edited."""

from datetime import datetime, timedelta
from uuid import UUID

from carepath.audit import history
from carepath.evaluations import note_queries, queries, rules
from carepath.evaluations.note_queries import NewNote, Note
from carepath.evaluations.queries import Evaluation
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict, NotFound
from carepath.kit.words import _

LIMIT = 8000
_AGAIN = timedelta(minutes=10)  # later, the same words are a note of their own: "Called, no answer."
SUBJECT = "clinical-note"


class StaleDraft(Conflict):
    """Another window saved this draft in between; nothing was written. `there` is what it saved, None once it was signed
    or discarded."""

    def __init__(self, there: Note | None) -> None:
        super().__init__(_("This note was changed in another window."), "stale-note")
        self.there = there


async def notes_of(scope: Scope, evaluation_id: UUID) -> list[Note]:
    """Signed notes and one's own drafts, oldest first."""
    return await note_queries.of_evaluation(scope, evaluation_id)


async def save(actor: Actor, evaluation_id: UUID, addends: UUID | None, text: str, version: int, now: datetime) -> Note:
    """Write a draft over exactly `version` (0: none yet). StaleDraft when it was overtaken, or signed a moment ago: the
    same form sent twice is one note, not two that nobody can take back."""
    rules.check_text("note_text", text, _("Write the note."), LIMIT)
    async with db.transaction():
        found = await _own(actor, evaluation_id, lock=True)
        if addends is not None:
            await note_queries.signed(actor.scope, evaluation_id, addends)
        place = NewNote(found.patient_id, evaluation_id, addends)
        before = await note_queries.draft(actor.scope, evaluation_id, addends)
        if (before.version if before else 0) != version:
            raise StaleDraft(before)
        if before is None and await note_queries.is_signed(actor.scope, place, text.strip(), now - _AGAIN):
            raise StaleDraft(None)
        if before is None:
            await _begin(actor, place, text.strip(), now)
        else:
            await note_queries.update(actor.scope, before, text.strip(), now)
        return await _draft(actor, place)


async def _own(actor: Actor, evaluation_id: UUID, lock: bool = False) -> Evaluation:
    found = await queries.get(actor.scope, evaluation_id, lock)
    if actor.practitioner_id is None or found.practitioner_id != actor.practitioner_id:
        raise NotFound
    return found


async def discard(actor: Actor, evaluation_id: UUID, addends: UUID | None, version: int, now: datetime) -> Note:
    """Throw one's own draft away, exactly at `version`; what it said is gone. StaleDraft when it was overtaken."""
    async with db.transaction():
        await _own(actor, evaluation_id)
        found = await note_queries.draft(actor.scope, evaluation_id, addends)
        if found is None or found.version != version:
            raise StaleDraft(found)
        await note_queries.discard(actor.scope, found.id)
        await history.record(
            actor, SUBJECT, found.id, from_status="draft", to_status="discarded", action="discard", now=now
        )
        return found


async def _begin(actor: Actor, place: NewNote, text: str, now: datetime) -> None:
    row_id = await note_queries.insert(actor.scope, place, text, now)
    if row_id is None:
        raise StaleDraft(await note_queries.draft(actor.scope, place.evaluation_id, place.addends))
    await history.record(actor, SUBJECT, row_id, from_status=None, to_status="draft", action="write", now=now)


async def _draft(actor: Actor, place: NewNote) -> Note:
    found = await note_queries.draft(actor.scope, place.evaluation_id, place.addends)
    assert found is not None
    return found


async def sign(actor: Actor, note: Note, now: datetime) -> None:
    """Sign a draft that was saved in this transaction."""
    await note_queries.sign(actor.scope, note.id, now)
    await history.record(actor, SUBJECT, note.id, from_status="draft", to_status="signed", action="sign", now=now)
