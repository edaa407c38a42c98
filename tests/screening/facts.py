"""Facts for screening tests, made of the questionnaires and rules of config/."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.definition import Answers, Questionnaire, Value
from carepath.screening import catalogue, service
from carepath.screening.rules import Facts, Rule
from tests.questionnaires.forms import CONFIG, library


@cache
def known_items() -> dict[str, frozenset[str]]:
    """Every item with the codes it can have."""
    items = {link_id: item for form in library().forms.values() for link_id, item in form.by_id.items()}
    return {
        link_id: frozenset({o.code for o in item.options} | ({"yes", "no"} if item.type == "boolean" else set()))
        for link_id, item in items.items()
    }


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of config/screening.toml."""
    return catalogue.load(CONFIG, known_items(), frozenset(i.code for i in library().instruments))


def configure() -> None:
    """As the product does at its start."""
    questionnaires.configure(library())
    catalogue.configure(rules())


def facts(answers: Mapping[str, Value | list[Value]], scores: Mapping[str, int] | None = None, age: int = 40) -> Facts:
    """Facts of answers by linkId, wherever the linkIds belong."""
    configure()
    given: dict[str, dict[str, tuple[Value, ...]]] = {}
    for link_id, value in answers.items():
        url = next(url for url, form in library().forms.items() if link_id in form.by_id)
        given.setdefault(url, {})[link_id] = tuple(value) if isinstance(value, list) else (value,)
    found: list[tuple[Questionnaire, Answers]] = [(library().forms[url], answers) for url, answers in given.items()]
    return service.facts(found, {code: Decimal(v) for code, v in (scores or {}).items()}, age)
