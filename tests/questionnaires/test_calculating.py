"""Calculated values: to rest, in bounds, named when they fail; and never taken from whoever sends them."""

import time
from decimal import Decimal
from typing import Any

import pytest

from carepath.questionnaires import calculating, resource
from carepath.questionnaires.expressions import Expression
from carepath.questionnaires.selecting import Index, extract, is_closed
from tests.questionnaires.forms import item, library, made, option

SD = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"


def calc(link_id: str, expression: str, kind: str = "integer", **more: Any) -> dict[str, Any]:
    return item(link_id, kind, **more) | {"extension": [*more.get("extension", []), _e(f"{SDC}sdc-questionnaire-calculatedExpression", expression)]}  # fmt: skip


def _e(url: str, expression: str, name: str = "") -> dict[str, Any]:
    return {
        "url": url,
        "valueExpression": {"language": "text/fhirpath", "expression": expression} | ({"name": name} if name else {}),
    }


def var(name: str, expression: str) -> dict[str, Any]:
    return _e(f"{SD}variable", expression, name)


def of(link_id: str) -> str:
    return f"%resource.item.where(linkId = '{link_id}').answer.value"


def test_a_chain_comes_to_rest_in_any_order() -> None:
    form = made(calc("c", f"{of('b')} + 1"), calc("b", f"{of('a')} + 1"), item("a", "integer"))
    assert calculating.evaluate(form, {"a": (1,)}).calculated == {"b": (2,), "c": (3,)}


def test_a_circle_is_named() -> None:
    form = made(
        calc("b", f"iif({of('c')}.exists(), {of('c')} + 1, 0)"), calc("c", f"iif({of('b')}.exists(), {of('b')} + 1, 0)")
    )
    state = calculating.evaluate(form, {})
    assert state.calculated == {}
    assert set(state.unavailable) == {"b", "c"}
    assert "b, c" in state.unavailable["b"]


def test_what_a_client_sends_for_a_calculated_item_is_ignored() -> None:
    form = made(item("a", "integer"), calc("b", f"{of('a')} * 2"))
    assert calculating.evaluate(form, {"a": (2,), "b": (99,)}).calculated == {"b": (4,)}


def test_a_sum_of_nothing_is_nothing() -> None:
    form = made(item("a", "integer"), calc("b", f"{of('a')}.sum()"))
    assert calculating.evaluate(form, {}).calculated == {}
    assert calculating.evaluate(form, {"a": (0,)}).calculated == {"b": (0,)}


def test_a_failing_expression_is_visible() -> None:
    form = made(item("a", "string"), calc("b", f"{of('a')} - 1"))
    state = calculating.evaluate(form, {"a": ("x",)})
    assert state.calculated == {}
    assert "b" in state.unavailable


def test_an_endless_expression_is_cut_off() -> None:
    nest = "(1|2|3|4|5|6|7|8|9)"
    text = f"{nest}" + "".join(f".select($this + {nest}.select($this))" for _n in range(1))
    slow = f"{text}" + ".repeat(iif($this < 100000, $this + 1, {}))"
    form = made(calc("b", f"{slow}.count()"))
    begun = time.monotonic()
    state = calculating.evaluate(form, {})
    assert time.monotonic() - begun < 5
    assert "b" in state.unavailable or state.calculated


def test_variables_are_those_declared_nearest() -> None:
    outer = {"extension": [var("n", "1"), var("m", "%n + 1")]}
    group = item("g", "group", item=[calc("in", "%n + %m")], extension=[var("n", "10")])
    form = made(group, calc("out", "%n + %m"), **outer)
    assert calculating.evaluate(form, {}).calculated == {"in": (12,), "out": (3,)}


def test_a_calculation_with_a_name_can_be_used_by_what_it_holds() -> None:
    group = item("a", "integer") | {"item": [calc("a.1", "%twice + 1")]}
    group["extension"] = [_e(f"{SDC}sdc-questionnaire-calculatedExpression", "4 * 2", "twice")]
    assert calculating.evaluate(made(group), {}).calculated == {"a": (8,), "a.1": (9,)}


