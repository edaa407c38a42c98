"""Groups that are there more than once, answers in one's own words, quantities, and times."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from carepath.questionnaires import answers as answering
from carepath.questionnaires import calculating, checking, render, resource
from carepath.questionnaires.values import Other, Quantity
from tests.questionnaires.browser import submitted
from tests.questionnaires.forms import item, made, option, when

SD = "http://hl7.org/fhir/StructureDefinition/"
LB = {"system": "http://unitsofmeasure.org", "code": "[lb_av]", "display": "pounds"}
KG = {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kilograms"}
GROUP = made(
    item("g", "group", repeats=True, extension=[{"url": f"{SD}questionnaire-maxOccurs", "valueInteger": 3}], item=[
        item("name", "string", required=True),
        item("more", "boolean"),
        item("what", "string", required=True, enableWhen=[when("more", "=", answerBoolean=True)]),
    ]),
    item("any", "string", enableWhen=[when("more", "=", answerBoolean=True)]),
)  # fmt: skip
TWO = {"g": (2,), "name#0": ("a",), "more#0": (True,), "what#0": ("x",), "name#1": ("b",), "more#1": (False,)}
BASE = {"i2.0": ["a"], "i2.1": ["b"], "i3.0": ["true"], "i3.1": ["false"], "i4.0": ["x"], "i1.n": ["2"]}


def test_each_instance_asks_for_itself() -> None:
    asked = calculating.evaluate(GROUP, TWO).asked
    assert "what#0" in asked
    assert "what#1" not in asked
    assert "any" in asked  # outside of the group, one of them is enough
    assert "any" not in calculating.evaluate(GROUP, {**TWO, "more#0": (False,)}).asked


def test_each_instance_is_required_for_itself() -> None:
    assert checking.problems(GROUP, TWO) == {}
    missing = checking.problems(GROUP, {"g": (2,), "name#0": ("a",), "more#0": (True,)})
    assert set(missing) == {"i4.0", "i2.1"}


def test_a_form_gives_every_instance_back() -> None:
    assert answering.parse(GROUP, BASE) == (TWO, {})
    assert answering.parse(GROUP, submitted(render.view(GROUP, TWO, {}))) == (TWO, {})
    assert resource.from_resource(GROUP, resource.to_resource(GROUP, TWO, "in-progress")) == TWO


def test_one_more_up_to_the_most() -> None:
    found, _errors = answering.parse(GROUP, {**BASE, "add": ["i1"]})
    assert found["g"] == (3,)
    again, _errors = answering.parse(GROUP, {**BASE, "i1.n": ["3"], "add": ["i1"]})
    assert again["g"] == (3,)
    (group, *_rest) = render.view(GROUP, found, {}).fields
    assert (group.kind, len(group.children), group.can_add, group.can_remove) == ("repeat", 3, False, True)


def test_one_less_and_the_later_ones_move_up() -> None:
    found, errors = answering.parse(GROUP, {**BASE, "remove": ["i1.0"]})
    assert errors == {}
    assert {k: v for k, v in found.items() if v and k != "g"} == {"name#0": ("b",), "more#0": (False,)}
    (group, *_rest) = render.view(GROUP, found, {}).fields
    assert (len(group.children), group.can_remove) == (1, False)


@pytest.mark.parametrize("number", ["", "0", "-1", "1e9", "999999999", "x", "٣"])
def test_a_wrong_number_of_instances_breaks_nothing(number: str) -> None:
    found, _errors = answering.parse(GROUP, {"i1.n": [number], "i2.0": ["a"]})
    assert found["name#0"] == ("a",)
    assert len(render.view(GROUP, found, {}).fields[0].children) in {1, 3}


def test_an_unreadable_answer_leaves_the_one_before_also_inside_a_group() -> None:
    form = made(item("g", "group", repeats=True, item=[item("n", "integer")]))
    before = {"g": (2,), "n#0": (1,), "n#1": (2,)}
    fields = {"i1.n": ["2"], "i2.0": ["one"], "i2.1": ["3"], "shown": ["i2.0 i2.1"]}
    found, errors = answering.parse(form, fields, before)
    assert set(errors) == {"i2.0"}
    assert answering.left_alone(form, before, found, errors) == {"g": (2,), "n#0": (1,), "n#1": (3,)}


def test_own_words_beside_the_options() -> None:
    form = made(item("a", "open-choice", answerOption=[option("x"), option("y")]))
    for fields, wanted in (
        ({"i1": ["0"]}, ("x",)),
        ({"i1": ["other"], "i1.other": ["mine"]}, (Other("mine"),)),
        ({"i1": ["0"], "i1.other": ["mine"]}, ("x",)),  # an option is chosen: the words beside it are none
        ({"i1.other": ["mine"]}, (Other("mine"),)),
    ):
        assert answering.parse(form, fields) == ({"a": wanted}, {})
        assert answering.parse(form, submitted(render.view(form, {"a": wanted}, {}))) == ({"a": wanted}, {})
        sent = resource.to_resource(form, {"a": wanted}, "completed")
        assert resource.from_resource(form, sent) == {"a": wanted}


def test_a_quantity_has_one_of_the_units_offered() -> None:
    units = [{"url": f"{SD}questionnaire-unitOption", "valueCoding": unit} for unit in (LB, KG)]
    form = made(item("w", "quantity", extension=units))
    found, errors = answering.parse(form, {"i1": ["70.5"], "i1.other": ["1"]})
    assert errors == {}
    (given,) = found["w"]
    assert isinstance(given, Quantity)
    assert (given.value, given.code) == (Decimal("70.5"), "kg")
    assert answering.parse(form, submitted(render.view(form, found, {}))) == (found, {})
    for wrong in ({"i1": ["70"], "i1.other": ["2"]}, {"i1": ["heavy"], "i1.other": ["0"]}, {"i1": ["NaN"]}):
        assert set(answering.parse(form, wrong)[1]) == {"i1"}


def test_dates_and_times() -> None:
    form = made(item("d", "date"), item("t", "time"), item("m", "dateTime"), item("u", "url"))
    good = {"i1": ["2026-02-28"], "i2": ["09:30"], "i3": ["2026-07-01T09:30"], "i4": ["https://example.org/a"]}
    found, errors = answering.parse(form, good, zone="America/Denver")
    assert errors == {}
    assert (found["d"], found["t"]) == ((date(2026, 2, 28),), (time(9, 30),))
    (moment,) = found["m"]
    assert isinstance(moment, datetime)
    assert moment.astimezone(UTC) == datetime(2026, 7, 1, 15, 30, tzinfo=UTC)
    wrong = {"i1": ["2026-02-30"], "i2": ["25:00"], "i3": ["yesterday"], "i4": ["javascript:alert(1)"]}
    assert set(answering.parse(form, wrong)[1]) == {"i1", "i2", "i3", "i4"}


def test_several_plain_answers_are_one_a_line() -> None:
    form = made(item("s", "string", repeats=True))
    found, _errors = answering.parse(form, {"i1": ["one\r\n\r\ntwo\n"]})
    assert found == {"s": ("one", "two")}
    assert answering.parse(form, submitted(render.view(form, found, {}))) == (found, {})
