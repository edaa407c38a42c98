"""What is asked depends on what was answered, and nobody is stopped by a question they never saw."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.questionnaires import checking
from carepath.questionnaires.definition import Answers, Item, Value
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


def values(one: Item) -> st.SearchStrategy[tuple[Value, ...]]:
    """Any answer that an item can have, or none."""
    kinds: Mapping[str, st.SearchStrategy[Value]] = {
        "boolean": st.booleans(),
        "integer": st.integers(int(one.low or 0), int(one.high or 99)),
        "string": st.text("abc ü", min_size=1, max_size=9).map(str.strip).filter(bool),
        "text": st.text("abc ü\n", min_size=1, max_size=9).map(str.strip).filter(bool),
    }
    if one.type == "choice":
        codes = st.sampled_from([o.code for o in one.options])
        return st.lists(codes, max_size=4 if one.repeats else 1, unique=True).map(tuple)
    return st.lists(kinds[one.type], max_size=1).map(tuple)


@st.composite
def filled_in(draw: st.DrawFn) -> tuple[str, Answers]:
    """A questionnaire of config/ with random answers to some of it."""
    url = draw(st.sampled_from(sorted(library().forms)))
    questions = [one for one in library().forms[url].by_id.values() if one.is_question]
    drawn = {one.link_id: draw(values(one)) for one in questions}
    return url, {link_id: given for link_id, given in drawn.items() if given}


@given(filled_in())
def test_what_is_not_asked_is_never_required_and_never_kept(filled: tuple[str, Answers]) -> None:
    form, answers = library().forms[filled[0]], filled[1]
    asked = enabled(form, answers)
    required = {one.link_id for one in form.by_id.values() if one.field in checking.problems(form, answers)}
    assert required <= asked
    pruned = checking.prune(form, answers)
    assert set(pruned) <= asked
    assert enabled(form, pruned) == asked
    assert checking.problems(form, pruned) == checking.problems(form, answers)


@given(filled_in(), st.randoms())
def test_the_order_of_answers_changes_nothing(filled: tuple[str, Answers], chance: Any) -> None:
    form, answers = library().forms[filled[0]], filled[1]
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    assert enabled(form, dict(shuffled)) == enabled(form, answers)
    assert checking.problems(form, dict(shuffled)) == checking.problems(form, answers)
