"""What changes soon in where and how visits may be held: said ahead, so that nobody is surprised. Nothing is decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from carepath.kit.words import _
from carepath.scheduling.rules.model import FederalRule, Jurisdiction, PrescribingRule, Validity

WARN_DAYS = 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """A licence with whose it is."""

    practitioner_id: UUID
    practitioner_name: str
    jurisdiction: str
    held: Validity


@dataclass(frozen=True, slots=True)
class Ahead:
    """A change: `licence-ends`, `rule-changes` or `federal-ends`. It is so from `since` to `until` (for good without
    one); `words` say what then holds and `source` where that is from, as config/jurisdictions.toml does."""

    kind: str
    since: date
    until: date | None = None
    jurisdiction: str | None = None
    practitioner_id: UUID | None = None
    practitioner_name: str = ""
    words: str = ""
    source: str = ""


def ahead(
    licences: Iterable[HeldLicence], places: Mapping[str, Jurisdiction], federal: FederalRule, today: date
) -> list[Ahead]:
    """All that changes within `WARN_DAYS`, the soonest first; rules of places where somebody holds a licence."""
    held: dict[tuple[UUID, str, str], list[Validity]] = {}
    for one in licences:
        held.setdefault((one.practitioner_id, one.practitioner_name, one.jurisdiction), []).append(one.held)
    found = [
        Ahead("licence-ends", since, until, place, whose, name)
        for (whose, name, place), validities in held.items()
        for since, until in _ends(validities, today)
    ]
    for code in sorted({place for _whose, _name, place in held} & set(places)):
        found += _rule_changes(places[code], today)
    if today <= federal.until <= today + timedelta(days=WARN_DAYS):
        found.append(Ahead("federal-ends", federal.until + _DAY, words=federal.words_after, source=federal.source))
    return sorted(found, key=lambda one: (one.since, one.kind, one.jurisdiction or "", one.practitioner_name))


def _ends(validities: list[Validity], today: date) -> list[tuple[date, date | None]]:
    """The days from which nothing is held any more, and to when: a licence that is renewed in time does not end."""
    spells: list[tuple[date, date]] = []
    for one in sorted(validities, key=lambda one: one.valid_from):
        last = one.valid_until or date.max
        if spells and (spells[-1][1] == date.max or one.valid_from <= spells[-1][1] + _DAY):
            spells[-1] = (spells[-1][0], max(spells[-1][1], last))
        else:
            spells.append((one.valid_from, last))
    begins = [first - _DAY for first, _last in spells[1:]]
    return [
        (last + _DAY, until)
        for (_first, last), until in zip(spells, [*begins, None], strict=True)
        if today <= last <= today + timedelta(days=WARN_DAYS)
    ]


def _rule_changes(place: Jurisdiction, today: date) -> list[Ahead]:
    days = {rule.valid_from for rule in place.prescribing}
    days |= {rule.valid_until + _DAY for rule in place.prescribing if rule.valid_until}
    found = []
    for on in sorted(day for day in days if today < day <= today + timedelta(days=WARN_DAYS)):
        rule, last = _rule_on(place.prescribing, on), _rule_on(place.prescribing, on - _DAY)
        source = rule.source if rule else last.source if last else ""
        words = rule.words if rule else _("No rule of this state is entered for the time from then on.")
        found.append(
            Ahead("rule-changes", on, rule.valid_until if rule else None, place.code, words=words, source=source)
        )
    return found


def _rule_on(rules: Sequence[PrescribingRule], on: date) -> PrescribingRule | None:
    return next((one for one in rules if one.valid_from <= on <= (one.valid_until or date.max)), None)
