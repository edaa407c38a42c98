"""A patient's answers after a session, read as a report of it."""

from collections.abc import Mapping
from datetime import datetime

from carepath.followups.catalogue import followups
from carepath.followups.rules.sessions import SessionDraft, Vitals
from carepath.followups.timing import SessionReads


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
