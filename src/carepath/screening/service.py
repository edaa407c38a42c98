"""The screening island's verbs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from carepath.kit.actor import Scope
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Answers, Item, Quantity, Questionnaire, Value
from carepath.screening import catalogue, queries, rules
from carepath.screening.rules import Fact, Facts, Finding, Rule, Verdict

__all__ = [
    "Facts", "Finding", "Verdict", "alarms_of", "facts", "fired", "immediate", "items_of", "outcome_of", "preview", "run",
    "verdict_of",
]  # fmt: skip


def facts(
    answered: Iterable[tuple[Questionnaire, Answers]], scores: Mapping[str, Decimal | None], age: int | None
) -> Facts:
    """Answers, each beside the very version they were given on, and scores, in the form that rules read."""
    items: dict[str, Fact] = {}
    for form, given in answered:
        for where, values in questionnaires.prune(form, given).items():
            link_id = where.partition(questionnaires.MARK)[0]
            item = form.by_id[link_id]
            if values and item.type != "group":
                # Instances of a repeated group are one fact: a rule asks whether any of them says so.
                items[link_id] = _merged(items.get(link_id), _fact(item, values))
    return Facts(items, {code: value for code, value in scores.items() if value is not None}, age)


def _merged(one: Fact | None, other: Fact) -> Fact:
    if one is None:
        return other
    return Fact((*one.codes, *other.codes), (*one.numbers, *other.numbers), one.question, f"{one.words}; {other.words}")


def _fact(item: Item, values: tuple[Value, ...]) -> Fact:
    codes = tuple(("yes" if v else "no") if isinstance(v, bool) else str(v) for v in values)
    plain = (v.value if isinstance(v, Quantity) else v for v in values)
    numbers = tuple(Decimal(v) for v in plain if isinstance(v, int | Decimal) and not isinstance(v, bool))
    weights = (item.option(str(v)) for v in values) if item.is_choice else ()
    weighed = tuple(o.weight for o in weights if o is not None and o.weight is not None)
    return Fact(codes, numbers or weighed, item.text, questionnaires.words(item, values))


def immediate(form: Questionnaire, answers: Answers) -> tuple[Finding, ...]:
    """Findings in these answers that ask for help now, even if the rest is wrong or missing."""
    return rules.immediate(catalogue.rules(), facts([(form, answers)], {}, None))


def alarms_of(measured: Mapping[str, int]) -> tuple[Finding, ...]:
    """Findings that ask for help now because of numbers alone that somebody measured, by the linkId that asks for each."""
    items = {at: Fact((str(n),), (Decimal(n),), at, str(n)) for at, n in measured.items()}
    return rules.immediate(catalogue.rules(), Facts(items, {}, None))


def items_of(findings: Iterable[Finding]) -> frozenset[str]:
    """The questions, by linkId, that the rules of these findings look at."""
    ids = {one.rule_id for one in findings}
    return frozenset(item for rule in catalogue.rules() if rule.id in ids for item in rules.items_of(rule.when))


def fired(of: Sequence[Rule], found: Facts) -> tuple[Finding, ...]:
    """Every rule that fires on these facts, at whatever stage."""
    return tuple(finding for stage in rules.STAGES for finding in rules.screen(of, stage, found).findings)


def preview(stage: str, found: Facts) -> Verdict:
    """The verdict without storing it."""
    return rules.screen(catalogue.rules(), stage, found)


async def run(
    scope: Scope, intake_id: UUID, patient_id: UUID | None, stage: str, found: Facts, now: datetime
) -> Verdict:
    """Screen and store, in the caller's transaction."""
    verdict = preview(stage, found)
    await queries.insert(scope, intake_id, patient_id, stage, verdict, now)
    return verdict


async def verdict_of(scope: Scope, intake_id: UUID) -> Verdict | None:
    """The verdict on the whole intake, as it was worded on the day. None before it was sent."""
    return await queries.newest(scope, intake_id, "intake")


async def outcome_of(scope: Scope, intake_id: UUID) -> str | None:
    """Its outcome alone."""
    found = await verdict_of(scope, intake_id)
    return found.outcome if found else None
