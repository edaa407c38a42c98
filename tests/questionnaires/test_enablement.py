"""What is asked depends on what was answered, and nobody is stopped by a question they never saw."""

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.random_answers import respond
from carepath.questionnaires import checking
from carepath.questionnaires.answers import field_name
from carepath.questionnaires.calculating import evaluate
from carepath.questionnaires.definition import Answers, Value, place, split, spread
from carepath.questionnaires.enablement import enabled
from tests.questionnaires.forms import item, library, made, option, when

CHOICE = item("a", "choice", repeats=True, answerOption=[option("x"), option("y"), option("z")])
SYSTEM_X = {"answerCoding": {"code": "x"}}


@pytest.mark.parametrize(
    ("question", "condition", "answer", "is_asked"),
    [
        (item("a"), when("a", "=", answerBoolean=True), (True,), True),
        (item("a"), when("a", "=", answerBoolean=True), (False,), False),
        (item("a"), when("a", "=", answerBoolean=True), (), False),
        (item("a"), when("a", "!=", answerBoolean=True), (), True),
        (item("a"), when("a", "!=", answerBoolean=True), (True,), False),
        (item("a"), when("a", "exists", answerBoolean=True), (False,), True),
        (item("a"), when("a", "exists", answerBoolean=False), (), True),
        (item("a"), when("a", "exists", answerBoolean=False), (True,), False),
        (CHOICE, when("a", "=", **SYSTEM_X), ("y", "x"), True),
        (CHOICE, when("a", "=", **SYSTEM_X), ("y",), False),
        (CHOICE, when("a", "!=", **SYSTEM_X), ("y", "z"), True),
        (CHOICE, when("a", "!=", **SYSTEM_X), ("y", "x"), False),
        (item("a", "integer"), when("a", ">", answerInteger=4), (5,), True),
        (item("a", "integer"), when("a", ">", answerInteger=4), (4,), False),
        (item("a", "integer"), when("a", ">=", answerInteger=4), (4,), True),
        (item("a", "integer"), when("a", "<", answerInteger=4), (3,), True),
        (item("a", "integer"), when("a", "<=", answerInteger=4), (5,), False),
        (item("a", "integer"), when("a", "<", answerInteger=4), (), False),
        (item("a", "decimal"), when("a", ">=", answerDecimal=36.6), (Decimal("36.6"),), True),
        (item("a", "date"), when("a", "<", answerDate="2026-01-01"), (date(2025, 12, 31),), True),
        (item("a", "date"), when("a", "<", answerDate="2026-01-01"), (date(2026, 1, 1),), False),
        (item("a", "string"), when("a", "=", answerString="yes"), ("yes",), True),
    ],
)
def test_every_operator(
    question: dict[str, Any], condition: dict[str, Any], answer: tuple[Value, ...], is_asked: bool
) -> None:
    form = made(question, item("b", enableWhen=[condition]))
    assert ("b" in enabled(form, {"a": answer} if answer else {})) is is_asked


@pytest.mark.parametrize(("behavior", "is_asked"), [("any", True), ("all", False)])
def test_any_or_all(behavior: str, is_asked: bool) -> None:
    conditions = [when("a", "=", answerBoolean=True), when("b", "=", answerBoolean=True)]
    form = made(item("a"), item("b"), item("c", enableWhen=conditions, enableBehavior=behavior))
    assert ("c" in enabled(form, {"a": (True,), "b": (False,)})) is is_asked


def test_an_answer_of_a_question_that_is_not_asked_counts_for_nothing() -> None:
    form = made(
        item("a"),
        item("b", enableWhen=[when("a", "=", answerBoolean=True)]),
        item("c", enableWhen=[when("b", "=", answerBoolean=True)]),
    )
    assert enabled(form, {"a": (True,), "b": (True,)}) == {"a", "b", "c"}
    assert enabled(form, {"a": (False,), "b": (True,)}) == {"a"}


def test_children_go_with_their_group() -> None:
    group = item("g", "group", item=[item("g.1", required=True)], enableWhen=[when("a", "=", answerBoolean=True)])
    form = made(item("a"), group)
    assert "g.1" not in enabled(form, {"a": (False,)})
    assert checking.problems(form, {"a": (False,)}) == {}
    assert checking.prune(form, {"a": (False,), "g.1": (True,)}) == {"a": (False,)}
    assert set(checking.problems(form, {"a": (True,)})) == {"i3"}


@st.composite
def filled_in(draw: st.DrawFn) -> tuple[str, Answers]:
    """A questionnaire of config/ with random answers to some of it."""
    url = draw(st.sampled_from(sorted(library().forms)))
    chance, share = Random(draw(st.integers(0, 10**6))), draw(st.sampled_from((0.2, 0.5, 0.8, 1.0)))
    return url, respond(library().forms[url], chance, share)


@given(filled_in())
def test_what_is_not_asked_is_never_required_and_never_kept(filled: tuple[str, Answers]) -> None:
    form, answers = library().forms[filled[0]], filled[1]
    asked = evaluate(form, answers).asked
    missing = checking.problems(form, answers)
    required = {place(one.link_id, at) for one, at in spread(form.items, answers) if field_name(one, at) in missing}
    assert required <= asked
    pruned = checking.prune(form, answers)
    assert {where for where in pruned if not form.by_id[split(where)[0]].is_repeated_group} <= asked
    assert evaluate(form, pruned).asked == asked
    assert checking.problems(form, pruned) == checking.problems(form, answers)


@given(filled_in(), st.randoms())
def test_the_order_of_answers_changes_nothing(filled: tuple[str, Answers], chance: Any) -> None:
    form, answers = library().forms[filled[0]], filled[1]
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    assert evaluate(form, dict(shuffled)) == evaluate(form, answers)
    assert checking.problems(form, dict(shuffled)) == checking.problems(form, answers)
