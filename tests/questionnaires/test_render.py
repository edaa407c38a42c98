"""What a page shows, and the one template that shows it."""

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from carepath.questionnaires.definition import Answers
from carepath.questionnaires.render import Field, kind_of, view
from tests.questionnaires.forms import configured, item, library, made, option

TEMPLATES = Path(__file__).parents[2] / "templates"


def page(name: str, answers: Answers, errors: dict[str, str], typed: dict[str, list[str]] | None = None) -> str:
    """The questions of a questionnaire as HTML."""
    jinja = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    jinja.globals["_"] = lambda text: text
    source = '{% import "macros/questionnaire.html" as q %}{{ q.questions(section, errors) }}'
    section = view(configured(name), answers, errors, typed)
    return jinja.from_string(source).render(section=section, errors=errors)


def flat(fields: tuple[Field, ...]) -> list[Field]:
    return [one for field in fields for one in (field, *flat(field.children))]


def kinds(name: str) -> dict[str, str]:
    form = configured(name)
    names = {one.field: link_id for link_id, one in form.by_id.items()}
    return {names[field.name]: field.kind for field in flat(view(form, {}, {}).fields)}


def test_a_scale_is_radios_because_a_slider_has_an_answer_before_anybody_gave_one() -> None:
    field = view(configured("peg"), {"peg.q1": (0,)}, {}).fields[0]
    assert field.kind == "scale"
    assert [o.value for o in field.options] == [str(n) for n in range(11)]
    assert [o.value for o in field.options if o.checked] == ["0"]


def test_scores_are_not_shown_to_patients() -> None:
    assert "phq9.total" not in kinds("phq-9")
    assert "PHQ-9 total" not in page("phq-9", {}, {})


def test_controls_follow_the_type() -> None:
    found = kinds("medical-history") | kinds("pain-history")
    assert found["medical.heart"] == "checkbox"
    assert found["medical.reading"] == "radio"
    assert found["medical.drug-use"] == "number"
    assert found["pain.duration"] == "radio"
    assert found["pain.goal"] == "textarea"
    assert found["pain.treatments"] == "group"


def test_only_what_is_asked_is_shown() -> None:
    assert "medical.systolic" not in kinds("medical-history")
    shown = view(configured("medical-history"), {"medical.reading": (True,)}, {})
    assert configured("medical-history").by_id["medical.systolic"].field in shown.shown.split()


@pytest.mark.parametrize("name", [url.rsplit("/", 1)[1] for url in sorted(library().forms)])
def test_every_questionnaire_renders_with_a_label_for_every_field(name: str) -> None:
    html = page(name, {}, {})
    for field in flat(view(configured(name), {}, {}).fields):
        assert f'id="q-{field.name}"' in html
        if field.kind in {"radio", "checkbox", "scale"}:
            assert f'<input type="{"checkbox" if field.kind == "checkbox" else "radio"}" id="{field.name}"' in html
        elif field.kind not in {"group", "display"}:
            assert f'<label for="{field.name}">' in html
    assert "style=" not in html
    assert "<script" not in html


def test_an_error_stands_beside_its_field_with_what_was_typed() -> None:
    form = configured("medical-history")
    field = form.by_id["medical.drug-use"].field
    html = page("medical-history", {}, {field: "Enter a whole number."}, {field: ['a "few" <times>']})
    assert f'id="{field}-error"' in html
    assert f'aria-describedby="{field}-hint {field}-error" aria-invalid="true"' in html
    assert 'value="a &#34;few&#34; &lt;times&gt;"' in html


def test_words_of_a_form_are_never_markup() -> None:
    form = made(item("a", "string", text="<b>Bold</b> question"))
    jinja = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    jinja.globals["_"] = lambda text: text
    source = '{% import "macros/questionnaire.html" as q %}{{ q.questions(section, {}) }}'
    html = jinja.from_string(source).render(section=view(form, {"a": ("<i>",)}, {}))
    assert "&lt;b&gt;Bold" in html
    assert 'value="&lt;i&gt;"' in html


def test_help_and_unit_that_stand_inside_a_question_are_shown_beside_it() -> None:
    def control(code: str) -> list[dict[str, object]]:
        url = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
        return [{"url": url, "valueCodeableConcept": {"coding": [{"code": code}]}}]

    inner = [item("w.h", "display", text="Without shoes.", extension=control("help"))]
    inner += [item("w.u", "display", text="kg", extension=control("unit"))]
    (field,) = view(made(item("w", "integer", item=inner)), {}, {}).fields
    assert (field.help, field.unit, field.children) == ("Without shoes.", "kg", ())
    many = [option(f"o{n}") for n in range(12)]
    assert kind_of(made(item("c", "choice", answerOption=many)).by_id["c"]) == "select"
    radios = made(item("c", "choice", answerOption=many, extension=control("radio-button")))
    assert kind_of(radios.by_id["c"]) == "radio"
