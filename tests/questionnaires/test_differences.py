"""Where another implementation (LHC-Forms) answers otherwise on public forms, and why ours is kept.

`benchmarks/differential.py` compares the two on random answers; each difference it may find has its case here.
"""

from benchmarks.differential import EXPLAINED
from carepath.questionnaires import calculating
from tests.questionnaires.forms import item, made, option, when
from tests.questionnaires.test_calculating import SD, SDC, calc, var

LOINC = "http://loinc.org"


def coded(code: str, system: str = "", **extension: object) -> dict[str, object]:
    found: dict[str, object] = {
        "valueCoding": {"code": code, "display": code.title(), **({"system": system} if system else {})}
    }
    return found | ({"extension": [extension]} if extension else {})


def test_ours_right_a_display_may_look_at_itself() -> None:
    """behavior_context_variables.json: the other one has no item for a display, so that it never appears."""
    switch = {
        "url": f"{SDC}sdc-questionnaire-enableWhenExpression",
        "valueExpression": {
            "language": "text/fhirpath",
            "expression": "%resource.descendants().where(linkId='1').answer.value.display.lower() = %context.linkId",
        },
    }
    form = made(
        item("1", "choice", answerOption=[option("yes"), option("no")]), item("no", "display", extension=[switch])
    )
    assert "no" in calculating.evaluate(form, {"1": ("no",)}).asked
    assert "no" not in calculating.evaluate(form, {"1": ("yes",)}).asked


def test_ours_right_a_coding_without_a_system_means_the_code_wherever_it_is_from() -> None:
    """ussg-fhp.json: the author asks the cause of death of a relative who is not living. The other one never asks it,
    because the answer has a system and the condition names none; a question lost is worse than one too many."""
    form = made(
        item("living", "choice", answerOption=[coded("LA32-8", LOINC), coded("LA33-6", LOINC)]),
        item("cause", "string", enableWhen=[when("living", "=", answerCoding={"code": "LA32-8"})]),
    )
    assert "cause" in calculating.evaluate(form, {"living": ("LA32-8",)}).asked
    assert "cause" not in calculating.evaluate(form, {"living": ("LA33-6",)}).asked


def test_a_system_that_is_named_must_be_the_same() -> None:
    form = made(
        item("a", "choice", answerOption=[coded("x", "http://one.example")]),
        item("b", enableWhen=[when("a", "=", answerCoding={"code": "x", "system": "http://one.example"})]),
    )
    assert "b" in calculating.evaluate(form, {"a": ("x",)}).asked


def test_ours_right_weights_can_be_read_from_the_questionnaire_itself() -> None:
    """apgar-with-itemWeight-variable.json: the other one has renamed the extension by the time the expression looks."""
    weight = {"url": f"{SD}itemWeight", "valueDecimal": 2}
    points = (
        "%questionnaire.item.where(linkId = 'q').answerOption.where(valueCoding.code = %resource.item.where(linkId = 'q')"
        f".answer.valueCoding.code).extension.where(url = '{SD}itemWeight').valueDecimal"
    )
    form = made(
        item("q", "choice", answerOption=[coded("x", LOINC, **weight)]),
        calc("total", "iif(%p.exists(), %p, {})", extension=[var("p", points)]),
    )
    assert calculating.evaluate(form, {"q": ("x",)}).calculated == {"total": (2,)}
    assert calculating.evaluate(form, {}).calculated == {}


def test_ours_right_codings_of_a_contained_list_can_be_calculated() -> None:
    """questionnaire-calculatedExpression.json: the other one leaves such a choice empty."""
    colors = {
        "resourceType": "ValueSet", "id": "colors", "status": "active",
        "expansion": {"timestamp": "2026-01-01", "contains": [{"code": "b", "display": "Blue"}, {"code": "g", "display": "Green"}]},
    }  # fmt: skip
    choice = calc(
        "c", "%questionnaire.contained[0].expansion.contains", "choice", repeats=True, answerValueSet="#colors"
    )
    assert calculating.evaluate(made(choice, contained=[colors]), {}).calculated == {"c": ("b", "g")}


def test_every_explanation_says_who_is_right() -> None:
    assert all(why.partition(":")[0] in {"ours", "oracle", "no oracle"} for why in EXPLAINED.values())
    assert len({name for name, _item in EXPLAINED}) == 4
