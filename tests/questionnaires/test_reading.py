"""A broken questionnaire stops the start, and the error says where and why."""

from typing import Any

import pytest

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires import reading
from tests.questionnaires.forms import BASE, item, made, option, text, when

_SD = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
_CALC = {
    "url": f"{_SDC}sdc-questionnaire-calculatedExpression",
    "valueExpression": {"language": "text/fhirpath", "expression": "1 + 1"},
}
_TWICE = [when("a", "=", answerBoolean=True), when("a", "=", answerBoolean=False)]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (item("b", "colour"), "type 'colour' is not supported"),
        (item("b", enableBehaviour="any"), "enableBehaviour is not supported"),
        (item("b", required="true"), "required is true or false"),
        (item("b", maxLength="long"), "cannot be read"),
        (item("b", "text", maxLength=0), "maxLength is 1 to"),
        (item("b", "choice"), "options"),
        (item("b", "choice", answerOption=[option("x"), option("x")]), "different codes"),
        (item("b", "choice", answerOption=[{"valueBoolean": True}]), "valueCoding"),
        (item("b", answerOption=[option("x")]), "only a choice has options"),
        (item("b", "display", repeats=True), "a display does not repeat"),
        (
            item("b", "text", extension=[{"url": f"{_SD}minValue", "valueInteger": 1}]),
            "only a number, date or time has bounds",
        ),
        (item("b", "integer", extension=[{"url": f"{_SD}minValue", "valueInteger": "low"}]), "cannot be read"),
        (item("b", extension=[{"url": f"{_SD}regex", "valueString": "(a+)+"}]), "only a text has a regex"),
        (item("b", "string", extension=[{"url": f"{_SD}regex", "valueString": r"(a)\1"}]), "no look-around"),
        (item("b", extension=[{"url": f"{_SD}regexp", "valueString": "a"}]), "regexp is not supported"),
        (item("b", "group"), "a group needs items"),
        (item("b", "display", required=True), "is not required"),
        (item("b", "display", extension=[_CALC]), "a group or display is not calculated"),
        (item("b", "integer", extension=[{**_CALC, "valueExpression": {"language": "text/cql"}}]), "text/fhirpath"),
        (item("b", enableWhen=_TWICE), "needs enableBehavior"),
        (item("b", enableWhen=[when("z", "exists", answerBoolean=True)]), "names z, which is not here"),
        (item("b", enableWhen=[when("b", "exists", answerBoolean=True)]), "in a circle: b → b"),
        (item("b", enableWhen=[when("d", "exists", answerBoolean=True)]), "in a circle: b → d → b"),
        (item("b", answerValueSet="https://elsewhere.example/list"), "is not inside the form"),
        (item("b", enableWhen=[when("a", "=", answerString="yes")]), "never answered like that"),
        (item("b", enableWhen=[when("a", "~", answerBoolean=True)]), "question, operator and one answer"),
        (item("b", enableWhen=[when("a", "=")]), "question, operator and one answer"),
        (item("b", enableWhen=[when("a", "=", answerDate="soon")]), "cannot be read"),
        (item("b", enableWhen="a"), "enableWhen is a list of objects"),
    ],
)
def test_the_item_and_the_reason_are_named(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigProblem) as found:
        made(item("a"), wrong, item("c"), item("d", enableWhen=[when("b", "exists", answerBoolean=True)]))
    assert found.value.file == "test.json"
    assert found.value.key == "b"
    assert reason in found.value.reason


def test_a_link_id_is_used_once() -> None:
    with pytest.raises(ConfigProblem, match="used twice"):
        made(item("a"), item("a"))


@pytest.mark.parametrize("link_id", ["", "a#1", " a", "a\nb", None, 7])
def test_a_link_id_is_plain(link_id: object) -> None:
    with pytest.raises(ConfigProblem, match="linkId"):
        made({"linkId": link_id, "type": "boolean", "text": "?"})


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"url": ""}, "url"), ({"url": "a|1"}, "url"), ({"version": 1}, "version"), ({"item": []}, "item"),
     ({"item": {}}, "item"), ({"resourceType": "Patient"}, "resourceType")],
)  # fmt: skip
def test_the_resource_itself_is_checked(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigProblem) as found:
        made(item("a"), **changes)
    assert found.value.key == key


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", '{"x": NaN}'])
def test_what_is_not_a_questionnaire_is_refused(broken: str) -> None:
    with pytest.raises(ConfigProblem):
        reading.parse(broken, "test.json")


def test_a_change_of_content_changes_the_hash_and_a_change_of_layout_does_not() -> None:
    first = reading.parse(text(item("a")), "x")
    assert reading.parse(text(item("a")).replace(", ", ",\n  "), "x").sha256 == first.sha256
    assert reading.parse(text(item("b")), "x").sha256 != first.sha256
    assert first.canonical == f"{BASE}test|1"


def test_field_names_tell_nothing() -> None:
    form = made(item("secret.topic"), item("g", "group", item=[item("g.1"), item("g.2")]))
    assert [one.field for one in form.by_id.values()] == ["i1", "i2", "i3", "i4"]
    assert form.parents["g.2"] == "g"