def test_an_expression_decides_who_is_asked() -> None:
    switch = _e(f"{SDC}sdc-questionnaire-enableWhenExpression", f"{of('a')} > 3")
    form = made(item("a", "integer"), item("b", extension=[switch]))
    assert "b" in calculating.evaluate(form, {"a": (4,)}).asked
    assert "b" not in calculating.evaluate(form, {"a": (3,)}).asked
    assert "b" not in calculating.evaluate(form, {}).asked


def test_variables_of_a_repeated_group_belong_to_its_instance() -> None:
    inner = [item("x", "integer"), calc("double", "%x * 2")]
    group = item("g", "group", repeats=True, item=inner, extension=[var("x", "item.where(linkId = 'x').answer.value")])
    total = calc("sum", "%resource.item.item.where(linkId = 'double').answer.value.sum()")
    found = calculating.evaluate(made(group, total), {"g": (2,), "x#0": (3,), "x#1": (4,)}).calculated
    assert found == {"double#0": (6,), "double#1": (8,), "sum": (14,)}


@pytest.mark.parametrize(
    ("number", "rounded"), [("0.5", "1"), ("1.5", "2"), ("2.5", "3"), ("-0.5", "-1"), ("9.45", "9.5")]
)
def test_halves_are_rounded_up(number: str, rounded: str) -> None:
    digits = 1 if "." in rounded else 0
    assert Expression.compiled(f"({number}).round({digits})").values({}, {}) == [Decimal(rounded)]


def test_powers_have_any_exponent() -> None:
    (found,) = Expression.compiled("(2.0).power(0.5)").values({}, {})
    assert abs(found - Decimal("1.41421356")) < Decimal("1e-8")
    assert Expression.compiled("(-1).power(0.5)").values({}, {}) == []


PATHS = [
    "%resource.item.where(linkId = 'a').answer.value",
    "%resource.item.where(linkId='a' or linkId='g.b').answer.value",
    "%resource.item.item.where(linkId = 'g.b').answer.value",
    "%resource.descendants().where(linkId = 'g.b' or linkId = 'a').answer.value",
    "%resource.descendants().where(linkId in ('a' | 'under')).answer.value",
    "%resource.descendants().where(linkId.startsWith('g')).answer.value",
    "%resource.item.where(linkId.startsWith('none')).answer.value",
]


@pytest.mark.parametrize("path", PATHS)
def test_picking_items_gives_what_the_library_gives(path: str) -> None:
    form = made(
        item("a", "choice", answerOption=[option("x"), option("y")]) | {"item": [item("under", "integer")]},
        item("g", "group", item=[item("g.b", "integer"), item("g.c", "integer")]),
    )
    answers = {"a": ("x",), "under": (7,), "g.b": (3,), "g.c": (4,)}
    response = resource.to_resource(form, answers, "in-progress")
    rest, picks = extract(path)
    assert picks
    assert is_closed(rest)
    ours = Expression.compiled(path).values(response, {"resource": response})
    library_way = path.replace("%resource", "%whole")
    assert ours == Expression.compiled(library_way).values(response, {"whole": response})
    assert Index(response).pick(next(iter(picks.values()))) is not None


def test_what_reaches_further_is_not_taken_for_closed() -> None:
    for text in (
        "%resource.item.answer.value",
        "item.where(linkId = 'a')",
        "%context.answer.value",
        "answer.value",
        "$this.answer",
    ):
        assert not Expression.compiled(text).is_closed


@pytest.mark.parametrize("url", sorted(library().forms))
def test_every_shipped_score_knows_what_it_looks_at_or_stands_in_a_group(url: str) -> None:
    form = library().forms[url]
    open_ones = [one for one in form.computed if form.needs[one].looks is None]
    assert all(form.repeaters[one] or form.by_id[one].variables for one in open_ones) or open_ones == [
        "medicines.mme"
    ], open_ones
