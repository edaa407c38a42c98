"""Forms that others wrote: taken whole, taken with every loss named, or refused; and never a crash."""

import json
import os
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.random_answers import respond
from carepath.questionnaires import answers as answering
from carepath.questionnaires import calculating, checking, importing, reading, render, resource
from tests.questionnaires.browser import submitted
from tests.questionnaires.forms import CONFIG, item, option, text, when

CORPUS = os.environ.get("CAREPATH_FHIR_CORPUS", "")
FILES = sorted([*(CONFIG / "questionnaires").glob("*.json"), *(Path(CORPUS).rglob("*.json") if CORPUS else ())])
SD = "http://hl7.org/fhir/StructureDefinition/"


def take(*items: dict[str, Any], **changes: object) -> importing.Imported:
    return importing.take(text(*items, **changes))


def test_a_form_that_is_understood_is_taken_whole() -> None:
    found = take(item("a"), item("b", "integer"))
    assert (found.grade, found.warnings, found.reasons) == ("full", (), ())
    assert found.form is not None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"type": "attachment"}, "Files and references"),
        ({"type": "choice", "answerValueSet": "http://example.org/ValueSet/x"}, ""),
        (
            {"extension": [{"url": f"{SD}questionnaire-unknown-thing", "valueBoolean": True}]},
            "questionnaire-unknown-thing",
        ),
        ({"extension": [{"url": f"{SD}regex", "valueString": "(?=x)x"}], "type": "string"}, ""),
        ({"enableWhen": [when("b", "=", answerString="never")]}, "never has"),
    ],
)
def test_what_is_lost_is_named_with_its_item(more: dict[str, Any], words: str) -> None:
    found = take(item("a") | more, item("b", "integer"))
    assert found.grade == "degraded"
    assert any(one.item == "a" and words in one.words for one in found.warnings), found.warnings


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON"),
        ("[]", "Questionnaire"),
        ("{}", "Questionnaire"),
        ('{"resourceType": "Patient"}', "Questionnaire"),
        (text(), "item"),
        (text(item("a"), item("a")), "twice"),
        (text(item("a", enableWhen=[when("zz", "=", answerBoolean=True)])), "zz"),
        (text(item("a", "nonsense")), "nonsense"),
        (text(item("a", enableWhen=[when("b", "=", answerBoolean=True)]), item("b", enableWhen=[when("a", "=", answerBoolean=True)])), ""),
        ("[" * 100_000, "not JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_reason(content: str, reason: str) -> None:
    found = importing.take(content)
    assert (found.grade, found.form) == ("refused", None)
    assert found.reasons
    assert reason in found.reasons[0]


def test_markup_is_dropped() -> None:
    marked = {"url": f"{SD}rendering-xhtml", "valueString": "<img src=x onerror=alert(1)>"}
    found = take(item("a") | {"_text": {"extension": [marked]}, "text": "Pain"})
    assert found.form is not None
    assert "onerror" not in found.text
    page = render.view(found.form, {}, {})
    assert page.fields[0].label == "Pain"


def test_a_cleaned_form_is_read_strictly_and_stays_as_it_is() -> None:
    found = take(item("a", "choice", answerOption=[option("x")]), item("r", "reference"))
    assert found.grade == "degraded"
    strict = reading.parse(found.text, "cleaned.json")
    assert list(strict.by_id) == ["a"]
    again = importing.take(found.text)
    assert (again.grade, again.text) == ("full", found.text)


def test_catastrophic_patterns_take_no_time() -> None:
    slow = {"url": f"{SD}regex", "valueString": "(a+)+$"}
    form = take(item("a", "string", extension=[slow])).form
    assert form is not None
    assert "i1" in answering.parse(form, {"i1": ["a" * 200 + "!"]})[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_gradable_form_gives_every_answer_back(path: Path) -> None:
    """Set CAREPATH_FHIR_CORPUS to a folder of public forms to try those too."""
    found = importing.take(path.read_text(encoding="utf-8"))
    assert found.grade in {"full", "degraded", "refused"}
    assert bool(found.reasons) is (found.grade == "refused")
    if found.form is None:
        return
    form = found.form
    for share in (0.9, 0.4):
        answers = respond(form, Random(f"{path.name} {share}"), share)
        sent = json.loads(json.dumps(resource.to_resource(form, answers, "in-progress")))
        assert resource.read(form, sent) == (answers, [])
        asked = checking.prune(form, answers, calculating.evaluate(form, answers))
        back, errors = answering.parse(form, submitted(render.view(form, asked, {})), asked)
        assert errors == {}
        assert checking.prune(form, back) == asked


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["linkId", "type", "text", "item", "answerOption", "enableWhen", "extension", "url", "valueCoding", "initial"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON)
def test_no_json_breaks_the_reader(items: object, extension: object) -> None:
    raw = json.loads(text(item("a"))) | {"extension": extension}
    raw["item"] = items
    try:
        content = json.dumps(raw)
    except ValueError:
        return
    assert importing.take(content).grade in {"full", "degraded", "refused"}
    whole = json.loads(text(item("a")))
    whole["item"][0] |= {"answerOption": items, "extension": extension}
    assert importing.take(json.dumps(whole)).grade in {"full", "degraded", "refused"}
