"""Clinical notes in words, and the one form in which a note is written."""

from dataclasses import dataclass
from uuid import UUID

from carepath.evaluations.note_queries import Note
from carepath.journey.look import Look
from carepath.kit import when
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is opened for: a note, or an addendum to `addends`. `clash` is what another window saved."""

    addends: UUID | None = None
    clash: Note | None = None
    is_clash: bool = False


@dataclass(frozen=True, slots=True)
class NoteView:
    """A signed note."""

    id: UUID
    about: str
    text: str
    adds_to: str


@dataclass(frozen=True, slots=True)
class NotesView:
    """Signed notes, oldest first; the form's text and version; `elsewhere` are one's drafts of other places."""

    signed: tuple[NoteView, ...]
    text: str
    version: int
    addends: str
    heading: str
    clash: str | None
    elsewhere: tuple[tuple[str, str], ...]


def notes(found: Look, zone: str, asked: Asked) -> NotesView:
    """Every note; the form is that of `asked`."""
    signed = {one.id: one for one in found.notes if one.signed_at}
    addends = asked.addends if asked.addends in signed else None
    drafts = {one.addends: one for one in found.notes if one.signed_at is None}
    mine = drafts.get(addends)
    return NotesView(
        tuple(_note(one, signed, found, zone) for one in signed.values()), mine.text if mine else "",
        mine.version if mine else 0, str(addends) if addends else "", _heading(addends, signed, zone),
        _clash(asked), tuple(_elsewhere(drafts, addends, signed, zone)),
    )  # fmt: skip


def _day(note: Note, zone: str) -> str:
    return when.say_short(note.signed_at or note.created_at, zone)


def _note(note: Note, signed: dict[UUID, Note], found: Look, zone: str) -> NoteView:
    name = found.names.get(note.author_id, _("a colleague"))
    about = _("{name}, signed {day}").format(name=name, day=_day(note, zone))
    adds_to = (
        _("Adds to the note of {day}.").format(day=_day(signed[note.addends], zone)) if note.addends in signed else ""
    )
    return NoteView(note.id, about, note.text, adds_to)


def _heading(addends: UUID | None, signed: dict[UUID, Note], zone: str) -> str:
    if addends is None:
        return _("Write a note")
    return _("Add to the note of {day}").format(day=_day(signed[addends], zone))


def _clash(asked: Asked) -> str | None:
    if not asked.is_clash:
        return None
    return asked.clash.text if asked.clash else _("It was signed or discarded there. What is signed stands above.")


def _elsewhere(
    drafts: dict[UUID | None, Note], here: UUID | None, signed: dict[UUID, Note], zone: str
) -> list[tuple[str, str]]:  # fmt: skip
    """(address, words) of one's drafts that the form does not show."""
    found = []
    for addends in drafts:
        if addends != here:
            found.append((f"?addend={addends}#write" if addends else "?#write", _heading(addends, signed, zone)))
    return found
