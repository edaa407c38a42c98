"""The verdict, as a pure function of rules and facts.

It is total (every set of facts has a verdict) and monotone (one more finding never improves the
outcome): the outcome is the worst that any rule asks for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

STAGES = ("eligibility", "intake", "check-in")
OUTCOMES = ("inform", "review", "stop", "urgent")


@dataclass(frozen=True, slots=True)
class Fact:
    """One answered question. `codes` are compared by rules; `question` and `words` are what a person reads."""

    codes: tuple[str, ...]
    numbers: tuple[Decimal, ...]
    question: str
    words: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules may look at. Scores are absent when incomplete; `age` is in whole years."""

    items: Mapping[str, Fact]
    scores: Mapping[str, Decimal]
    age: int | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One test, or several combined. Exactly one of item, score, age or parts is used.

    `any_of`: one of the codes was answered; `at_least`, `above`, `below`: a number compares so.
    """

    item: str = ""
    score: str = ""
    age: bool = False
    any_of: tuple[str, ...] = ()
    at_least: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    combine: str = ""
    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A screening rule. `is_immediate`: looked at on every save, not only at the end."""

    id: str
    version: str
    stage: str
    outcome: str
    is_immediate: bool
    when: Condition
    patient_words: str
    provider_words: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired, with the answers that made it fire: (question, answer) in words."""

    rule_id: str
    rule_version: str
    outcome: str
    patient_words: str
    provider_words: str
    source: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` is eligible, review or stop. `is_urgent` is about help now, beside the outcome."""

    outcome: str
    is_urgent: bool
    findings: tuple[Finding, ...]


def screen(rules: Sequence[Rule], stage: str, facts: Facts) -> Verdict:
    """Hold `facts` against every rule of `stage`."""
    fired = (rule for rule in rules if rule.stage == stage and holds(rule.when, facts))
    return verdict_of(tuple(_finding(rule, facts) for rule in fired))


def immediate(rules: Sequence[Rule], facts: Facts) -> tuple[Finding, ...]:
    """Findings that ask for help now, whatever else was answered, at any stage."""
    return tuple(_finding(rule, facts) for rule in rules if rule.is_immediate and holds(rule.when, facts))


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """The worst outcome of all findings."""
    outcomes = {finding.outcome for finding in findings}
    outcome = "stop" if "stop" in outcomes else "review" if outcomes & {"review", "urgent"} else "eligible"
    return Verdict(outcome, "urgent" in outcomes, findings)


def holds(condition: Condition, facts: Facts) -> bool:
    """Does a condition hold? What was not answered fulfils nothing."""
    if condition.combine:
        results = [holds(part, facts) for part in condition.parts]
        return all(results) if condition.combine == "all" else any(results)
    if condition.any_of:
        fact = facts.items.get(condition.item)
        return fact is not None and any(code in condition.any_of for code in fact.codes)
    return any(_compares(condition, number) for number in _numbers(condition, facts))


def items_of(condition: Condition) -> frozenset[str]:
    """The linkIds that a condition looks at."""
    if condition.combine:
        return frozenset[str]().union(*map(items_of, condition.parts))
    return frozenset({condition.item} - {""})


def _numbers(condition: Condition, facts: Facts) -> tuple[Decimal, ...]:
    if condition.age:
        return () if facts.age is None else (Decimal(facts.age),)
    if condition.score:
        found = facts.scores.get(condition.score)
        return () if found is None else (found,)
    fact = facts.items.get(condition.item)
    return fact.numbers if fact else ()


def _compares(condition: Condition, number: Decimal) -> bool:
    return (
        (condition.at_least is None or number >= condition.at_least)
        and (condition.above is None or number > condition.above)
        and (condition.below is None or number < condition.below)
    )


def _finding(rule: Rule, facts: Facts) -> Finding:
    return Finding(
        rule.id, rule.version, rule.outcome, rule.patient_words, rule.provider_words, rule.source,
        tuple(dict.fromkeys(_reasons(rule.when, facts))),
    )  # fmt: skip


def _reasons(condition: Condition, facts: Facts) -> Iterable[tuple[str, str]]:
    if condition.combine:
        for part in condition.parts:
            if holds(part, facts):
                yield from _reasons(part, facts)
    elif condition.score:
        yield condition.score, str(facts.scores[condition.score])
    elif condition.age:
        yield "age", str(facts.age)
    elif condition.item in facts.items:
        fact = facts.items[condition.item]
        yield fact.question, fact.words
