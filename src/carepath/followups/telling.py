"""A patient's answers after a session, read as a report of it."""

from collections.abc import Mapping
from datetime import datetime

from carepath.followups.catalogue import followups
from carepath.followups.reading_answers import meant
from carepath.followups.rules.sessions import SessionDraft, Vitals
from carepath.followups.timing import SessionReads
from carepath.questionnaires.service import Value


def session_reads() -> SessionReads:
    """Which question says what of a session."""
    return followups().session.reads


def told_draft(answers: Mapping[str, tuple[object, ...]], held_at: datetime) -> SessionDraft:
    """What was answered; what an earlier version of the questions did not ask stays unsaid. The dose is in the
    patient's words: only the provider's is a number."""
    reads = session_reads()

    def first(link_id: str) -> object:
        return next(iter(answers.get(link_id, ())), None)

    def number(link_id: str) -> int | None:
        found = first(link_id)
        return int(str(found)) if found is not None else None

    def yes(link_id: str) -> bool | None:
        found = first(link_id)
        return found if isinstance(found, bool) else None

    def words(link_id: str) -> str:
        found = first(link_id)
        return "" if found is None else str(found)

    before = Vitals(number(reads.before_systolic), number(reads.before_diastolic), number(reads.before_heart_rate))
    after = Vitals(number(reads.after_systolic), number(reads.after_diastolic), number(reads.after_heart_rate))
    return SessionDraft(
        held_at, words(reads.route), None, words(reads.dose), before, after,
        frozenset(map(str, answers.get(reads.effects, ()))), words(reads.severity), number(reads.dissociation),
        number(reads.distress), yes(reads.escort), words(reads.home), yes(reads.no_driving), "",
    )  # fmt: skip


def meant_by_staff(draft: SessionDraft) -> dict[str, frozenset[str]]:
    """Codes by field, as if what staff write had been answered to the patient's own questions."""
    reads = session_reads()
    said: dict[str, Value | None] = {
        reads.escort: draft.escort, reads.no_driving: draft.will_not_drive, reads.dissociation: draft.dissociation,
        reads.distress: draft.distress,
    }  # fmt: skip
    return meant({link_id: (value,) for link_id, value in said.items() if value is not None})
