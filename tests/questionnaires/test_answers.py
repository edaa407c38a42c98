"""Answers from a form, into a QuestionnaireResponse and back."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.questionnaires import answers as answering
from carepath.questionnaires import checking, render
from carepath.questionnaires import resource as resources
from carepath.questionnaires.definition import Answers
from tests.questionnaires.browser import submitted
from tests.questionnaires.forms import configured, item, library, made, option
from tests.questionnaires.test_enablement import filled_in

_SD = "http://hl7.org/fhir/StructureDefinition/"
_BOUNDS = [{"url": f"{_SD}minValue", "valueInteger": 0}, {"url": f"{_SD}maxValue", "valueInteger": 10}]
_NONE = {"url": f"{_SD}questionnaire-optionExclusive", "valueBoolean": True}
FORM = made(
    item("one", "choice", answerOption=[option("x"), option("y")]),
    item("many", "choice", repeats=True, answerOption=[option("x"), option("y"), option("none", **_NONE)]),
    item("yes"),
    item("whole", "integer", extension=_BOUNDS),
    item("exact", "decimal"),
    item("day", "date"),
    item("short", "string", maxLength=5),
    item("long", "text"),
    item("secret", "integer", extension=[{"url": f"{_SD}questionnaire-hidden", "valueBoolean": True}]),
)


def field(link_id: str) -> str:
    return FORM.by_id[link_id].field


@pytest.mark.parametrize(
    ("link_id", "sent", "value"),
    [
        ("one", ["1"], ("y",)),
        ("many", ["0", "1"], ("x", "y")),
        ("yes", ["false"], (False,)),
        ("whole", [" 10 "], (10,)),
        ("exact", ["36,6"], (Decimal("36.6"),)),
        ("exact", ["-0.5"], (Decimal("-0.5"),)),
        ("day", ["2024-02-29"], (date(2024, 2, 29),)),
        ("short", [" Ünal "], ("Ünal",)),
        ("long", ["one\r\ntwo"], ("one\ntwo",)),
    ],
)
def test_good_answers_are_read(link_id: str, sent: list[str], value: tuple[object, ...]) -> None:
    answers, errors = answering.parse(FORM, {field(link_id): sent})
    assert (answers, errors) == ({link_id: value}, {})


@pytest.mark.parametrize(
    ("link_id", "sent"),
    [
        ("one", ["2"]), ("one", ["-1"]), ("one", ["x"]), ("one", ["0", "1"]), ("one", ["٠"]), ("one", ["9999"]),
        ("many", ["0", "0"]), ("many", ["0", "7"]), ("yes", ["True"]), ("yes", ["1"]), ("yes", ["true", "false"]),
        ("whole", ["11"]), ("whole", ["-1"]), ("whole", ["3.5"]), ("whole", ["1e1"]), ("whole", ["9" * 400]),
        ("whole", ["٣"]), ("exact", ["NaN"]), ("exact", ["Infinity"]), ("exact", ["1_0"]), ("day", ["2026-02-29"]),
        ("day", ["02/03/2026"]), ("day", ["2026-1-1"]), ("day", ["20260101"]), ("short", ["sixsix"]),
        ("short", ["a\x00b"]), ("long", ["a\x1b[2J"]), ("long", ["\ud800"]), ("long", ["x" * 2001]),
    ],
)  # fmt: skip
def test_bad_answers_are_named_and_not_taken(link_id: str, sent: list[str]) -> None:
    answers, errors = answering.parse(FORM, {field(link_id): sent})
    assert answers == {}
    assert list(errors) == [field(link_id)]
    assert errors[field(link_id)].endswith(".")


def test_good_answers_are_kept_beside_bad_ones() -> None:
    answers, errors = answering.parse(FORM, {field("whole"): ["7"], field("day"): ["soon"]})
    assert answers == {"whole": (7,)}
    assert list(errors) == [field("day")]


def test_blanks_are_no_answer() -> None:
    assert answering.parse(FORM, {field("short"): ["  "], field("one"): [""]}) == ({}, {})


def test_nobody_answers_a_hidden_item_or_a_score() -> None:
    assert answering.parse(FORM, {field("secret"): ["3"]}) == ({}, {})
    phq = configured("phq-9")
    assert answering.parse(phq, {phq.by_id["phq9.total"].field: ["0"]}) == ({}, {})


def test_what_the_page_did_not_show_keeps_its_answer() -> None:
    before: Answers = {"whole": (3,), "yes": (True,)}
    fields = {answering.SHOWN: [field("yes")]}
    assert answering.parse(FORM, fields, before)[0] == {"whole": (3,)}


def test_none_of_these_stands_alone_but_what_stands_beside_it_is_still_seen() -> None:
    answers, errors = answering.parse(FORM, {field("many"): ["0", "2"]})
    assert (answers, errors) == ({"many": ("x", "none")}, {})
    assert field("many") in checking.problems(FORM, answers)
    assert checking.problems(FORM, {"many": ("none",)}) == {}
    assert checking.problems(FORM, {"many": ("x", "y")}) == {}


def test_newly_asked_questions_are_known_by_what_the_page_showed() -> None:
    form = configured("medical-history")
    reading, systolic = form.by_id["medical.reading"].field, form.by_id["medical.systolic"].field
    assert systolic in checking.unasked(form, {"medical.reading": (True,)}, {answering.SHOWN: [reading]})
    assert systolic not in checking.unasked(
        form, {"medical.reading": (True,)}, {answering.SHOWN: [f"{reading} {systolic}"]}
    )
    assert checking.unasked(form, {"medical.reading": (True,)}, {}) == []


@given(filled_in())
def test_a_form_and_a_resource_give_every_answer_back(filled: tuple[str, Answers]) -> None:
    form, answers = library().forms[filled[0]], filled[1]
    asked = checking.prune(form, answers)
    assert answering.parse(form, submitted(render.view(form, asked, {})), asked) == (asked, {})
    resource = json.loads(json.dumps(resources.to_resource(form, answers, "in-progress")))
    assert resources.from_resource(form, resource) == answers
    assert resource["questionnaire"] == form.canonical


@given(
    st.dictionaries(
        st.sampled_from([f"i{n}" for n in range(12)] + ["x", "shown"]), st.lists(st.text(max_size=12), max_size=3)
    )
)
def test_no_form_can_break_the_reader(fields: dict[str, list[str]]) -> None:
    answers, errors = answering.parse(FORM, fields)
    assert not {FORM.by_id[link_id].field for link_id in answers} & set(errors)
    checking.problems(FORM, answers)
    json.dumps(resources.to_resource(FORM, answers, "in-progress"))


def test_weights_are_copied_into_the_answer() -> None:
    phq = configured("phq-9")
    resource: dict[str, Any] = resources.to_resource(phq, {"phq9.q1": ("LA6571-9",)}, "completed")
    coding = resource["item"][0]["answer"][0]["valueCoding"]
    assert coding["code"] == "LA6571-9"
    assert coding["extension"][0]["valueDecimal"] == 3


def test_answers_in_words() -> None:
    form = configured("medical-history")
    assert checking.words(form.by_id["medical.systolic"], (120,)) == "120 mmHg"
    assert checking.words(form.by_id["medical.reading"], (True,)) == "Yes"
    assert checking.words(form.by_id["medical.brain"], ("glaucoma", "seizures")).startswith("Glaucoma")
    assert checking.words(form.by_id["medical.systolic"], ()) == "not answered"
