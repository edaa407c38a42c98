"""How long the questionnaires take: one instrument, the whole intake, one page of it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

from benchmarks.rows import Row, Task, against_limits
from carepath import configuration
from carepath.dev import answers as demo
from carepath.dev.people import DemoPatient
from carepath.questionnaires import scoring
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Questionnaire
from carepath.screening import service as screening
from carepath.settings import ROOT, config_dir_of
from carepath.web.pages import environment

_URL = "https://carepath.example/Questionnaire/"
_ADA = DemoPatient(
    1, "Ada", "Winter", "ada@mail.example", date(1980, 5, 17), "CO", "America/Denver", "sent", 7, "Walk."
)


def rows() -> list[Row]:
    """Limits: 1 ms for the PHQ-9, 20 ms for the whole intake, 10 ms for a page."""
    loaded = configuration.load(config_dir_of({}))
    sent = {_URL + slug: given for slug, given in demo.sections(_ADA, Random(3)).items()}
    forms = [questionnaires.current(url) for url in loaded.intake.sections]
    fields = {form.url: demo.fields(form, demo.filled(form, sent[form.url])) for form in forms}
    phq = questionnaires.current(_URL + "phq-9")
    template = environment(ROOT / "templates").from_string(
        '{% import "macros/questionnaire.html" as q %}{{ q.questions(section, {}) }}'
    )
    return against_limits(
        [
            Task("phq-9", _judged([phq], fields), 1.0, "enablement, validation and total, limit"),
            Task("intake-battery", _judged(forms, fields), 20.0, "all sections read, judged and screened, limit"),
            *(
                Task(f"page-{Path(form.url).name}", _page(template.render, form, fields[form.url]), 10.0, "page, limit")
                for form in forms
            ),
        ]
    )


def _judged(forms: list[Questionnaire], fields: dict[str, dict[str, list[str]]]) -> Callable[[], object]:
    parsed = {form.url: questionnaires.parse(form, fields[form.url])[0] for form in forms}

    def one() -> object:
        form = forms[0]
        state = questionnaires.evaluate(form, parsed[form.url])
        return questionnaires.problems(form, parsed[form.url], state), scoring.score(
            form, questionnaires.instruments(), parsed[form.url], state
        )

    def all_of_them() -> object:
        answered, scores = [], {}
        for form in forms:
            given, _errors = questionnaires.parse(form, fields[form.url])
            state = questionnaires.evaluate(form, given)
            questionnaires.problems(form, given, state)
            scores |= {s.code: s.value for s in scoring.score(form, questionnaires.instruments(), given, state)}
            answered.append((form, given))
        return screening.preview("intake", screening.facts(answered, scores, 46))

    return one if len(forms) == 1 else all_of_them


def _page(render: Callable[..., str], form: Questionnaire, fields: dict[str, list[str]]) -> Callable[[], object]:
    given, _errors = questionnaires.parse(form, fields)
    return lambda: render(section=questionnaires.view(form, given, {}), _=str)
