"""The verdict is total, and no further finding ever makes it milder."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from carepath.screening.rules import (
    Condition,
    Fact,
    Facts,
    Finding,
    Rule,
    Verdict,
    holds,
    immediate,
    screen,
    verdict_of,
)
from tests.screening.facts import known_items, rules

SEVERITY = {"eligible": 0, "review": 1, "stop": 2}
NUMBERS = st.integers(0, 300).map(Decimal)


@st.composite
def answered(draw: st.DrawFn) -> Facts:
    """Any answers to any items, any scores, any age: also ones that no form would let through."""
    items = {}
    for link_id in draw(st.lists(st.sampled_from(sorted(known_items())), unique=True, max_size=12)):
        codes = sorted(known_items()[link_id])
        chosen = draw(st.lists(st.sampled_from(codes), unique=True)) if codes else []
        items[link_id] = Fact(tuple(chosen), tuple(draw(st.lists(NUMBERS, max_size=1))), link_id, "words")
    scores = draw(st.dictionaries(st.sampled_from(["phq-9", "peg", "phq-2"]), NUMBERS))
    return Facts(items, scores, draw(st.none() | st.integers(0, 120)))


def more(left: Facts, right: Facts) -> Facts:
    """Everything of both: lists of ticked answers are joined, numbers are joined."""
    items = dict(left.items)
    for link_id, fact in right.items.items():
        old = items.get(link_id, Fact((), (), fact.question, fact.words))
        items[link_id] = Fact((*old.codes, *fact.codes), (*old.numbers, *fact.numbers), fact.question, fact.words)
    return Facts(items, {**right.scores, **left.scores}, left.age)


@given(answered(), st.sampled_from(["eligibility", "intake", "check-in"]))
def test_every_set_of_facts_has_a_verdict(found: Facts, stage: str) -> None:
    verdict = screen(rules(), stage, found)
    assert verdict.outcome in SEVERITY
    assert verdict.is_urgent is any(f.outcome == "urgent" for f in verdict.findings)
    assert all(f.source and f.rule_version and f.provider_words for f in verdict.findings)


@given(answered(), answered(), st.sampled_from(["eligibility", "intake", "check-in"]))
def test_more_answers_never_make_the_verdict_milder(found: Facts, added: Facts, stage: str) -> None:
    before, after = screen(rules(), stage, found), screen(rules(), stage, more(found, added))
    assert SEVERITY[after.outcome] >= SEVERITY[before.outcome]
    assert after.is_urgent or not before.is_urgent
    assert {f.rule_id for f in before.findings} <= {f.rule_id for f in after.findings}


@given(answered(), st.sets(st.sampled_from(range(40))))
def test_more_rules_never_make_the_verdict_milder(found: Facts, without: set[int]) -> None:
    fewer = [rule for place, rule in enumerate(rules()) if place not in without]
    few, all_of_them = screen(fewer, "intake", found), screen(rules(), "intake", found)
    assert SEVERITY[all_of_them.outcome] >= SEVERITY[few.outcome]


@given(answered())
def test_the_order_of_rules_does_not_matter(found: Facts) -> None:
    forwards, backwards = screen(rules(), "intake", found), screen(rules()[::-1], "intake", found)
    assert (forwards.outcome, forwards.is_urgent) == (backwards.outcome, backwards.is_urgent)


@given(answered())
def test_what_asks_for_help_at_once_is_urgent_at_its_stage_too(found: Facts) -> None:
    urgent = {
        f.rule_id for stage in ("eligibility", "intake", "check-in") for f in screen(rules(), stage, found).findings
    }
    assert {f.rule_id for f in immediate(rules(), found)} <= urgent


def test_nothing_answered_is_eligible_and_says_nothing() -> None:
    assert screen(rules(), "intake", Facts({}, {}, None)) == Verdict("eligible", False, ())


def _finding(outcome: str) -> Finding:
    return Finding("r", "1", outcome, "", "words", "source", ())


def test_the_worst_finding_decides() -> None:
    assert verdict_of((_finding("inform"),)).outcome == "eligible"
    assert verdict_of((_finding("inform"), _finding("review"))).outcome == "review"
    assert verdict_of((_finding("stop"), _finding("review"))).outcome == "stop"
    urgent = verdict_of((_finding("urgent"),))
    assert (urgent.outcome, urgent.is_urgent) == ("review", True)


def test_a_finding_carries_the_answers_that_fired_and_no_others() -> None:
    both = Condition(
        combine="any", parts=(Condition(item="a", any_of=("x",)), Condition(score="peg", at_least=Decimal(5)))
    )
    rule = Rule("r", "3", "intake", "review", False, both, "p", "q", "s")
    facts = Facts({"a": Fact(("y",), (), "Question a", "Y")}, {"peg": Decimal(7)}, None)
    (finding,) = screen([rule], "intake", facts).findings
    assert (finding.rule_id, finding.rule_version, finding.answers) == ("r", "3", (("peg", "7"),))


def test_comparisons_include_or_exclude_their_edge() -> None:
    facts = Facts({}, {"s": Decimal(20)}, 18)
    assert holds(Condition(score="s", at_least=Decimal(20)), facts)
    assert not holds(Condition(score="s", above=Decimal(20)), facts)
    assert not holds(Condition(age=True, below=Decimal(18)), facts)
    assert not holds(Condition(score="absent", at_least=Decimal(0)), facts)
    assert not holds(Condition(age=True, below=Decimal(18)), Facts({}, {}, None))
