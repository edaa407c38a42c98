"""Answers to a questionnaire become a reading, by [reads] of config/followups.toml."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from carepath.followups.catalogue import followups
from carepath.followups.rules.history import Reading
from carepath.followups.signal_catalogue import NUMBERS, SETS, YES, Also
from carepath.kit.ids import new_id
from carepath.questionnaires.service import MARK, Answers, Questionnaire, Score, Value

_NOTHING = "none"  # the answer that ticks nothing


@dataclass(frozen=True, slots=True)
class _Given:
    """What was answered, by linkId; instances of a repeated group together."""

    form: Questionnaire
    answers: Mapping[str, tuple[Value, ...]]

    def of(self, link_ids: Iterable[str]) -> list[tuple[str, Value]]:
        return [(one, value) for one in link_ids for value in self.answers.get(one, ())]


def reading_of(form: Questionnaire, answers: Answers, scores: Sequence[Score], at: datetime, source: str) -> Reading:
    """What signals look at. A question that was not asked or not answered leaves its field empty."""
    reads, joined = followups().reads, dict[str, tuple[Value, ...]]()
    for where, values in answers.items():
        link_id = where.partition(MARK)[0]
        joined[link_id] = (*joined.get(link_id, ()), *values)
    given = _Given(form, joined)
    fields: dict[str, Any] = {name: _field(name, given, link_ids) for name, link_ids in reads.items.items()}
    for name, codes in meant(joined).items():
        fields[name] = (fields[name] or frozenset()) | codes
    totals = {score.code: score.value for score in scores}
    fields |= {name: _total(name, totals.get(code)) for name, code in reads.scores.items()}
    said = {name: value for name, value in fields.items() if value is not None}
    return Reading(new_id(), at, source, **said)


def _field(name: str, given: _Given, link_ids: Sequence[str]) -> object:
    found = given.of(link_ids)
    if not found:
        return None
    if name in SETS:
        return frozenset(str(value) for _link_id, value in found) - {_NOTHING}
    if name in YES:
        return any(value is True or value == "yes" for _link_id, value in found)
    link_id, value = found[0]
    if name == "item9":
        option = given.form.by_id[link_id].option(str(value))
        return int(option.weight) if option and option.weight is not None else None
    if name == "nrs":
        return Decimal(str(value))
    return int(str(value)) if name in NUMBERS or name == "change" else str(value)


def meant(answers: Mapping[str, Sequence[Value]]) -> dict[str, frozenset[str]]:
    """Codes by field that [[reads.also]] finds in answers by linkId."""
    found: dict[str, frozenset[str]] = {}
    for one in followups().reads.also:
        if _holds(one, answers.get(one.item, ())):
            found[one.field] = found.get(one.field, frozenset()) | {one.code}
    return found


def _holds(one: Also, values: Sequence[Value]) -> bool:
    if one.at_least is not None:
        return any(isinstance(value, int) and not isinstance(value, bool) and value >= one.at_least for value in values)
    codes = {{True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value) for value in values}
    return bool(codes & set(one.any_of))


def _total(name: str, value: Decimal | None) -> object:
    return value if value is None or name in {"peg", "mme"} else int(value)
