"""Whether prescribing without an exam in person needs a second look: dated rules, never a decision."""

from dataclasses import dataclass
from datetime import date

from carepath.kit.words import _
from carepath.scheduling.rules.model import FederalRule, Jurisdiction


@dataclass(frozen=True, slots=True)
class PrescribingNote:
    """What the provider is shown beside a decision."""

    needs_review: bool
    words: str
    source: str


def prescribing_note(federal: FederalRule, jurisdiction: Jurisdiction, on: date) -> PrescribingNote:
    """The rule of that date. After the federal flexibility ends, and wherever no rule is dated, it is review."""
    if on > federal.until:
        return PrescribingNote(True, federal.words_after, federal.source)
    for rule in jurisdiction.prescribing:
        if rule.valid_from <= on and (rule.valid_until is None or on <= rule.valid_until):
            return PrescribingNote(rule.needs_review, rule.words, rule.source)
    unknown = _("No rule of this state has been entered for that date. Check it before you prescribe.")
    return PrescribingNote(True, f"{federal.words} {unknown}", federal.source)
