"""Scores by their published rule, at every edge of every band; and never a total while an item is missing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.questionnaires import scoring
from carepath.questionnaires.calculating import State, evaluate
from carepath.questionnaires.definition import Answers, Questionnaire
from carepath.questionnaires.expressions import Expression
from carepath.questionnaires.scoring import Score
from carepath.questionnaires.vocabulary import CALCULATED
from tests.questionnaires.forms import configured, item, library, made, phq9

POINTS = st.lists(st.integers(0, 3), min_size=9, max_size=9)
SCALE = st.integers(0, 10)


def scored(name: str, answers: Answers) -> dict[str, Score]:
    return {s.code: s for s in scoring.score(configured(name), library().instruments, answers)}


def spread(total: int) -> list[int]:
    """Nine items that add up to `total`."""
    return [min(3, max(0, total - 3 * place)) for place in range(9)]


@pytest.mark.parametrize(
    ("total", "band"),
    [
        (0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"),
        (15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe"),
    ],
)  # fmt: skip
def test_phq9_bands_at_their_edges(total: int, band: str) -> None:
    found = scored("phq-9", phq9(*spread(total)))["phq-9"]
    assert (found.value, found.band, found.answered, found.items) == (Decimal(total), band, 9, 9)


@given(POINTS)
def test_phq9_is_the_sum_of_its_nine_items(points: list[int]) -> None:
    assert scored("phq-9", phq9(*points))["phq-9"].value == sum(points)


def test_the_difficulty_question_adds_nothing() -> None:
    answers = {**phq9(*[1] * 9), "phq9.difficulty": ("LA6574-3",)}
    assert scored("phq-9", answers)["phq-9"].value == 9


@given(POINTS, st.integers(1, 9))
def test_phq9_with_one_item_missing_has_no_total(points: list[int], missing: int) -> None:
    answers = {link_id: given for link_id, given in phq9(*points).items() if link_id != f"phq9.q{missing}"}
    found = scored("phq-9", answers)["phq-9"]
    assert (found.value, found.band, found.answered) == (None, None, 8)
    assert not found.is_unavailable


def test_nothing_answered_is_not_a_score_of_zero() -> None:
    assert scored("phq-9", {})["phq-9"].value is None


@given(SCALE, SCALE, SCALE)
def test_peg_is_the_mean_to_one_decimal(a: int, b: int, c: int) -> None:
    found = scored("peg", {"peg.q1": (a,), "peg.q2": (b,), "peg.q3": (c,)})["peg"]
    assert found.value is not None
    assert abs(found.value - Decimal(a + b + c) / 3) <= Decimal("0.05")
    assert found.value.as_tuple().exponent == -1
    assert found.band is None


@pytest.mark.parametrize(
    ("items", "mean"), [((0, 0, 0), "0.0"), ((5, 6, 6), "5.7"), ((3, 3, 4), "3.3"), ((10, 10, 10), "10.0")]
)
def test_peg_examples(items: tuple[int, int, int], mean: str) -> None:
    answers = {f"peg.q{n}": (v,) for n, v in enumerate(items, start=1)}
    assert scored("peg", answers)["peg"].value == Decimal(mean)


@pytest.mark.parametrize("missing", ["peg.q1", "peg.q2", "peg.q3"])
def test_peg_with_an_item_missing_has_no_mean(missing: str) -> None:
    answers = {f"peg.q{n}": (5,) for n in (1, 2, 3)}
    del answers[missing]
    assert scored("peg", answers)["peg"].value is None


@pytest.mark.parametrize(
    ("first", "second", "band"), [(0, 0, "negative"), (0, 2, "negative"), (1, 2, "positive"), (3, 3, "positive")]
)
def test_phq2_of_a_check_in(first: int, second: int, band: str) -> None:
    options = configured("check-in").by_id["checkin.phq.q1"].options
    answers: Answers = {
        "checkin.phq.q1": (options[first].code,), "checkin.phq.q2": (options[second].code,),
        "checkin.phq.q9": (options[3].code,), **{f"checkin.peg.q{n}": (4,) for n in (1, 2, 3)},
    }  # fmt: skip
    found = scored("check-in", answers)
    assert (found["phq-2"].value, found["phq-2"].band) == (Decimal(first + second), band)
    assert found["peg"].value == 4


@given(st.permutations([f"phq9.q{n}" for n in range(1, 10)]))
def test_the_order_of_answers_does_not_matter(order: list[str]) -> None:
    answers = phq9(0, 1, 2, 3, 0, 1, 2, 3, 1)
    assert scored("phq-9", {link_id: answers[link_id] for link_id in order})["phq-9"].value == 13


def test_a_sum_of_nothing_is_nothing() -> None:
    assert (
        Expression.compiled("%resource.item.answer.value.weight().sum()").values(
            {"item": []}, {"resource": {"item": []}}
        )
        == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "1 + ) 2",
        "1 2",
        "item.where(a",
        "x..y",
        "'abc",
        "#",
        "%resource.memberOf('x')",
        "%resource.trace('x')",
        "x" * 5000,
    ],
)
def test_an_expression_that_reaches_out_or_is_broken_is_refused_at_load(text: str) -> None:
    with pytest.raises(ValueError, match="expression"):
        Expression.compiled(text)


def _calculated(*expressions: str, kind: str = "decimal") -> Questionnaire:
    """A yes-or-no question "a" and calculated items c0, c1, ..."""

    def extension(text: str) -> dict[str, object]:
        return {"url": CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": text}}

    items = [item(f"c{n}", kind, readOnly=True, extension=[extension(one)]) for n, one in enumerate(expressions)]
    return made(item("a"), *items)


@pytest.mark.parametrize(
    "text", ["'ten'", "true", "(1 | 2)", "1.unknownFunction()", "%undeclared", "1 / 'a'", "iif(true, 1, 2, 3, 4)"]
)
def test_a_failing_expression_is_unavailable_and_says_so(text: str) -> None:
    state = evaluate(_calculated(text), {"a": (True,)})
    assert state.calculated == {}
    assert state.unavailable["c0"]


def test_an_expression_that_never_ends_is_stopped_and_the_next_one_runs() -> None:
    nested = "1"
    for _level in range(7):
        nested = "(1|2|3|4|5|6|7|8|9|10).select(" + nested + ")"
    state = evaluate(_calculated(nested + ".count()"), {"a": (True,)})
    assert "TooSlowError" in state.unavailable["c0"]
    assert evaluate(_calculated("1 + 1"), {}).calculated == {"c0": (Decimal(2),)}


def test_calculated_values_may_stand_on_each_other_in_any_order() -> None:
    def value(name: str) -> str:
        return f"%resource.item.where(linkId='{name}').answer.value"

    form = _calculated(f"{value('c1')} + 1", f"{value('c2')} * 2", "3")
    assert evaluate(form, {}).calculated == {"c2": (Decimal(3),), "c1": (Decimal(6),), "c0": (Decimal(7),)}


def test_a_circle_of_calculations_is_named() -> None:
    def more(name: str) -> str:
        return f"iif(%resource.item.where(linkId='{name}').answer.exists(), %resource.item.where(linkId='{name}').answer.value, 0) + 1"

    state = evaluate(_calculated(more("c1"), more("c0"), "5"), {})
    assert "circle: c0, c1" in state.unavailable["c0"]
    assert "circle: c0, c1" in state.unavailable["c1"]
    assert state.calculated == {"c2": (Decimal(5),)}


def test_calculated_values_that_a_client_sends_are_ignored() -> None:
    assert evaluate(_calculated("1 + 1"), {"c0": (Decimal(99),)}).calculated == {"c0": (Decimal(2),)}


@pytest.mark.parametrize(
    ("text", "value"), [("2.5.round(0)", 3), ("(-2.5).round(0)", -3), ("0.25.round(1)", "0.3"), ("2.4.round()", 2)]
)
def test_round_is_half_away_from_zero(text: str, value: object) -> None:
    assert evaluate(_calculated(text), {}).calculated == {"c0": (Decimal(str(value)),)}


def test_scores_are_rounded_half_up() -> None:
    peg = next(i for i in library().instruments if i.code == "peg")
    answers: Answers = {f"peg.q{n}": (1,) for n in (1, 2, 3)}
    # The rounding itself: no sum of three whole numbers over three ends in 5.
    state = State(frozenset(answers), {"peg.total": (Decimal("0.25"),)}, {})
    one = scoring._score(peg, answers, state)
    assert one.value == Decimal("0.3")  # half to even would make it 0.2


@pytest.mark.parametrize(
    ("missing", "least", "answered", "value"),
    [("none", 0, 8, None), ("prorate", 8, 8, 9), ("prorate", 8, 7, None), ("asked", 0, 9, 9), ("asked", 0, 8, None)],
)
def test_a_missing_item_does_what_the_instrument_says(missing: str, least: int, answered: int, value: object) -> None:
    one = replace(next(i for i in library().instruments if i.code == "phq-9"), missing=missing, least=least)
    answers: Answers = {f"phq9.q{n}": ("LA6569-3",) for n in range(1, answered + 1)}
    state = State(frozenset(f"phq9.q{n}" for n in range(1, 10)), {"phq9.total": (Decimal(answered),)}, {})
    assert scoring._score(one, answers, state).value == value


def test_a_branch_not_taken_is_no_missing_item_where_the_instrument_says_so() -> None:
    one = replace(next(i for i in library().instruments if i.code == "phq-9"), missing="asked")
    state = State(frozenset(f"phq9.q{n}" for n in (1, 2)), {"phq9.total": (2,)}, {})
    assert scoring._score(one, {"phq9.q1": ("LA6569-3",), "phq9.q2": ("LA6569-3",)}, state).value == 2
